"""Who may do what: every policy statement of the templates. `make test` runs it."""

import re
import unittest
from collections.abc import Iterator
from typing import Any, NamedTuple

from document import PROJECT
from template_support import ACCOUNT, ARTICLE, VARIANTS, Template, as_list, every_template, finished, strings

PROJECT_PERMISSIONS = "shared/aws/src/operation.rs"
# What stars may stand where: (resource, statement, the part of the statement): why.
STARS = {
    ("AggregatorRole", "Metrics", "Resource"): "PutMetricData knows no resources; the namespace is its bound",
    ("ProbeRole", "Metrics", "Resource"): "PutMetricData knows no resources; the namespace is its bound",
    ("AggregatorRole", "Logs", "Resource"): "the streams of its own log group, which Lambda names",
    ("ProbeRole", "Logs", "Resource"): "the streams of its own log group, which Lambda names",
    ("AggregatorRole", "DecryptParameters", "Resource"): "the account's key of SSM; the conditions name its alias",
    ("ProbeRole", "DecryptParameters", "Resource"): "the account's key of SSM; the conditions name its alias",
    ("AggregatorRole", "Calls", "Resource"): "a number's id cannot be told from the number",
    ("ProbeRole", "Reports", "Resource"): "a report's key holds its target and minute",
    ("ProbeRole", "LastGoodRun", "Resource"): "the key holds the target",
    ("AggregatorRole", "ReportLinks", "Resource"): "a report's key holds its target and minute",
    ("AlertTopicPolicy", "NobodyElsePublishes", "Principal"): "a Deny is for everybody",
    ("RunResultsPolicy", "NobodyElsePublishes", "Principal"): "a Deny is for everybody",
    ("ReportsPolicy", "OnlyOverTls", "Principal"): "a Deny is for everybody",
    ("ReportsPolicy", "OnlyOverTls", "Action"): "a Deny is for all that S3 has",
    ("ReportsPolicy", "OnlyOverTls", "Resource"): "a Deny is for every object of the bucket",
}
DENIED_ONLY = {"AlertTopicPolicy", "RunResultsPolicy", "ReportsPolicy"}
# What they need beside the calls that the code makes: Lambda makes these in their name.
OF_LAMBDA = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
# The code's advice for a topic with a key of its own, which ours have not.
NOT_NEEDED = {"kms:GenerateDataKey"}


class Statement(NamedTuple):
    resource: str
    sid: str
    body: dict[str, Any]


