"""Calls that are counted, and at which a process dies. `make test` runs it."""

import isolation  # noqa: F401  (before boto3, which reads the environment)

import signal
import subprocess
import unittest
from datetime import datetime, timezone
from http.client import RemoteDisconnected
from typing import Any

from botocore.exceptions import ConnectionClosedError
from home import make_table
from support import LocalAwsTest, stop

TABLE = "calls"


class CountedCalls(LocalAwsTest):
    def setUp(self) -> None:
        self.dynamodb = self.client("dynamodb")
        make_table(self.dynamodb, TABLE)
        self.addCleanup(self.control, "PUT", "kill", {})

    def test_a_process_dies_before_or_after_the_call_is_acted_on(self) -> None:
        for when, is_there in {"before": False, "after": True}.items():
            with self.subTest(when):
                victim = self.victim()
                self.control("PUT", "kill", {"pid": victim.pid, "call": 2, "when": when})

                self.put("first")
                self.assertIsNone(victim.poll(), "it lives until the second call")
                with self.assertRaises(ConnectionClosedError):
                    self.put(when)

                self.assertEqual(victim.wait(timeout=30), -signal.SIGKILL)
                self.assertEqual(self.is_there(when), is_there)

    def test_a_kill_is_due_once_and_at_the_tools_too(self) -> None:
        victim = self.victim()
        start = self.inbox_end()
        self.control("PUT", "kill", {"pid": victim.pid, "call": 1, "when": "after"})

        with self.assertRaises(RemoteDisconnected):
            self.ask("POST", "/providers/slack/ops", {"text": "t"})
        again = self.ask("POST", "/providers/slack/ops", {"text": "t"})

        self.assertEqual(victim.wait(timeout=30), -signal.SIGKILL)
        self.assertEqual(again.status, 200)
        self.assertEqual(len(self.inbox(start)), 2, "it had been acted on")

    def test_calls_are_listed_by_their_names_in_every_protocol(self) -> None:
        sns, cloudwatch = self.client("sns"), self.client("cloudwatch")
        topic = sns.create_topic(Name="calls")["TopicArn"]
        self.control("PUT", "kill", {})

        sns.publish(TopicArn=topic, Message="a=b&c")
        self.put("listed")
        cloudwatch.put_metric_data(Namespace="N", MetricData=[{"MetricName": "M", "Value": 1.0}])
        self.ask("POST", "/providers/webhook/ops?x=1", {})
        self.control("GET", "inbox")
        calls = self.control("GET", "calls")["calls"]

        self.assertEqual([(call["n"], call["what"]) for call in calls], [
            (1, "SNS.Publish"),
            (2, "DynamoDB_20120810.PutItem"),
            (3, "CloudWatch.PutMetricData"),
            (4, "providers/webhook"),
        ])
        times = [call["received_at"] for call in calls]
        self.assertEqual(times, sorted(times))
        self.assertEqual(datetime.fromtimestamp(times[0], timezone.utc).date(), datetime.now(timezone.utc).date())

    def victim(self) -> subprocess.Popen[bytes]:
        victim = subprocess.Popen(["sleep", "60"])
        self.addCleanup(stop, victim)
        return victim

    def put(self, key: str) -> None:
        self.dynamodb.put_item(TableName=TABLE, Item=key_of(key))

    def is_there(self, key: str) -> bool:
        return "Item" in self.dynamodb.get_item(TableName=TABLE, Key=key_of(key), ConsistentRead=True)


def key_of(text: str) -> dict[str, Any]:
    return {"pk": {"S": text}, "sk": {"S": "STATE"}}


if __name__ == "__main__":
    unittest.main()
