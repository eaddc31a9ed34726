"""The dashboard: what it draws, asks the logs for and costs. `make test` runs it."""

import json
import re
import unittest
from typing import Any

from alarms import NAMESPACE
from dashboard import MOST_METRICS, STEPS
from document import PROJECT
from metric_catalogue import CatalogueTest, Watched
from template_support import VARIANTS, alarms, finished

JOURNEY = PROJECT / "shared/model/src/journey.rs"
LOG_LINE = PROJECT / "shared/report/src/log.rs"


class Dashboard(CatalogueTest):
    def bodies(self) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
        found = []
        for name, deployment in VARIANTS.items():
            home, *_ = finished(deployment, target_alarms=True)
            (board,) = home.of_type("AWS::CloudWatch::Dashboard").values()
            found.append((name, deployment, json.loads(filled(board["DashboardBody"]["Fn::Sub"]))))
        return found

    def test_it_stays_within_the_metrics_that_cost_nothing_extra(self) -> None:
        counts = {name: len(graphed(body)) for name, _, body in self.bodies()}
        self.assertEqual(counts["article"], 3 + 3 * 8 + 3 * 3 + 2)
        self.assertLessEqual(max(counts.values()), MOST_METRICS, counts)

    def test_every_graph_shows_what_is_sent(self) -> None:
        for name, deployment, body in self.bodies():
            for region, metric in graphed(body):
                with self.subTest(f"{name} {metric.name}"):
                    self.assertIn(region, deployment["regions"])
                    self.assertEqual(metric.namespace, NAMESPACE)
                    self.check_ours(metric, deployment)

    def test_the_steps_are_those_of_the_journey(self) -> None:
        names = re.findall(r'Self::\w+ => "(\w+)"', JOURNEY.read_text(encoding="utf-8"))
        self.assertEqual([*STEPS], names[: len(STEPS)])

    def test_its_log_queries_ask_for_what_the_log_line_says(self) -> None:
        keys = {*re.findall(r'put(?:_some)?\(\s*"([a-z_.]+)"', LOG_LINE.read_text(encoding="utf-8"))}
        for _, deployment, body in self.bodies():
            queries = [widget["properties"] for widget in body["widgets"] if widget["type"] == "log"]
            self.assertEqual({query["region"] for query in queries}, {*deployment["regions"]})
            for query in queries:
                asked = {*re.findall(r"\b(?:[a-z]+\.[a-z_]+|target)\b", query["query"].split("|", 1)[1])}
                self.assertLessEqual(asked - {"xs2a_monitor.run"}, keys, query["query"])

    def test_it_shows_every_alarm_that_stands_there(self) -> None:
        for name, deployment, body in self.bodies():
            shown = {
                arn for widget in body["widgets"] if widget["type"] == "alarm" for arn in widget["properties"]["alarms"]
            }
            made = set()
            for template in finished(deployment):
                for logical_id, alarm in alarms(template).items():
                    if holds(template.resources[logical_id].get("Condition"), template.region, deployment):
                        made.add(f"arn:aws:cloudwatch:{template.region}:1:alarm:{alarm['AlarmName']}")
            self.assertEqual(shown, made, name)

    def test_several_targets_share_one_board(self) -> None:
        bodies = {name: body for name, _, body in self.bodies()}
        self.assertNotIn("variables", bodies["article"])
        (choice,) = bodies["two targets"]["variables"]
        self.assertEqual((choice["property"], choice["defaultValue"]), ("Target", "first"))
        self.assertEqual(
            [value["label"] for value in choice["values"]], ["The ${name} of first", "The ${name} of second"]
        )


def filled(text: str) -> str:
    """As CloudFormation's Fn::Sub does it: a KeyError for what it does not know."""
    known = {"AWS::Partition": "aws", "AWS::AccountId": "1"}
    return re.sub(r"\$\{(!?)([^}]+)\}", lambda found: f"${{{found[2]}}}" if found[1] else known[found[2]], text)


def holds(condition: str | None, region: str, deployment: dict[str, Any]) -> bool:
    if condition == "IsWatchRegion":
        return bool(region == deployment["watch_region"])
    return condition != "HasCertificateAlarms" or bool(region == deployment["home_region"])


def graphed(body: dict[str, Any]) -> list[tuple[str, Watched]]:
    found = []
    for widget in body["widgets"]:
        properties = widget["properties"]
        for namespace, name, *rest in properties.get("metrics", []):
            *pairs, shown = rest
            dimensions = dict(zip(pairs[::2], pairs[1::2], strict=True))
            statistic = shown.get("stat") or properties["stat"]
            region = shown.get("region") or properties["region"]
            found.append((region, Watched(namespace, name, dimensions, statistic, properties["period"])))
    return found


if __name__ == "__main__":
    unittest.main()
