"""What deployments change, and in which order: on, off, again, better, half. `make test` runs it."""

import json
import unittest
from unittest import mock

from deploy_support import ACCOUNT, ARTICLE, HOME, OURS, PASSED, REGIONS, DeployTest  # isort: skip

import settling
from account import Account
from names import HEARTBEAT_MISSING, HOME_STACK, PROBE, REGIONAL_STACK, TABLE
from refusal import Refusal
from smoke import Run
from template_support import told_by_sns


class Changes(DeployTest):
    def test_schedules_and_dead_man_alarms_are_off_until_the_first_run_worked(self) -> None:
        seen: dict[str, dict[str, str]] = {}

        def run(account: Account, region: str) -> list[Run]:
            seen[region] = self.stack_parameters(region, REGIONAL_STACK)
            seen["home"] = self.stack_parameters(HOME, HOME_STACK)
            return [PASSED]

        self.runs = run
        self.deploy()

        self.assertEqual({each["ScheduleState"] for each in seen.values()}, {"DISABLED"})
        self.assertEqual({seen[region]["DeadManEnabled"] for region in REGIONS}, {"false"})
        self.assertEqual(self.stack_parameters(HOME, HOME_STACK)["ScheduleState"], "ENABLED")
        for region in REGIONS:
            after = self.stack_parameters(region, REGIONAL_STACK)
            self.assertEqual((after["ScheduleState"], after["DeadManEnabled"]), ("ENABLED", "true"))

    def test_an_alarm_about_silence_acts_only_after_its_first_look(self) -> None:
        cloudwatch = self.client("cloudwatch", "us-east-2")
        cloudwatch.put_metric_alarm(
            AlarmName=HEARTBEAT_MISSING,
            Namespace="XS2AMonitor",
            MetricName="AggregatorHeartbeat",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=3,
            Threshold=1,
            ComparisonOperator="LessThanThreshold",
        )
        state = {"AlarmName": HEARTBEAT_MISSING, "StateReason": "as AWS does"}
        cloudwatch.set_alarm_state(StateValue="INSUFFICIENT_DATA", **state)
        seen: list[str] = []

        def look(seconds: float) -> None:
            if seconds == settling.PAUSE_SECONDS and not seen:
                seen.append(self.stack_parameters("us-east-2", REGIONAL_STACK)["DeadManEnabled"])
                cloudwatch.set_alarm_state(StateValue="ALARM", **state)

        with mock.patch("time.sleep", look):
            self.deploy()

        self.assertEqual(seen, ["false"])
        self.assertEqual(self.stack_parameters("us-east-2", REGIONAL_STACK)["DeadManEnabled"], "true")

    def test_an_update_changes_in_place_and_what_was_wished_is_remembered(self) -> None:
        self.deploy()
        item = {"pk": {"S": "FLEET"}, "sk": {"S": "STATE"}}
        self.client("dynamodb").put_item(TableName=TABLE, Item=item)
        self.executable.write_bytes(b"\x7fELF, the next version")
        before = self.client("lambda").get_function(FunctionName=PROBE)["Configuration"]

        self.deploy("--memory", "256")
        again = self.deploy()

        after = self.client("lambda").get_function(FunctionName=PROBE)["Configuration"]
        self.assertEqual((before["MemorySize"], after["MemorySize"]), (128, 256))
        self.assertNotEqual(before["CodeSha256"], after["CodeSha256"])
        self.assertEqual(self.client("dynamodb").get_item(TableName=TABLE, Key=item)["Item"], item)
        self.assertEqual(self.stack_parameters(HOME, REGIONAL_STACK)["ScheduleState"], "ENABLED")
        self.assertIn("No changes", again.out)

    def test_links_are_signed_from_the_deployment_that_wishes_it_to_the_one_that_does_not(self) -> None:
        seen = []
        for wish in ([], ["--report-link-hours", "4"], [], ["--report-link-hours", "0"]):
            self.deploy(*wish)
            template = self.client("cloudformation").get_template(StackName=HOME_STACK)["TemplateBody"]
            seen.append((self.stack_parameters(HOME, HOME_STACK)["ReportLinkHours"], "s3:GetObject" in str(template)))

        self.assertEqual(seen, [("0", False), ("4", True), ("4", True), ("0", False)])

    def test_a_plan_changes_nothing(self) -> None:
        ended = self.command("plan")

        self.assertEqual(ended.code, 0, ended.err)
        self.assertIn("  + Lambda::Function             Probe", ended.out)
        self.assertEqual(self.left_behind(), [])

    def test_a_failed_region_leaves_the_others_working_and_the_next_deployment_mends_it(self) -> None:
        def run(account: Account, region: str) -> list[Run]:
            if region == "us-east-2":
                raise Refusal("us-east-2: the probe failed", "look at its log")
            return [PASSED]

        self.runs = run
        ended = self.command("deploy")

        self.assertEqual(ended.code, 1)
        self.assertIn("Regions     2 of 3 run", ended.out)
        self.assertIn("deploy: us-east-2: the probe failed\ndeploy: what to do: look at its log\n", ended.err)
        states = [self.stack_parameters(region, REGIONAL_STACK)["ScheduleState"] for region in REGIONS]
        self.assertEqual(states, ["ENABLED", "DISABLED", "ENABLED"])

        self.runs = lambda account, region: [PASSED]
        self.deploy()
        self.assertEqual(self.stack_parameters("us-east-2", REGIONAL_STACK)["ScheduleState"], "ENABLED")

    def test_a_monitor_that_fails_by_a_fault_of_ours_is_not_switched_on(self) -> None:
        self.runs = lambda account, region: [OURS]

        with mock.patch("time.sleep"):
            ended = self.command("deploy")

        self.assertEqual(ended.code, 1)
        self.assertIn("failed by a fault of ours: the API does not take the token (401)", ended.err)
        self.assertEqual(self.stack_parameters(HOME, HOME_STACK)["ScheduleState"], "DISABLED")

    def test_a_bank_that_fails_is_what_a_monitor_is_for(self) -> None:
        failed = PASSED._replace(outcome="failed", blame="bank", message="the API answered HTTP 503")
        self.runs = lambda account, region: [failed]

        ended = self.deploy()

        self.assertIn("us-west-1: the API answered HTTP 503 (it looks like bank)", ended.out)
        self.assertEqual(self.stack_parameters(HOME, REGIONAL_STACK)["ScheduleState"], "ENABLED")

    def test_who_is_no_longer_subscribed_is_subscribed_again(self) -> None:
        self.configuration = ARTICLE | {"channels": [told_by_sns("email", "team@example.org")]}

        # The local AWS makes no subscriptions from a template, as if all had been ended.
        ended = self.deploy()

        self.assertIn("team@example.org was not subscribed to xs2a-monitor-alerts: asked again", ended.err)
        sns = self.client("sns")
        topic = f"arn:aws:sns:{HOME}:{ACCOUNT}:xs2a-monitor-alerts"
        (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        arn = subscription["SubscriptionArn"]
        attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        self.assertEqual(json.loads(attributes["FilterPolicy"]), {"channels": ["email-ops"]})
        self.assertIn("No changes", self.deploy().out)

    def test_a_large_template_is_read_from_the_bucket(self) -> None:
        channels = [told_by_sns("https", f"https://hub.example.org/{number}{'x' * 300}") for number in range(80)]
        self.configuration = ARTICLE | {"channels": channels}

        self.deploy()

        self.assertEqual(self.stacks(HOME), [HOME_STACK, REGIONAL_STACK])


if __name__ == "__main__":
    unittest.main()
