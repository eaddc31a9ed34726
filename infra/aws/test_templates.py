"""The two templates: their settings, names and the traps of AWS. `make test` runs it."""

import json
import re
import unittest
from typing import Any

from document import PROJECT
from names import AGGREGATOR, PROBE, report_bucket
from refusal import Refusal
from template_support import ARTICLE, TARGET, VARIANTS, Template, every_template, finished, settings, strings, target
from templates import filled, regional
from wishes import MOST_LINK_HOURS

VARIABLES = PROJECT / "shared/model/src/config/environment.rs"
# Of the variables that belong to no function alone: for local use, or set by Lambda.
NOT_DEPLOYED = {
    *("XS2A_API_BASE_URL", "XS2A_AUTH_BASE_URL", "KOSMA_AUTH_TOKEN", "XS2A_EXTRA_CA_FILE"),
    *("AWS_REGION", "AWS_ENDPOINT_URL", "REPORT_FOLDER"),
}
# Set for the target that names no parameter of its own.
SOMETIMES = {"KOSMA_AUTH_TOKEN_PARAMETER"}
OF_BOTH = {"MONITOR_CONFIG", "REPORT_BUCKET"}


def only(template: Template, kind: str) -> dict[str, Any]:
    (found,) = template.of_type(kind).values()
    return found


