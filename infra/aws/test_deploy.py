"""What one deployment makes in the three regions of the local AWS. `make test` runs it.

The local AWS makes no alarms, schedules, subscriptions and policies of topics, queues and buckets: those are checked
on the templates.
"""

import io
import unittest
import zipfile
from typing import ClassVar

from deploy_support import ACCOUNT, ARTICLE, HOME, OVERVIEW, REGIONS, SECRET, TOKEN, DeployTest, Ended
from names import AGGREGATOR, PROBE, REGIONAL_STACK, TABLE
from template_support import finished

SKIPPED = {
    "AWS::CloudWatch::Alarm",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
}


class Deployed(DeployTest):
    """What is there after one deployment, and after a second one."""

    first: ClassVar[Ended | None] = None

    def begin(self) -> None:
        if Deployed.first is None:
            super().begin()
            Deployed.first = self.deploy()
        self.ended = Deployed.first

    def test_the_probe_stands_in_every_region_with_its_settings(self) -> None:
        for region in REGIONS:
            with self.subTest(region):
                found = self.client("lambda", region).get_function(FunctionName=PROBE)
                probe = found["Configuration"]
                self.assertEqual((probe["Runtime"], probe["Handler"]), ("provided.al2023", "bootstrap"))
                self.assertEqual((probe["MemorySize"], probe["Timeout"]), (128, 58))
                topic = f"arn:aws:sns:{region}:{ACCOUNT}:xs2a-monitor-run-results"
                self.assertEqual(probe["Environment"]["Variables"], {
                    "MONITOR_CONFIG": "monitor.toml",
                    "RUN_RESULT_TOPIC_ARN": topic,
                    "REPORT_BUCKET": f"xs2a-monitor-reports-{ACCOUNT}-{region}",
                    "KOSMA_AUTH_TOKEN_PARAMETER": TOKEN,
                })
                topics = [each["TopicArn"] for each in self.client("sns", region).list_topics()["Topics"]]
                self.assertIn(topic, topics)
                queues = self.client("sqs", region).list_queues()["QueueUrls"]
                self.assertTrue(any(url.endswith("/xs2a-monitor-dead-letters") for url in queues), queues)
                groups = self.client("logs", region).describe_log_groups()["logGroups"]
                kept = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
                self.assertEqual(kept[f"/aws/lambda/{PROBE}"], 30)
                self.client("s3", region).head_bucket(Bucket=f"xs2a-monitor-reports-{ACCOUNT}-{region}")
        print(f"\n    deploy, local AWS: {line_with(self.ended.out, 'Time')}")

    def test_the_home_region_has_the_aggregator_and_its_state(self) -> None:
        aggregator = self.client("lambda").get_function(FunctionName=AGGREGATOR)["Configuration"]
        variables = aggregator["Environment"]["Variables"]
        self.assertEqual(variables["STATE_TABLE"], TABLE)
        self.assertEqual(variables["REPORT_BUCKET"], f"xs2a-monitor-reports-{ACCOUNT}-{HOME}")
        self.assertNotIn("REPORT_LINK_HOURS", variables)
        self.assertEqual(variables["ALERT_TOPIC_ARN"], f"arn:aws:sns:{HOME}:{ACCOUNT}:xs2a-monitor-alerts")
        self.assertEqual(
            variables["RUN_RESULT_TOPIC_ARNS"].split(","),
            [f"arn:aws:sns:{region}:{ACCOUNT}:xs2a-monitor-run-results" for region in REGIONS],
        )
        table = self.client("dynamodb").describe_table(TableName=TABLE)["Table"]
        self.assertEqual(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")
        self.assertEqual([key["AttributeName"] for key in table["KeySchema"]], ["pk", "sk"])
        self.assertIn("xs2a-monitor", self.left_behind())
        for region in REGIONS[1:]:
            self.assertEqual(self.stacks(region), [REGIONAL_STACK])

    def test_every_resource_is_made_but_for_the_kinds_that_the_local_aws_cannot_make(self) -> None:
        counts = {}
        for template in finished(ARTICLE):
            stack, region = f"xs2a-monitor-{template.name}", template.region
            client = self.client("cloudformation", region)
            summaries = client.list_stack_resources(StackName=stack)["StackResourceSummaries"]
            # The local AWS lists a function's version, too, which has no name of its own.
            made = {each["LogicalResourceId"] for each in summaries} - {""}
            wanted = {name for name, each in template.resources.items() if each["Type"] not in SKIPPED}
            if (stack, region) == (REGIONAL_STACK, HOME):
                # It stands in the home stack.
                wanted.remove("OpsTopic")
            self.assertEqual(made, wanted, (region, stack))
            counts[f"{stack} in {region}"] = f"{len(made)} of {len(template.resources)}"
        print(f"\n    resources that the local AWS holds: {counts}")

    def test_the_package_is_in_every_region_and_holds_the_configuration(self) -> None:
        for region in REGIONS:
            s3, bucket = self.client("s3", region), f"xs2a-monitor-artifacts-{ACCOUNT}-{region}"
            (key,) = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]]
            content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                self.assertEqual(archive.namelist(), ["bootstrap", "monitor.toml"])
                self.assertIn(b"home_region", archive.read("monitor.toml"))
            closed = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
            self.assertTrue(all(closed.values()), closed)

    def test_what_a_person_sees(self) -> None:
        ended = self.ended

        self.assertRegex(ended.out, r"klarna-playground +us-east-1 +us-east-2 +us-west-1\n")
        self.assertRegex(ended.out, r"  start_session +12 ms +12 ms +12 ms\n")
        self.assertIn("Dashboard   https://us-east-1.console.aws.amazon.com/cloudwatch/", ended.out)
        self.assertIn(f"Overview    {OVERVIEW}\n", ended.out)
        self.assertIn("Regions     3 of 3 run", ended.out)
        self.assertIn("us-west-1       xs2a-monitor-regional: CREATE_COMPLETE", ended.err)
        self.assertNotIn(SECRET, ended.out + ended.err)

    def test_a_second_deployment_changes_nothing_and_says_so(self) -> None:
        again = self.deploy()
        planned = self.command("plan")

        self.assertIn("No changes", again.out)
        self.assertEqual(planned.out.count("no changes"), 4)
        self.assertEqual(planned.code, 0)


def line_with(text: str, word: str) -> str:
    return next(line for line in text.splitlines() if word in line)


if __name__ == "__main__":
    unittest.main()
