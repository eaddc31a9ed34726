"""The bill: its arithmetic by tables, and one measurement from the functions to the total."""

import cost_rig  # noqa: F401, I001  (first: it keeps the developer's environment away)

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from cost_bill import KEPT_MINUTES, OVERVIEW_MINUTES, Case, variants
from cost_measure import BenchError, Mean, Measured, is_due
from cost_prices import Price, read_prices
from cost_show import as_table
from cost_standing import alarm_metrics, standing
from cost_units import UnknownCallError, Usage, item_size, read_units, read_usage, usage_of, write_units, written_keys
from document import PROJECT

HERE = Path(__file__).parent
REGIONS = ["us-east-1", "us-east-2", "us-west-1"]
# What costs nothing by itself, or only by what is counted as a call; beside alarms and dashboards.
FREE_TYPES = {
    "AWS::DynamoDB::Table",
    "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
}


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": name}, "sk": {"S": "STATE"}}


class UnitsTest(unittest.TestCase):
    def test_the_size_of_an_item_counts_names_and_values(self) -> None:
        table: list[tuple[dict[str, Any], int]] = [
            ({}, 0),
            ({"ab": {"S": "xyz"}}, 5),
            ({"a": {"S": "é"}}, 3),
            ({"n": {"N": "1795599660"}}, 7),
            ({"n": {"N": "-12.5"}}, 5),
            ({"b": {"BOOL": True}}, 2),
            ({"l": {"L": [{"S": "ab"}, {"S": "c"}]}}, 1 + 3 + 3 + 2),
            ({"m": {"M": {"k": {"S": "v"}}}}, 1 + 3 + 1 + 2),
        ]
        for item, size in table:
            with self.subTest(item=item):
                self.assertEqual(item_size(item), size)

    def test_a_write_is_billed_by_the_larger_item_in_whole_kilobytes(self) -> None:
        for before, after, transactional, units in [
            (0, 0, False, 1),
            (0, 1, False, 1),
            (0, 1024, False, 1),
            (0, 1025, False, 2),
            (4096, 10, False, 4),
            (0, 1024, True, 2),
            (0, 1025, True, 4),
            (0, 0, True, 2),
        ]:
            with self.subTest(before=before, after=after, transactional=transactional):
                self.assertEqual(write_units(before, after, transactional), units)

    def test_each_read_is_rounded_up_to_four_kilobytes_and_half_of_it_without_consistency(self) -> None:
        for sizes, consistent, units in [
            ([0], True, 1),
            ([4096], True, 1),
            ([4097], True, 2),
            ([100, 100], True, 2),
            ([4097], False, 1),
            ([0], False, 0.5),
        ]:
            with self.subTest(sizes=sizes, consistent=consistent):
                self.assertEqual(read_units(sizes, consistent), units)

    def test_a_query_is_read_as_one_and_a_batch_key_by_key(self) -> None:
        item = key("a") | {"text": {"S": "x" * 3000}}
        query = read_usage("Query", {"ConsistentRead": True}, {"Items": [item, item]})
        self.assertEqual(query["read_unit"], 2)
        asked = {"RequestItems": {"t": {"Keys": [key("a"), key("b"), key("c")], "ConsistentRead": True}}}
        batch = read_usage("BatchGetItem", asked, {"Responses": {"t": [item]}})
        self.assertEqual(batch["read_unit"], 3)
        self.assertEqual(read_usage("GetItem", {"ConsistentRead": True}, {})["read_unit"], 1)

    def test_every_item_of_a_transaction_is_written_its_checks_too(self) -> None:
        parts = [
            {"Put": {"TableName": "t", "Item": key("a") | {"more": {"S": "x"}}}},
            {"Update": {"TableName": "t", "Key": key("b")}},
            {"Delete": {"TableName": "t", "Key": key("c")}},
            {"ConditionCheck": {"TableName": "t", "Key": key("d")}},
        ]
        named = written_keys("TransactWriteItems", {"TransactItems": parts})
        self.assertEqual(named, [("t", key(name)) for name in "abcd"])

    def test_a_call_without_a_price_is_refused(self) -> None:
        with self.assertRaisesRegex(UnknownCallError, "Translate"):
            usage_of("AWSTranslate.TranslateText", b"{}")
        with self.assertRaisesRegex(UnknownCallError, "Scan"):
            written_keys("Scan", {"TableName": "t"})

    def test_an_object_is_billed_by_the_call_and_kept_by_its_bytes(self) -> None:
        self.assertEqual(usage_of("S3.PutObject", b"page"), Usage(s3_put=1, s3_byte=4))
        self.assertEqual(usage_of("S3.GetObject", b""), Usage(s3_get=1))
        for what in ("S3.DeleteObject", "S3.GET"):
            with self.assertRaisesRegex(UnknownCallError, what):
                usage_of(what, b"")

    def test_only_a_secret_is_decrypted(self) -> None:
        self.assertEqual(usage_of("AmazonSSM.GetParameter", b'{"WithDecryption": true}'), Usage(kms_request=1))
        self.assertEqual(usage_of("AmazonSSM.GetParameter", b"{}"), Usage())


