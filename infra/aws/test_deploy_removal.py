"""`destroy` against the local AWS: nothing stays, nothing cries, nothing goes unasked. `make test` runs it."""

import unittest

from deploy_support import ACCOUNT, ARTICLE, HOME, REGIONS, TOKEN, DeployTest
from account import sign_in
from names import REGIONAL_STACK
from switching import silence


class Destroy(DeployTest):
    def test_nothing_stays_but_the_secrets(self) -> None:
        self.deploy()
        for region in REGIONS:
            bucket = f"xs2a-monitor-reports-{ACCOUNT}-{region}"
            self.client("s3", region).put_object(Bucket=bucket, Key="latest/klarna-playground.json", Body=b"{}")
        self.answer = "y"

        ended = self.command("destroy")

        self.assertEqual(ended.code, 0, ended.err)
        self.assertEqual(self.left_behind(), [])
        self.assertIn("AWS keeps the metrics' history", ended.out)
        self.assertIn(f"Your secrets stay in SSM ({TOKEN})", ended.out)
        self.assertEqual(self.secrets(), [TOKEN] * len(REGIONS))
        print(f"\n    destroy, local AWS: {ended.out.splitlines()[0]}")

    def test_the_secrets_go_too_when_that_is_said(self) -> None:
        self.deploy()

        ended = self.command("destroy", "--yes", "--secrets")

        self.assertEqual(ended.code, 0, ended.err)
        self.assertEqual(self.secrets(), [])

    def test_it_asks_first(self) -> None:
        self.deploy()

        ended = self.command("destroy")

        self.assertEqual((ended.code, ended.err), (1, "destroy: nothing was removed\n"))
        self.assertEqual(self.stacks("us-west-1"), [REGIONAL_STACK])

    def test_nobody_to_ask_is_a_refusal(self) -> None:
        def ask(question: str) -> str:
            raise EOFError

        ended = self.command("destroy", ask=ask)

        self.assertEqual(ended.code, 1)
        self.assertIn("YES=1", ended.err)

    def test_nothing_to_remove_is_no_error(self) -> None:
        ended = self.command("destroy", "--yes")

        self.assertEqual(ended.code, 0, ended.err)
        self.assertIn("Nothing was deployed.", ended.out)

    def test_alarms_and_schedules_are_silent_before_anything_goes(self) -> None:
        self.deploy()
        # As CloudFormation makes them in AWS, where the local one does not.
        self.make_alarm_and_schedule()

        self.command("destroy", "--yes")

        (alarm,) = self.client("cloudwatch").describe_alarms()["MetricAlarms"]
        self.assertFalse(alarm["ActionsEnabled"])
        schedule = self.client("scheduler").get_schedule(Name="xs2a-monitor-probe")
        self.assertEqual((schedule["State"], schedule["ScheduleExpression"]), ("DISABLED", "cron(* * * * ? *)"))

    def test_a_deployment_after_a_destroy_that_was_broken_off_runs_again(self) -> None:
        self.deploy()
        self.make_alarm_and_schedule()
        # As far as `destroy` got: the stacks still say that they are switched on.
        silence(sign_in([HOME]), HOME)

        shown = self.command("status")
        deployed = self.deploy()

        self.assertIn("schedule stopped", shown.out)
        self.assertEqual(deployed.code, 0, deployed.err)
        self.assertEqual(self.client("scheduler").get_schedule(Name="xs2a-monitor-probe")["State"], "ENABLED")
        (alarm,) = self.client("cloudwatch").describe_alarms()["MetricAlarms"]
        self.assertTrue(alarm["ActionsEnabled"])

    def test_a_region_that_is_no_longer_wanted_is_found_and_goes_alone(self) -> None:
        self.deploy()
        self.configuration = ARTICLE | {"regions": REGIONS[:2]}

        told = self.deploy()
        refused = self.command("destroy", "--yes", "--region", "us-east-2")
        ended = self.command("destroy", "--yes", "--region", "us-west-1")

        self.assertIn("us-west-1 is no longer in regions", told.err)
        self.assertIn("us-east-2 is one of regions", refused.err)
        self.assertEqual(ended.code, 0, ended.err)
        self.assertEqual([self.stacks(region) for region in REGIONS[1:]], [[REGIONAL_STACK], []])
        self.assertNotIn(f"xs2a-monitor-artifacts-{ACCOUNT}-us-west-1", self.left_behind())

    def test_what_an_interrupted_deployment_left_goes_too(self) -> None:
        self.client("cloudformation", "us-east-2").create_change_set(
            StackName=REGIONAL_STACK, ChangeSetName="begun", ChangeSetType="CREATE", TemplateBody='{"Resources": {}}'
        )

        ended = self.command("destroy", "--yes")

        self.assertEqual(ended.code, 0, ended.err)
        self.assertEqual(self.left_behind(), [])

    def secrets(self) -> list[str]:
        found = []
        for region in REGIONS:
            found += [each["Name"] for each in self.client("ssm", region).describe_parameters()["Parameters"]]
        return found

    def make_alarm_and_schedule(self) -> None:
        self.client("cloudwatch").put_metric_alarm(
            AlarmName="xs2a-monitor-missing-runs",
            MetricName="RunSuccess",
            Namespace="XS2AMonitor",
            Statistic="SampleCount",
            Period=60,
            EvaluationPeriods=3,
            Threshold=1,
            ComparisonOperator="LessThanThreshold",
            ActionsEnabled=True,
        )
        self.client("scheduler", HOME).create_schedule(
            Name="xs2a-monitor-probe",
            ScheduleExpression="cron(* * * * ? *)",
            FlexibleTimeWindow={"Mode": "OFF"},
            State="ENABLED",
            Target={
                "Arn": f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:xs2a-monitor-probe",
                "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler",
            },
        )


if __name__ == "__main__":
    unittest.main()