def statements(template: Template) -> Iterator[Statement]:
    for name, resource in template.resources.items():
        properties = resource.get("Properties", {})
        documents = [properties.get("PolicyDocument"), properties.get("AssumeRolePolicyDocument")]
        documents += [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        for document in filter(None, documents):
            for body in document["Statement"]:
                yield Statement(name, body.get("Sid", ""), body)


def actions(template: Template, role: str) -> set[str]:
    found = [each.body for each in statements(template) if each.resource == role and "Resource" in each.body]
    return {action for body in found for action in as_list(body["Action"])}


class Policies(unittest.TestCase):
    def test_a_star_stands_only_where_there_is_a_reason(self) -> None:
        met = set()
        for label, template in every_template():
            for resource, sid, body in statements(template):
                for part in ("Action", "Resource", "Principal", "NotAction", "NotResource", "NotPrincipal"):
                    self.assertFalse(part.startswith("Not") and part in body, f"{label}: {resource} {sid}")
                    if any("*" in text for text in strings(body.get(part, []))):
                        self.assertIn((resource, sid, part), STARS, label)
                        met.add((resource, sid, part))
                        if resource in DENIED_ONLY:
                            self.assertEqual(body["Effect"], "Deny", label)
        self.assertEqual(met, set(STARS), "a reason for a star that no longer stands there")

    def test_what_a_star_opens_a_condition_closes(self) -> None:
        for label, template in every_template():
            for _, sid, body in statements(template):
                if sid == "Metrics":
                    self.assertEqual(
                        body["Condition"], {"StringEquals": {"cloudwatch:namespace": "XS2AMonitor"}}, label
                    )
                if sid == "DecryptParameters":
                    via = body["Condition"]["StringEquals"]["kms:ViaService"]
                    self.assertEqual(via, {"Fn::Sub": f"ssm.{template.region}.${{AWS::URLSuffix}}"}, label)
                    alias = body["Condition"]["ForAnyValue:StringEquals"]
                    self.assertEqual(alias, {"kms:ResourceAliases": "alias/aws/ssm"}, label)

    def test_a_service_acts_only_for_this_account(self) -> None:
        for label, template in every_template():
            for resource, sid, body in statements(template):
                service = body.get("Principal", {}).get("Service") if isinstance(body.get("Principal"), dict) else None
                # Lambda assumes a role only for a function whose maker may pass it on.
                if service and service != "lambda.amazonaws.com":
                    self.assertTrue(
                        {"aws:SourceAccount", "aws:SourceArn"} & set(strings(body["Condition"])),
                        f"{label}: {resource} {sid}",
                    )

    def test_the_functions_may_do_what_the_code_does_and_nothing_else(self) -> None:
        home, region, *_ = finished(VARIANTS["all channels"])
        allowed = actions(home, "AggregatorRole") | actions(region, "ProbeRole")
        self.assertEqual(allowed - OF_LAMBDA, called() - NOT_NEEDED)
        self.assertLessEqual(
            actions(region, "ProbeRole") - OF_LAMBDA,
            {
                "cloudwatch:PutMetricData",
                "sns:Publish",
                "ssm:GetParameter",
                "kms:Decrypt",
                "s3:PutObject",
                "s3:GetObject",
            },
        )

    def test_without_a_channel_that_needs_it_nothing_is_granted_for_it(self) -> None:
        home, *_ = finished(ARTICLE)
        self.assertFalse(
            actions(home, "AggregatorRole") & {"ssm:GetParameter", "kms:Decrypt", "sms-voice:SendVoiceMessage"}
        )

    def test_a_role_may_use_its_own_things_only(self) -> None:
        home, region, *_ = finished(VARIANTS["all channels"])
        for role, template, sid, own in [
            ("AggregatorRole", home, "State", {"Fn::GetAtt": ["Table", "Arn"]}),
            ("AggregatorRole", home, "Alerts", {"Ref": "AlertTopic"}),
            ("AggregatorRole", home, "Failures", {"Fn::GetAtt": ["FailureQueue", "Arn"]}),
            ("ProbeRole", region, "Results", {"Ref": "RunResults"}),
            ("ScheduleRole", home, "", {"Fn::GetAtt": ["Aggregator", "Arn"]}),
            ("ScheduleRole", region, "", {"Fn::GetAtt": ["Probe", "Arn"]}),
        ]:
            bodies = [body for name, each, body in statements(template) if (name, each) == (role, sid)]
            self.assertIn(own, [body.get("Resource") for body in bodies], f"{role} {sid}")

    def test_the_parameters_are_those_of_the_configuration(self) -> None:
        home, *_ = finished(VARIANTS["all channels"])
        self.assertEqual(
            parameters(home),
            {
                f"us-east-1:{ACCOUNT}:parameter/xs2a-monitor/channels/{kind}"
                for kind in ("slack", "teams", "pagerduty", "opsgenie", "webhook")
            },
        )
        _, *regional = finished(VARIANTS["two targets"])
        for template in regional:
            arn = f"{template.region}:{ACCOUNT}:parameter/"
            self.assertEqual(
                parameters(template), {arn + name for name in ("banks/first/token", "banks/second/token", "plain-name")}
            )

    def test_a_call_is_made_from_the_number_that_is_known(self) -> None:
        for origin, resource in [
            ("arn:aws:sms-voice:us-east-1:1:pool/pool-1", "arn:aws:sms-voice:us-east-1:1:pool/pool-1"),
            ("pool-1", "arn:${AWS::Partition}:sms-voice:us-east-1:${AWS::AccountId}:pool/pool-1"),
            ("phone-1", "arn:${AWS::Partition}:sms-voice:us-east-1:${AWS::AccountId}:phone-number/phone-1"),
            ("+312", "arn:${AWS::Partition}:sms-voice:us-east-1:${AWS::AccountId}:phone-number/*"),
        ]:
            phone = VARIANTS["all channels"]["channels"][3] | {"phone": {"number": "+311", "origination": origin}}
            home, *_ = finished(ARTICLE | {"channels": [phone]})
            (calls,) = [each.body for each in statements(home) if each.sid == "Calls"]
            self.assertIn(resource, [*strings(calls["Resource"])], origin)


class ReportBucket(unittest.TestCase):
    """Nobody lists it, nobody deletes from it, and what one function wrote the other cannot change."""

    def test_the_probe_writes_below_two_prefixes_and_reads_below_one(self) -> None:
        for _, template in every_template():
            if template.name == "regional":
                reports, latest = ({"Fn::Sub": f"${{Reports.Arn}}/{prefix}/*"} for prefix in ("reports", "latest"))
                granted = {"s3:PutObject": [reports, latest], "s3:GetObject": [latest]}
                self.assertEqual(of_s3(template, "ProbeRole"), granted)

    def test_the_aggregator_writes_the_overview_and_reads_reports_only_to_sign_links(self) -> None:
        for name, deployment in VARIANTS.items():
            for hours in (0, 4):
                home, *regional = finished(deployment, report_link_hours=hours)
                buckets = {each.region: bucket_of(each) for each in regional}
                arns = {region: f"arn:${{AWS::Partition}}:s3:::{bucket}" for region, bucket in buckets.items()}
                overview = arns[home.region].replace(home.region, "${AWS::Region}") + "/overview/index.html"
                granted = {"s3:PutObject": [{"Fn::Sub": overview}]}
                if hours:
                    granted["s3:GetObject"] = [{"Fn::Sub": f"{arn}/reports/*"} for arn in arns.values()]
                self.assertEqual(of_s3(home, "AggregatorRole"), granted, name)


class RunResultTopic(unittest.TestCase):
    def test_it_takes_messages_from_the_probe_and_the_missing_runs_alarm_alone(self) -> None:
        for template in [*finished(ARTICLE)][1:]:
            allowed, alarm, denied = (each.body for each in statements(template) if each.resource == "RunResultsPolicy")
            role = {"Fn::GetAtt": ["ProbeRole", "Arn"]}
            self.assertEqual((allowed["Effect"], allowed["Principal"]), ("Allow", {"AWS": role}))
            self.assertEqual(alarm["Principal"], {"Service": "cloudwatch.amazonaws.com"})
            self.assertTrue(
                alarm["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"].endswith(":alarm:xs2a-monitor-missing-runs")
            )
            self.assertEqual((denied["Effect"], denied["Principal"], denied["Action"]), ("Deny", "*", "sns:Publish"))
            self.assertEqual(
                denied["Condition"],
                {"ArnNotEquals": {"aws:PrincipalArn": role}, "Bool": {"aws:PrincipalIsAWSService": "false"}},
            )

    def test_each_has_one_permission_of_its_own_to_call_the_aggregator(self) -> None:
        for name, deployment in VARIANTS.items():
            home, *_ = finished(deployment)
            permissions = home.of_type("AWS::Lambda::Permission").values()
            arns = [
                f"arn:${{AWS::Partition}}:sns:{region}:${{AWS::AccountId}}:xs2a-monitor-run-results"
                for region in deployment["regions"]
            ]
            self.assertEqual([each["SourceArn"]["Fn::Sub"] for each in permissions], arns, name)
            self.assertEqual({each["Principal"] for each in permissions}, {"sns.amazonaws.com"}, name)


def parameters(template: Template) -> set[str]:
    bodies = [each.body for each in statements(template) if each.sid == "Parameters"]
    texts = [text for body in bodies for text in strings(body["Resource"]) if text != "Fn::Sub"]
    return {text.removeprefix("arn:${AWS::Partition}:ssm:").replace("${AWS::AccountId}", ACCOUNT) for text in texts}


def of_s3(template: Template, role: str) -> dict[str, list[Any]]:
    """The objects, by the action that is allowed on them."""
    allowed: dict[str, list[Any]] = {}
    for each in statements(template):
        if each.resource == role and any("s3:" in text for text in strings(each.body)):
            for action in as_list(each.body["Action"]):
                allowed.setdefault(action, []).extend(as_list(each.body["Resource"]))
    return allowed


def bucket_of(template: Template) -> str:
    """The name of a region's report bucket, with the account's left open."""
    (bucket,) = template.of_type("AWS::S3::Bucket").values()
    return str(bucket["BucketName"]["Fn::Sub"]).replace("${AWS::Region}", template.region)


def called() -> set[str]:
    """The permissions that the code itself says its calls need."""
    text = (PROJECT / PROJECT_PERMISSIONS).read_text(encoding="utf-8")
    body = text[text.index("const fn permission") : text.index("/// What to do about the codes")]
    return set(re.findall(r"\b[a-z0-9-]+:[A-Z][A-Za-z]+\b(?!:)", body))


if __name__ == "__main__":
    unittest.main()
