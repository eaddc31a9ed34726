"""Every alarm against the metrics that are really sent. `make test` runs it."""

import unittest
from typing import Any

from alarms import NAMESPACE
from metric_catalogue import CATALOGUE, NOT_METRICS, OF_AWS, CatalogueTest, Watched
from template_support import ARTICLE, VARIANTS, Template, alarms, every_template, finished, strings

RUNS, OPS, NOBODY = "xs2a-monitor-run-results", "xs2a-monitor-ops", None
# Those of the article's schedule: period, periods, of them bad, comparison, threshold, missing data, who is told.
ALARMS: dict[str, tuple[int, int, int | None, str, float, str, str | None]] = {
    "xs2a-monitor-missing-runs": (60, 3, None, "<", 1, "breaching", RUNS),
    "xs2a-monitor-probe-errors": (300, 1, 1, ">=", 2, "notBreaching", OPS),
    "xs2a-monitor-probe-throttles": (300, 1, 1, ">=", 2, "notBreaching", OPS),
    "xs2a-monitor-dead-letters": (300, 1, 1, ">=", 1, "notBreaching", OPS),
    "xs2a-monitor-aggregator-errors": (60, 5, 3, ">=", 1, "notBreaching", OPS),
    "xs2a-monitor-aggregator-throttles": (60, 5, 3, ">=", 1, "notBreaching", OPS),
    "xs2a-monitor-aggregator-failures": (300, 1, 1, ">=", 1, "notBreaching", OPS),
    "xs2a-monitor-notification-failed": (900, 1, 1, ">=", 2, "notBreaching", OPS),
    "xs2a-monitor-heartbeat-missing": (60, 5, None, "<", 1, "breaching", OPS),
    "xs2a-monitor-klarna-playground-failing": (60, 2, None, "<", 1, "missing", NOBODY),
    "xs2a-monitor-klarna-playground-slow": (900, 1, None, ">", 10_000, "missing", NOBODY),
    "xs2a-monitor-klarna-playground-certificate": (3600, 1, None, "<", 30, "missing", NOBODY),
}
COMPARISONS = {"LessThanThreshold": "<", "GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">="}
# Where a metric is sent that not every region has: the condition of the alarm, or the stack.
ONLY_IN = {"AggregatorHeartbeat": "IsWatchRegion", "CertificateDaysToExpiry": "HasCertificateAlarms"}


def watched(alarm: dict[str, Any]) -> list[Watched]:
    if "MetricName" in alarm:
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        return [read(alarm, statistic, alarm["Period"])]
    stats = [query["MetricStat"] for query in alarm["Metrics"] if "MetricStat" in query]
    return [read(stat["Metric"], stat["Stat"], stat["Period"]) for stat in stats]


def read(metric: dict[str, Any], statistic: str, period: int) -> Watched:
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
    return Watched(metric["Namespace"], metric["MetricName"], dimensions, statistic, period)


def topic(actions: list[Any]) -> str | None:
    return [*strings(actions)][-1].rsplit(":", 1)[-1] if actions else None


class Catalogue(CatalogueTest):
    """An alarm on a metric that nobody sends never speaks, or never stops."""

    def test_it_names_all_metrics_that_are_sent(self) -> None:
        self.assertEqual(self.names["NAMESPACE"], NAMESPACE)
        self.assertEqual({*self.names} - NOT_METRICS, {*CATALOGUE})

    def test_every_alarm_watches_what_is_sent(self) -> None:
        for name, deployment in VARIANTS.items():
            for template in finished(deployment):
                for logical_id, alarm in alarms(template).items():
                    for metric in watched(alarm):
                        with self.subTest(f"{name}: {template.region} {logical_id} {metric.name}"):
                            self.assertEqual(metric.period % 60, 0)
                            if metric.namespace == NAMESPACE:
                                self.check_ours(metric, deployment)
                            else:
                                self.check_of_aws(metric, template)

    def check_of_aws(self, metric: Watched, template: Template) -> None:
        dimension, statistic, kind = OF_AWS[(metric.namespace, metric.name)]
        self.assertEqual(([*metric.dimensions], metric.statistic), ([dimension], statistic))
        names = [resource[dimension] for resource in template.of_type(kind).values()]
        self.assertIn(metric.dimensions[dimension], names)

    def test_a_metric_is_watched_only_where_it_is_sent(self) -> None:
        for label, template in every_template():
            for logical_id, alarm in alarms(template).items():
                for metric in watched(alarm):
                    if metric.namespace == NAMESPACE and metric.name == "NotificationFailed":
                        self.assertEqual(template.name, "home", label)
                    if metric.name in ONLY_IN:
                        condition = template.resources[logical_id]["Condition"]
                        self.assertEqual((template.name, condition), ("regional", ONLY_IN[metric.name]), label)

    def test_the_certificates_watched_are_those_of_the_target(self) -> None:
        _, template, *_ = finished(VARIANTS["two targets"])
        hosts = {
            alarm["AlarmName"]: [metric.dimensions["Host"] for metric in watched(alarm)]
            for alarm in alarms(template).values()
            if alarm["AlarmName"].endswith("-certificate")
        }
        self.assertEqual(hosts["xs2a-monitor-first-certificate"], ["api.example.com", "authapi.example.com"])
        self.assertEqual(hosts["xs2a-monitor-second-certificate"], ["api.example.com"])


class Alarms(unittest.TestCase):
    def test_they_are_set_as_decided(self) -> None:
        for template in finished(ARTICLE):
            for alarm in alarms(template).values():
                (period,) = {metric.period for metric in watched(alarm)}
                compared = COMPARISONS[alarm["ComparisonOperator"]]
                self.assertEqual(
                    ALARMS[alarm["AlarmName"]],
                    (
                        *(period, alarm["EvaluationPeriods"], alarm.get("DatapointsToAlarm")),
                        *(compared, alarm["Threshold"], alarm["TreatMissingData"]),
                        topic(alarm.get("AlarmActions", [])),
                    ),
                    alarm["AlarmName"],
                )

    def test_all_are_there(self) -> None:
        home, first, *others = finished(ARTICLE)
        names = {alarm["AlarmName"] for template in (home, first) for alarm in alarms(template).values()}
        self.assertEqual(names, {*ALARMS})
        for other in others:
            self.assertEqual({*alarms(other)}, {*alarms(first)})

    def test_none_cries_at_a_first_deploy_or_when_all_is_removed(self) -> None:
        for label, template in every_template():
            self.assertEqual(template.parameters.get("DeadManEnabled", {}).get("Default", "false"), "false")
            for alarm in alarms(template).values():
                what = f"{label}: {alarm['AlarmName']}"
                silence = alarm["TreatMissingData"] == "breaching"
                self.assertEqual(
                    alarm.get("ActionsEnabled", True), {"Ref": "DeadManEnabled"} if silence else True, what
                )
                # The first data of any alarm is a change to OK.
                told = "missing-runs" in alarm["AlarmName"]
                self.assertEqual(topic(alarm.get("OKActions", [])), RUNS if told else None, what)
                self.assertNotIn("InsufficientDataActions", alarm, what)
                if alarm["TreatMissingData"] == "missing":
                    self.assertNotIn("AlarmActions", alarm, what)

    def test_three_intervals_of_silence_are_missing_runs(self) -> None:
        for name, deployment in VARIANTS.items():
            for template in [*finished(deployment)][1:]:
                alarm = alarms(template)["MissingRunsAlarm"]
                self.assertEqual(alarm["EvaluationPeriods"], 3, name)
                self.assertEqual(
                    {metric.period for metric in watched(alarm)}, {60 * deployment["region_interval_minutes"]}, name
                )
                counted = {(metric.name, metric.dimensions["Target"]) for metric in watched(alarm)}
                expected = {
                    (metric, target["id"])
                    for target in deployment["targets"][:5]
                    for metric in ("RunSuccess", "MonitorError")
                }
                self.assertEqual(counted, expected, f"{name}: a run is one or the other, and an alarm takes ten")
                (result,) = [query for query in alarm["Metrics"] if query.get("ReturnData", True)]
                self.assertEqual(result["Expression"], "SUM(FILL(METRICS(), 0))")

    def test_cloudwatch_takes_them(self) -> None:
        for label, template in every_template():
            names = [alarm["AlarmName"] for alarm in alarms(template).values()]
            self.assertEqual(len(names), len({*names}), label)
            for alarm in alarms(template).values():
                what = f"{label}: {alarm['AlarmName']}"
                for metric in watched(alarm):
                    # PutMetricAlarm: a day in all, a week for periods of an hour or more.
                    limit = 7 * 86_400 if metric.period >= 3600 else 86_400
                    self.assertLessEqual(metric.period * alarm["EvaluationPeriods"], limit, what)
                self.assertLessEqual(len(alarm["AlarmDescription"]), 1024, what)
                self.assertGreater(len(alarm["AlarmDescription"]), 80, f"{what} does not say what to do")

    def test_a_target_is_slow_by_its_own_measure(self) -> None:
        _, template, *_ = finished(VARIANTS["two targets"])
        slow = [alarm["Threshold"] for name, alarm in alarms(template).items() if name.endswith("SlowAlarm")]
        self.assertEqual(slow, [8500, 10_000])


if __name__ == "__main__":
    unittest.main()