class PriceTest(unittest.TestCase):
    def test_tiers_count_for_each_region_and_the_allowance_for_all(self) -> None:
        price = read_prices().prices["metric"]
        for by_region, at_list, after in [
            ([0.0], 0.0, 0.0),
            ([9.0], 2.7, 0.0),
            ([11.0, 11.0, 11.0], 9.9, 6.9),
            ([10_000.0], 3000.0, 2997.0),
            ([10_010.0], 3001.0, 2998.0),
            ([10_000.0, 10.0], 3003.0, 3000.0),
            ([260_000.0], 3000 + 24_000 + 500, 3000 + 24_000 + 500 - 3),
        ]:
            with self.subTest(by_region=by_region):
                self.assertAlmostEqual(price.at_list(by_region), at_list)
                self.assertAlmostEqual(price.after_allowance(by_region), after)

    def test_a_price_per_thousand_is_divided(self) -> None:
        price = Price("calls", "calls", 1000, ((0, 0.01),), 1_000_000, "2026", "", True)
        self.assertAlmostEqual(price.at_list([175_200]), 1.752)
        self.assertAlmostEqual(price.after_allowance([175_200]), 0)
        self.assertAlmostEqual(price.after_allowance([1_500_000]), 5)

    def test_every_price_says_when_and_where_it_was_read(self) -> None:
        prices = read_prices()
        for priced in [*prices.prices.values(), *prices.services.values()]:
            with self.subTest(item=priced.item):
                self.assertRegex(priced.date, r"^20\d\d")
                self.assertTrue(priced.source)
                self.assertIsInstance(priced.verified, bool)


class ScheduleTest(unittest.TestCase):
    def test_a_region_is_due_in_the_minutes_of_its_expression(self) -> None:
        for expression, minutes in [
            ("cron(* * * * ? *)", [0, 1, 2, 3, 4, 5]),
            ("cron(0/3 * * * ? *)", [0, 3]),
            ("cron(2/3 * * * ? *)", [2, 5]),
            ("cron(*/5 * * * ? *)", [0, 5]),
            ("cron(4 * * * ? *)", [4]),
        ]:
            with self.subTest(expression=expression):
                due = [minute for minute in range(6) if is_due(expression, at(minute))]
                self.assertEqual(due, minutes)

    def test_an_expression_of_another_kind_is_refused(self) -> None:
        with self.assertRaisesRegex(BenchError, "rate"):
            is_due("rate(1 minute)", at(0))


def at(minute: int) -> datetime:
    return datetime(2026, 11, 25, 10, minute, tzinfo=timezone.utc)


class StandingTest(unittest.TestCase):
    def test_an_alarm_over_an_expression_counts_each_of_its_metrics(self) -> None:
        queries: list[dict[str, Any]] = [{"Expression": "SUM(METRICS())"}, {"MetricStat": {}}, {"MetricStat": {}}]
        self.assertEqual(alarm_metrics({"Properties": {"Metrics": queries}}), 2)
        self.assertEqual(alarm_metrics({"Properties": {"MetricName": "Errors"}}), 1)

    def test_no_alarm_on_a_target_is_billed_while_they_are_off(self) -> None:
        # In each region missing runs over two metrics, and three more; four at home; one on the heartbeat.
        self.assertEqual(standing(document())["alarm"], 3 * 5 + 4 + 1)

    def test_every_type_of_resource_has_a_price_or_is_known_to_cost_nothing(self) -> None:
        text = "".join((HERE / name).read_text(encoding="utf-8") for name in ("home.yaml", "regional.yaml"))
        types = set(re.findall(r"Type: (AWS::\w+::\w+)$", text, re.MULTILINE))
        self.assertEqual(types - FREE_TYPES, {"AWS::CloudWatch::Dashboard"})


