"""The status: what runs, since when, and what is wrong. `make test` runs it."""

import json
import unittest
from datetime import datetime, timedelta, timezone
from typing import Any

from deploy_support import HOME, OVERVIEW, DeployTest
from names import TABLE


class Status(DeployTest):
    def test_it_says_when_nothing_is_deployed(self) -> None:
        ended = self.command("status")

        self.assertEqual((ended.code, ended.out), (1, "Nothing is deployed; `make deploy` does it.\n"))

    def test_last_runs_alarms_and_incidents_are_shown(self) -> None:
        self.deploy()
        self.write_state()
        self.client("cloudwatch", "us-east-2").put_metric_alarm(**alarm("xs2a-monitor-heartbeat-missing"))
        self.client("cloudwatch", "us-east-2").set_alarm_state(
            AlarmName="xs2a-monitor-heartbeat-missing", StateValue="ALARM", StateReason="test"
        )

        ended = self.command("status")

        self.assertEqual(ended.code, 1)
        self.assertIn("us-east-1       UPDATE_COMPLETE, schedule enabled\n", ended.out)
        self.assertRegex(ended.out, r"klarna-playground +failed 3[0-9] s ago: the API answered HTTP 503\n")
        self.assertRegex(ended.out, r"klarna-playground +no run yet\n")
        self.assertIn("  alarm xs2a-monitor-heartbeat-missing: ALARM\n", ended.out)
        self.assertRegex(ended.out, r"klarna-playground\.availability\.1  failing for 5 min, not acknowledged\n")

    def test_all_well_is_exit_code_0(self) -> None:
        self.deploy()

        ended = self.command("status")

        self.assertEqual(ended.code, 0, ended.out)
        self.assertIn("Incidents   none\n", ended.out)
        self.assertIn(f"Overview    {OVERVIEW}\n", ended.out)

    def write_state(self) -> None:
        now = datetime.now(timezone.utc)
        runs = {
            ago(now, 90): {"outcome": "passed", "error": None},
            ago(now, 30): {"outcome": "failed", "error": {"message": "the API answered HTTP 503"}},
        }
        incident = {
            "key": "klarna-playground.availability.1",
            "stage": "failing",
            "since": ago(now, 300),
            "acknowledged_at": None,
        }
        state = {
            "target": "klarna-playground",
            "regions": {HOME: {"runs": runs}},
            "incidents": {"open": {"availability": incident}, "ended": []},
        }
        item = {"pk": {"S": "TARGET#klarna-playground"}, "sk": {"S": "STATE"}, "state": {"S": json.dumps(state)}}
        self.client("dynamodb").put_item(TableName=TABLE, Item=item)


def alarm(name: str) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "Namespace": "XS2AMonitor",
        "MetricName": "AggregatorHeartbeat",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 5,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
    }


def ago(now: datetime, seconds: int) -> str:
    return (now - timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    unittest.main()
