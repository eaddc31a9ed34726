"""The dashboard: one look tells which region, which step, since when.

A board with more than 50 metrics costs 3 dollars a month (Amazon CloudWatch pricing, Dashboard). So several targets
share one set of graphs and a list to choose from, and failures come from the log lines, which are no metrics.
"""

from typing import Any

from alarms import NAMESPACE
from document import Document
from names import PROBE

MOST_METRICS = 50
STEPS = (
    "start_session",
    "start_account_details_flow",
    "select_test_bank",
    "encrypted_responses",
    "complete_flow",
    "select_account",
    "get_consent",
    "account_details_and_balance",
)
PERCENTILES = ("p50", "p95", "p99")

WIDTH = 24
Widget = dict[str, Any]


def dashboard(deployment: Document, alarm_arns: dict[str, list[str]]) -> dict[str, Any]:
    """`alarm_arns`: those of each region. Widgets without a place are laid out by CloudWatch, row by row."""
    regions, period = deployment["regions"], 60 * int(deployment["region_interval_minutes"])
    first, hosts = deployment["targets"][0]["id"], all_hosts(deployment)
    widgets = [
        *(alarm_states(region, arns, WIDTH // len(alarm_arns)) for region, arns in alarm_arns.items()),
        success(deployment["home_region"], regions, first, period),
        durations(deployment["home_region"], regions, first, max(300, period)),
        *steps(deployment, first, period),
        *(failures(region, WIDTH // len(regions)) for region in regions),
        *(failed_runs(region, WIDTH // len(regions)) for region in regions),
        certificates(deployment["home_region"], first, hosts),
    ]
    return {"start": "-PT3H", "periodOverride": "inherit", **choice(deployment["targets"]), "widgets": widgets}


def choice(targets: list[dict[str, Any]]) -> dict[str, Any]:
    """A list to choose the target from: it changes the dimension Target in every graph."""
    if len(targets) == 1:
        return {}
    variable = {
        "id": "target",
        "type": "property",
        "property": "Target",
        "inputType": "select",
        "label": "Target",
        "visible": True,
        "defaultValue": targets[0]["id"],
        "values": [{"value": target["id"], "label": target["name"]} for target in targets],
    }
    return {"variables": [variable]}


def all_hosts(deployment: Document) -> list[str]:
    return sorted({host for target in deployment["targets"] for host in target["hosts"]})


def alarm_states(region: str, arns: list[str], width: int) -> Widget:
    return widget(
        "alarm", width, 3, {"title": f"Alarms in {region}", "alarms": arns, "sortBy": "stateUpdatedTimestamp"}
    )


def success(home: str, regions: list[str], target: str, period: int) -> Widget:
    lines = [metric("RunSuccess", {"Target": target}, region=region, label=region) for region in regions]
    properties = {"stat": "Minimum", "period": period, "yAxis": {"left": {"min": 0, "max": 1}}}
    return graph("Success by region (1 passed, 0 failed)", home, lines, WIDTH // 2, properties)


def durations(home: str, regions: list[str], target: str, period: int) -> Widget:
    lines = [
        metric("RunDuration", {"Target": target}, region=region, stat=percentile, label=f"{region} {percentile}")
        for region in regions
        for percentile in PERCENTILES
    ]
    return graph("Duration of a run, ms", home, lines, WIDTH // 2, {"period": period, "yAxis": {"left": {"min": 0}}})


def steps(deployment: Document, target: str, period: int) -> list[Widget]:
    """One stack of steps by region, for as many regions as the board has room for."""
    if all(each["metrics"] == "run" for each in deployment["targets"]):
        return []
    regions = deployment["regions"]
    taken = len(regions) * (1 + len(PERCENTILES)) + len(all_hosts(deployment))
    room = max(0, (MOST_METRICS - taken) // len(STEPS))
    drawn, left_out = regions[:room], regions[room:]
    widgets = [step_stack(region, target, period, WIDTH // len(drawn)) for region in drawn]
    if left_out:
        said = f"Steps of {', '.join(left_out)}: left out, a board of more than {MOST_METRICS} metrics costs extra."
        widgets.append(widget("text", WIDTH, 1, {"markdown": said}))
    return widgets


def step_stack(region: str, target: str, period: int, width: int) -> Widget:
    lines = [metric("StepDuration", {"Target": target, "Step": step}, label=step) for step in STEPS]
    properties = {"stat": "Average", "period": period, "stacked": True, "yAxis": {"left": {"min": 0}}}
    return graph(f"Steps in {region}, ms", region, lines, width, properties)


def certificates(home: str, target: str, hosts: list[str]) -> Widget:
    lines = [metric("CertificateDaysToExpiry", {"Target": target, "Host": host}, label=host) for host in hosts]
    return graph(
        "Days to the end of a certificate",
        home,
        lines,
        WIDTH,
        {"view": "singleValue", "stat": "Minimum", "period": 3600},
    )


def failures(region: str, width: int) -> Widget:
    return log_table(
        f"Failures in {region} by step and error type",
        region,
        width,
        "stats count(*) as failures by target, error.step, error.type | sort failures desc | limit 20",
    )


def failed_runs(region: str, width: int) -> Widget:
    return log_table(
        f"Last failed runs in {region}",
        region,
        width,
        "fields run.scheduled_at, target, error.step, error.request, error.type, error.message, run.id "
        "| sort @timestamp desc | limit 20",
    )


def log_table(title: str, region: str, width: int, query: str) -> Widget:
    failed = f"SOURCE '/aws/lambda/{PROBE}' | filter event.name = 'xs2a_monitor.run' and run.outcome = 'failed'"
    return widget("log", width, 6, {"title": title, "region": region, "view": "table", "query": f"{failed} | {query}"})


def graph(title: str, region: str, metrics: list[Any], width: int, properties: dict[str, Any]) -> Widget:
    shown = {"title": title, "region": region, "view": "timeSeries", "metrics": metrics}
    return widget("metric", width, 6, shown | properties)


def metric(name: str, dimensions: dict[str, str], **shown: str) -> list[Any]:
    named = [part for pair in dimensions.items() for part in pair]
    return [NAMESPACE, name, *named, shown]


def widget(kind: str, width: int, height: int, properties: dict[str, Any]) -> Widget:
    return {"type": kind, "width": max(6, width), "height": height, "properties": properties}
