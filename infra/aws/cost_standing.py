"""What the stacks hold that is billed whether something runs or not."""

from typing import Any

from alarms import home_alarms, regional_alarms
from document import Document

# The conditions of regional.yaml that hold as deployed by default: none of the alarms on targets.
WATCHES = "IsWatchRegion"


def standing(document: Document) -> dict[str, float]:
    """Units by the name of their price."""
    alarms = sum(alarm_metrics(alarm) for alarm in home_alarms().values())
    for region in document["regions"]:
        holds = {WATCHES} if region == document["watch_region"] else set()
        alarms += sum(alarm_metrics(alarm) for alarm in there(regional_alarms(document), holds))
    return {"alarm": alarms, "dashboard": 1}


def there(resources: dict[str, Any], holds: set[str]) -> list[Any]:
    return [one for one in resources.values() if one.get("Condition") is None or one["Condition"] in holds]


def alarm_metrics(alarm: dict[str, Any]) -> int:
    """An alarm over an expression is billed for each metric in it."""
    queries = alarm["Properties"].get("Metrics")
    return 1 if queries is None else sum("MetricStat" in query for query in queries)