class BillTest(unittest.TestCase):
    def test_the_lines_are_invocations_times_what_one_uses(self) -> None:
        lines = {line.name: line for line in case().bill().lines}
        quantities = {
            "put_metric_data": 131_400 + 43_800,
            "sns_publish": 131_400,
            # A real bank's times take more room in the history.
            "write_unit": 131_400 * (4 + 0.5) + 35_040 * 3 + 8_760 * 4,
            "read_unit": 131_400 + 35_040 * 5 + 8_760 * 90,
            "schedule": 131_400 + 43_800,
            "lambda_request": 131_400 + 131_400 + 43_800,
            "lambda_x86_64": (131_400 * (6 + 0.1) + 35_040 * 0.25 + 8_760 * 1.5) / 8,
            # In each region every 15 minutes, every five the overview, and three by each of 720 runs that fail.
            "s3_put": 3 * 2_920 + 8_760 + 720 * 3,
            "s3_get": 720,
            "s3_gb_month": 0.06 + (3 * 50_000 + 100_000 + 720 * 400_000 * 720 / 730) / 1e9,
            # A thousand bytes in two lines, and Lambda's own.
            "log_gb": (131_400 * (1000 + 2 * 26 + 600) + (131_400 + 43_800) * 600) / 1e9,
            "kms_request": 3 * 1460 * 2,
            "metric": 12 + 11 + 10 + 3 * 2 * 4 / 730,
        }
        for name, quantity in quantities.items():
            with self.subTest(name=name):
                self.assertAlmostEqual(lines[name].quantity, quantity)

    def test_a_run_is_kept_no_more_often_than_there_are_runs(self) -> None:
        slow = case(document() | {"region_interval_minutes": 60})
        lines = {line.name: line for line in slow.bill().lines}
        self.assertAlmostEqual(lines["s3_put"].quantity, 3 * 730 + 8_760 + 12 * 3)

    def test_the_times_between_writes_are_those_of_the_code(self) -> None:
        for file, pattern, minutes in [
            ("functions/probe/src/reports.rs", r"const FRESH: SignedDuration = .*from_mins\((\d+)\);", KEPT_MINUTES),
            ("functions/aggregator/src/overview/mod.rs", r"const PERIOD: i64 = (\d+);", OVERVIEW_MINUTES),
        ]:
            found = re.findall(pattern, (PROJECT / file).read_text(encoding="utf-8"))
            self.assertEqual(found, [str(minutes)], file)

    def test_the_total_is_the_sum_of_the_lines(self) -> None:
        bill = case().bill()
        self.assertAlmostEqual(bill.at_list, sum(line.at_list for line in bill.lines))
        self.assertLess(bill.after_allowances, bill.at_list)

    def test_a_secret_is_not_read_more_often_than_there_are_runs(self) -> None:
        slow = case(document() | {"region_interval_minutes": 60})
        lines = {line.name: line for line in slow.bill().lines}
        self.assertAlmostEqual(lines["kms_request"].quantity, 3 * 730 * 2)

    def test_the_same_runs_elsewhere(self) -> None:
        ours = case()
        usd = {name: round(ours.service_usd(service), 2) for name, service in ours.prices.services.items()}
        # 1,445,400 x 2 / 10,000; (131,400 - 100) x 0.0012 and 131,400 x 6 GB-s x 0.0000166667.
        self.assertEqual(usd, {"checkly": 289.08, "synthetics": 170.7})

    def test_one_change_leaves_the_rest_as_it_is(self) -> None:
        bills = {name: changed.bill() for name, changed in variants(case(), standing)}
        metric = {name: line.quantity for name, bill in bills.items() for line in bill.lines if line.name == "metric"}
        self.assertAlmostEqual(metric['metrics = "run"'], 4 + 3 + 2)
        self.assertAlmostEqual(metric["without us-west-1"], 12 + 11 + 2 * 2 * 4 / 730)
        self.assertEqual(bills['schedule = "round-robin"'].runs, 43_800)
        self.assertEqual(bills["arm64 functions"].runs, 131_400)
        self.assertLess(bills["arm64 functions"].at_list, case().bill().at_list)

    def test_regions_that_take_turns_run_as_often_together_when_one_goes(self) -> None:
        turns = {region: f"cron({first}/3 * * * ? *)" for first, region in enumerate(REGIONS)}
        round_robin = case(document() | {"schedule": turns, "region_interval_minutes": 3})
        runs = {name: changed.bill().runs for name, changed in variants(round_robin, standing)}
        self.assertAlmostEqual(runs["without us-west-1"], 43_800)
        self.assertNotIn('schedule = "round-robin"', runs)

    def test_more_than_the_goal_is_told_with_the_dearest_line(self) -> None:
        crowded = case()
        crowded.measured.metrics["us-east-1"]["StepDuration"] = 80
        table = as_table(crowded)
        self.assertIn("missed", table)
        self.assertIn("CloudWatch metrics alone: 105.03 metrics x 0.30, 10 free = 31.51, 28.51 after free", table)


