"""The metrics that are really sent, and what tests ask about them."""

import re
import unittest
from typing import Any, NamedTuple

from dashboard import STEPS
from document import PROJECT

METRICS = PROJECT / "shared/report/src/metrics.rs"

# By the constants of metrics.rs: the dimensions that a metric is sent with, and the statistics that
# say something of it.
CATALOGUE: dict[str, tuple[list[list[str]], set[str]]] = {
    "RUN_SUCCESS": ([["TARGET"]], {"Minimum", "Maximum", "SampleCount"}),
    "MONITOR_ERROR": ([["TARGET"]], {"Sum", "SampleCount"}),
    "RUN_DURATION": ([["TARGET"]], {"p50", "p95", "p99"}),
    "RUN_RECOVERED": ([["TARGET"]], {"Sum"}),
    "STEP_DURATION": ([["TARGET", "STEP"]], {"Average"}),
    "STEP_FAILURE": ([["TARGET", "STEP"], ["TARGET", "STEP", "ERROR_TYPE"]], {"Sum"}),
    "CERTIFICATE_DAYS_TO_EXPIRY": ([["TARGET", "HOST"]], {"Minimum"}),
    "AGGREGATOR_HEARTBEAT": ([[]], {"SampleCount"}),
    "NOTIFICATION_FAILED": ([[]], {"Sum"}),
}
NOT_METRICS = {"NAMESPACE", "TARGET", "STEP", "ERROR_TYPE", "HOST"}
# AWS's own (Amazon CloudWatch metrics of AWS Lambda, of Amazon SQS): its dimension, the statistic, and the property of
# the resource that bears the dimension's value.
OF_AWS = {
    ("AWS/Lambda", "Errors"): ("FunctionName", "Sum", "AWS::Lambda::Function"),
    ("AWS/Lambda", "Throttles"): ("FunctionName", "Sum", "AWS::Lambda::Function"),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): ("QueueName", "Maximum", "AWS::SQS::Queue"),
}


class Watched(NamedTuple):
    """A metric that an alarm or a graph asks for."""

    namespace: str
    name: str
    dimensions: dict[str, Any]
    statistic: str
    period: int


def constants() -> dict[str, str]:
    return dict(re.findall(r'const ([A-Z_]+): &str = "(\w+)";', METRICS.read_text(encoding="utf-8")))


class CatalogueTest(unittest.TestCase):
    """Compares what is watched or drawn with what is sent."""

    names: dict[str, str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.names = constants()

    def check_ours(self, metric: Watched, deployment: dict[str, Any]) -> None:
        by_name = {self.names[constant]: entry for constant, entry in CATALOGUE.items()}
        self.assertIn(metric.name, by_name)
        dimensions, statistics = by_name[metric.name]
        self.assertIn([*metric.dimensions], [[self.names[each] for each in one] for one in dimensions], metric)
        self.assertIn(metric.statistic, statistics, metric)
        targets = {target["id"]: target for target in deployment["targets"]}
        if self.names["TARGET"] in metric.dimensions:
            self.assertIn(metric.dimensions["Target"], targets, metric)
        if self.names["STEP"] in metric.dimensions:
            self.assertIn(metric.dimensions["Step"], STEPS, metric)