def variables(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = only(template, "AWS::Lambda::Function")["Environment"]["Variables"]
    return found


class Traps(unittest.TestCase):
    """What AWS takes without a word, and what then goes wrong."""

    def test_no_key_shuts_out_the_services_that_send(self) -> None:
        for label, template in every_template():
            for text in strings(template.resources):
                self.assertNotRegex(text, r"alias/aws/s[nq]s", label)
            for kind in ("AWS::SNS::Topic", "AWS::SQS::Queue"):
                for properties in template.of_type(kind).values():
                    self.assertFalse({"KmsMasterKeyId"} & {*properties}, label)

    def test_names_of_iam_count_for_all_regions_so_there_are_none(self) -> None:
        for label, template in every_template():
            for name, resource in template.resources.items():
                if resource["Type"].startswith("AWS::IAM::"):
                    named = {"RoleName", "PolicyName", "ManagedPolicyName", "GroupName", "UserName"}
                    self.assertFalse(named & {*resource["Properties"]}, f"{label}: {name}")

    def test_no_function_makes_log_groups_that_never_expire(self) -> None:
        for label, template in every_template():
            self.assertFalse({"logs:CreateLogGroup", "logs:*"} & {*strings(template.resources)}, label)
            groups = template.of_type("AWS::Logs::LogGroup").values()
            self.assertEqual(
                {str(group["RetentionInDays"]) for group in groups}, {"{'Ref': 'LogRetentionDays'}"}, label
            )
            names = {group["LogGroupName"] for group in groups}
            for function in template.of_type("AWS::Lambda::Function").values():
                self.assertEqual(function["LoggingConfig"]["LogFormat"], "JSON", label)
                self.assertIn(function["LoggingConfig"]["LogGroup"], names, label)
                self.assertEqual(
                    function["LoggingConfig"]["LogGroup"], f"/aws/lambda/{function['FunctionName']}", label
                )

    def test_no_concurrency_is_kept_unless_it_is_asked_for(self) -> None:
        kept = {"Fn::If": ["HasReservedConcurrency", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]}
        for label, template in every_template():
            self.assertEqual(template.parameters["ReservedConcurrency"]["Default"], "", label)
            for function in template.of_type("AWS::Lambda::Function").values():
                self.assertEqual(function["ReservedConcurrentExecutions"], kept, label)
        for template in finished(ARTICLE, reserved_concurrency=5):
            self.assertEqual(template.parameters["ReservedConcurrency"]["Default"], "5")

    def test_a_late_or_repeated_run_is_none(self) -> None:
        for template in [*finished(ARTICLE)][1:]:
            invokes = only(template, "AWS::Lambda::EventInvokeConfig")
            self.assertEqual((invokes["MaximumRetryAttempts"], invokes["MaximumEventAgeInSeconds"]), (0, 60))
            self.assertLess(only(template, "AWS::Lambda::Function")["Timeout"], 60)

    def test_the_aggregator_loses_nothing(self) -> None:
        home, *_ = finished(ARTICLE)
        invokes = only(home, "AWS::Lambda::EventInvokeConfig")
        self.assertEqual((invokes["MaximumRetryAttempts"], invokes["MaximumEventAgeInSeconds"]), (2, 21600))
        queue = {"Fn::GetAtt": ["FailureQueue", "Arn"]}
        self.assertEqual(invokes["DestinationConfig"], {"OnFailure": {"Destination": queue}})

    def test_a_schedule_never_tries_again_and_starts_switched_off(self) -> None:
        for label, template in every_template():
            schedule = only(template, "AWS::Scheduler::Schedule")
            retries = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
            self.assertEqual(schedule["Target"]["RetryPolicy"], retries, label)
            self.assertEqual(schedule["FlexibleTimeWindow"], {"Mode": "OFF"}, label)
            self.assertEqual(schedule["State"], {"Ref": "ScheduleState"}, label)
            self.assertEqual(template.parameters["ScheduleState"]["Default"], "DISABLED", label)

    def test_nothing_outlives_its_stack(self) -> None:
        for label, template in every_template():
            for name, resource in template.resources.items():
                kept = {resource.get("DeletionPolicy", "Delete"), resource.get("UpdateReplacePolicy", "Delete")}
                self.assertEqual(kept, {"Delete"}, f"{label}: {name}")


class Results(unittest.TestCase):
    """The way from a probe to the aggregator."""

    def test_the_dead_letters_wait_in_the_topics_own_region(self) -> None:
        for label, template in every_template():
            if template.name == "home":
                continue
            subscription = template.resources["ResultSubscription"]["Properties"]
            self.assertEqual(
                subscription["RedrivePolicy"], {"deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}
            )
            (statement,) = template.resources["DeadLettersPolicy"]["Properties"]["PolicyDocument"]["Statement"]
            self.assertEqual(statement["Principal"], {"Service": "sns.amazonaws.com"}, label)
            self.assertEqual(statement["Condition"], {"ArnEquals": {"aws:SourceArn": {"Ref": "RunResults"}}}, label)

    def test_every_region_subscribes_the_one_aggregator(self) -> None:
        for deployment in VARIANTS.values():
            for template in [*finished(deployment)][1:]:
                endpoint = template.resources["ResultSubscription"]["Properties"]["Endpoint"]["Fn::Sub"]
                self.assertTrue(endpoint.endswith(f":function:{AGGREGATOR}"))
                self.assertIn(f":lambda:{deployment['home_region']}:", endpoint)

    def test_each_region_runs_at_its_minutes(self) -> None:
        for name, deployment in VARIANTS.items():
            for template in [*finished(deployment)][1:]:
                expression = only(template, "AWS::Scheduler::Schedule")["ScheduleExpression"]
                self.assertEqual(expression, deployment["schedule"][template.region], name)


class Functions(unittest.TestCase):
    def test_each_gets_the_variables_that_it_reads(self) -> None:
        text = VARIABLES.read_text(encoding="utf-8")
        names = dict(re.findall(r'const ([A-Z_]+): &str = "(\w+)";', text))
        purposes = {names[name]: of for name, of in re.findall(r'name: ([A-Z_]+), purpose: "([^"]+)"', text)}
        belongs = {
            owner: {name for name, of in purposes.items() if of.startswith(f"the {owner}'s:")}
            for owner in ("probe", "aggregator")
        }
        common = {*purposes} - belongs["probe"] - belongs["aggregator"] - NOT_DEPLOYED - SOMETIMES
        self.assertEqual(common, OF_BOTH, "a variable that this test does not know")
        for label, template in every_template():
            function = only(template, "AWS::Lambda::Function")
            owner = function["FunctionName"].removeprefix("xs2a-monitor-")
            given = {*variables(template)}
            self.assertEqual(given - SOMETIMES, belongs[owner] | common, label)

    def test_the_aggregator_believes_the_topics_of_all_regions(self) -> None:
        for deployment in VARIANTS.values():
            home, *_ = finished(deployment)
            arns = variables(home)["RUN_RESULT_TOPIC_ARNS"]["Fn::Sub"]
            regions = [arn.split(":")[5] for arn in arns.replace("${AWS::Partition}", "a:b").split(",")]
            self.assertEqual(
                [arn.split(":sns:")[1].split(":")[0] for arn in arns.split(",")], deployment["regions"], regions
            )

    def test_a_target_alone_needs_no_parameter_of_its_own(self) -> None:
        for template in [*finished(ARTICLE)][1:]:
            self.assertEqual(variables(template)["KOSMA_AUTH_TOKEN_PARAMETER"], "/xs2a-monitor/klarna-playground/token")
        _, template, *_ = finished(VARIANTS["two targets"])
        self.assertNotIn("KOSMA_AUTH_TOKEN_PARAMETER", variables(template))

    def test_of_several_targets_each_needs_its_own(self) -> None:
        # The variable would beat the other target's parameter.
        deployment = ARTICLE | {"targets": [TARGET, target("second")]}
        with self.assertRaisesRegex(Refusal, "klarna-playground has no token_parameter"):
            regional(deployment, "us-east-1", settings(deployment))

    def test_they_are_built_and_sized_by_parameters(self) -> None:
        for template in finished(ARTICLE, architecture="arm64", memory=256, log_retention_days=90):
            function = only(template, "AWS::Lambda::Function")
            self.assertEqual((function["Runtime"], function["Handler"]), ("provided.al2023", "bootstrap"))
            self.assertEqual(function["Architectures"], [{"Ref": "Architecture"}])
            self.assertEqual(function["MemorySize"], {"Ref": "MemorySize"})
            defaults = {name: parameter["Default"] for name, parameter in template.parameters.items()}
            self.assertEqual((defaults["Architecture"], defaults["MemorySize"]), ("arm64", 256))
            self.assertEqual(defaults["LogRetentionDays"], 90)
            key = "p.zip" if function["FunctionName"] == PROBE else "a.zip"
            self.assertEqual(function["Code"], {"S3Bucket": f"bucket-{template.region}", "S3Key": key})


class People(unittest.TestCase):
    """Whom SNS tells."""

    def test_each_channel_of_sns_is_a_subscription_with_its_filter(self) -> None:
        deployment = VARIANTS["all channels"]
        home, *_ = finished(deployment)
        told = [
            each
            for each in home.of_type("AWS::SNS::Subscription").values()
            if each["TopicArn"] == {"Ref": "AlertTopic"}
        ]
        expected = [channel for channel in deployment["channels"] if channel["protocol"]]
        self.assertEqual(
            [(each["Protocol"], each["Endpoint"], each["FilterPolicy"]) for each in told],
            [(channel["protocol"], channel["endpoint"], channel["filter_policy"]) for channel in expected],
        )

    def test_alarms_about_the_monitor_reach_people_in_every_region(self) -> None:
        for template in finished(VARIANTS["all channels"]):
            told = [
                (resource["Properties"]["Protocol"], resource.get("Condition"))
                for resource in template.resources.values()
                if resource["Type"] == "AWS::SNS::Subscription"
                and resource["Properties"]["TopicArn"] == {"Ref": "OpsTopic"}
            ]
            condition = None if template.name == "home" else "HasOpsTopic"
            self.assertEqual(
                {*told},
                {("email", condition), ("sms", condition), ("email", "HasOpsEmail")},
                template.region,
            )

    def test_one_ops_topic_stands_in_the_home_region(self) -> None:
        for template in [*finished(ARTICLE)][1:]:
            conditions = template.whole["Conditions"]
            self.assertEqual(conditions["IsHome"], {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]})
            self.assertEqual(conditions["HasOpsTopic"], {"Fn::Not": [{"Condition": "IsHome"}]})
            self.assertEqual(conditions["IsWatchRegion"], {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-2"]})
            self.assertEqual(template.resources["OpsTopic"]["Condition"], "HasOpsTopic")


class Reports(unittest.TestCase):
    """What the functions write into S3, and how it is reached."""

    def test_the_bucket_is_private_and_forgets(self) -> None:
        for template in [*finished(ARTICLE)][1:]:
            bucket = only(template, "AWS::S3::Bucket")
            self.assertEqual({*bucket["PublicAccessBlockConfiguration"].values()}, {True})
            rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
            self.assertEqual(
                (rules["old-reports"]["Prefix"], rules["old-reports"]["ExpirationInDays"]), ("reports/", 30)
            )
            self.assertEqual({rule["Status"] for rule in rules.values()}, {"Enabled"})
            # latest/ and overview/ are overwritten and stay.
            self.assertEqual([name for name, rule in rules.items() if "ExpirationInDays" in rule], ["old-reports"])

    def test_both_functions_write_into_the_bucket_of_their_region(self) -> None:
        home, *regional = finished(ARTICLE)
        (name,) = {only(template, "AWS::S3::Bucket")["BucketName"]["Fn::Sub"] for template in regional}
        self.assertEqual(variables(home)["REPORT_BUCKET"], {"Fn::Sub": name})
        for template in regional:
            self.assertEqual(variables(template)["REPORT_BUCKET"], {"Ref": "Reports"})
        self.assertEqual(name.replace("${AWS::AccountId}", "1").replace("${AWS::Region}", "r"), report_bucket("1", "r"))

    def test_links_are_signed_only_when_it_is_wished(self) -> None:
        variable = {"Fn::If": ["HasReportLinks", {"Ref": "ReportLinkHours"}, {"Ref": "AWS::NoValue"}]}
        longest = re.findall(r"const LONGEST_LINK: u8 = (\d+);", VARIABLES.read_text(encoding="utf-8"))
        self.assertEqual(longest, [str(MOST_LINK_HOURS)], "what the aggregator takes")
        for wished in (0, 4):
            home, *regional = finished(ARTICLE, report_link_hours=wished)
            parameter = home.parameters["ReportLinkHours"]
            self.assertEqual(parameter["Default"], str(wished))
            self.assertEqual(parameter["AllowedValues"], [str(hours) for hours in range(MOST_LINK_HOURS + 1)])
            self.assertIn("asks for a login", parameter["Description"])
            self.assertEqual(variables(home)["REPORT_LINK_HOURS"], variable)
            off = {"Fn::Equals": [{"Ref": "ReportLinkHours"}, "0"]}
            self.assertEqual(home.whole["Conditions"]["HasReportLinks"], {"Fn::Not": [off]})
            self.assertFalse([each for each in regional if "REPORT_LINK_HOURS" in variables(each)])


class Filling(unittest.TestCase):
    def test_a_value_stays_one_value_whatever_it_holds(self) -> None:
        hostile = "a: [b] # <<c>>\n'\"{}"
        self.assertEqual(filled("k: <<v>>", {"v": hostile}), "k: " + json.dumps(hostile) + "\n")

    def test_nothing_is_left_to_fill(self) -> None:
        for label, template in every_template():
            self.assertNotRegex(template.text.split("AWSTemplateFormatVersion")[1], r"<<[a-z_]+>>", label)

    def test_a_value_that_is_not_given_is_named(self) -> None:
        with self.assertRaisesRegex(KeyError, "absent"):
            filled("k: <<absent>>", {})


if __name__ == "__main__":
    unittest.main()