def document() -> dict[str, Any]:
    return {
        "home_region": "us-east-1",
        "watch_region": "us-east-2",
        "regions": REGIONS,
        "schedule": dict.fromkeys(REGIONS, "cron(* * * * ? *)"),
        "region_interval_minutes": 1,
        "certificate_days": 30,
        "targets": [
            {
                "id": "bank",
                "metrics": "full",
                "hosts": ["api.example.org", "auth.example.org"],
                "token_parameter": None,
                "password_parameter": None,
            }
        ],
        "channels": [],
    }


def case(of: dict[str, Any] | None = None) -> Case:
    """One as the usual runs make it."""
    usual = Counter(RunSuccess=1, RunDuration=1, StepDuration=8)
    extra = [Counter(CertificateDaysToExpiry=2), Counter(AggregatorHeartbeat=1), Counter[str]()]
    measured = Measured(
        run=Mean(Usage(put_metric_data=10, sns_publish=10, log_byte=10_000, log_event=20), Usage(), 10),
        kept_run=Mean(Usage(s3_put=3, s3_byte=150_000), Usage(), 3),
        failed_run=Mean(Usage(s3_put=9, s3_get=3, s3_byte=1_200_000), Usage(), 3),
        result=Mean(Usage(write_unit=40, read_unit=10), Usage(), 10),
        tick=Mean(Usage(put_metric_data=10, write_unit=30, read_unit=50), Usage(), 10),
        overview=Mean(Usage(put_metric_data=1, write_unit=4, read_unit=90, s3_put=1, s3_byte=100_000), Usage(), 1),
        fresh=Mean(Usage(kms_request=2), Usage(), 1),
        metrics={region: usual + more for region, more in zip(REGIONS, extra, strict=True)},
        failing_metrics={region: Counter(StepFailure=2) for region in REGIONS},
        probe_ms=6000,
        requests_per_run=11,
        minutes=10,
    )
    of = of or document()
    return Case(of, measured, standing(of), read_prices())


class MeasurementTest(unittest.TestCase):
    def test_the_shipped_configuration_is_measured_and_within_the_goal(self) -> None:
        # A process of its own: a measurement fills the simulated AWS that is in it.
        ran = subprocess.run([sys.executable, HERE / "cost.py", "--json"], capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        told = json.loads(ran.stdout)
        self.assertEqual(told["counted"]["probe_run"]["calls"], {"CloudWatch.PutMetricData": 1, "SNS.Publish": 1})
        self.assertEqual(told["counted"]["aggregator_tick"]["calls"]["CloudWatch.PutMetricData"], 1)
        self.assertEqual(told["counted"]["aggregator_tick"]["units"]["s3_put"], 0)
        self.assertEqual(told["counted"]["aggregator_overview"]["units"]["s3_put"], 1)
        # An item for each hour of the day and each region.
        self.assertGreaterEqual(told["counted"]["aggregator_overview"]["units"]["read_unit"], 24 * 3)
        self.assertEqual(told["counted"]["probe_kept_run"]["units"]["s3_put"], 1)
        # Its page, its report, and the page of the run that it is compared with, which is read for each page.
        failed = told["counted"]["probe_failed_run"]["calls"]
        self.assertEqual((failed["S3.PutObject"], failed["S3.GetObject"]), (3, 2))
        result = told["counted"]["aggregator_result"]
        self.assertGreaterEqual(result["units"]["write_unit"], 1)
        self.assertGreater(result["billed_log_bytes"], 600)
        self.assertEqual(told["requests_per_run"], 11)
        self.assertEqual([sum(told["metrics"][region].values()) for region in REGIONS], [12, 11, 10])
        self.assertEqual(told["failing_metrics"], {region: {"StepFailure": 2} for region in REGIONS})
        # Twelve answers of the bank, one after the other.
        self.assertGreater(told["probe_ms"], 12 * told["assumptions"]["bank_answer_ms"])
        self.assertTrue(told["goal"]["reached"], told["total"])

    def test_a_configuration_that_does_not_validate_is_told_before_anything_starts(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "monitor.toml"
            config.write_text("intervall = 1\n", encoding="utf-8")
            environment = os.environ | {"MONITOR_CONFIG": str(config)}
            ran = subprocess.run(
                [sys.executable, HERE / "cost.py"], env=environment, capture_output=True, text=True, check=False
            )
        self.assertEqual((ran.returncode, ran.stdout), (1, ""))
        self.assertIn("intervall", ran.stderr)
        self.assertNotIn("Traceback", ran.stderr)


if __name__ == "__main__":
    unittest.main()
