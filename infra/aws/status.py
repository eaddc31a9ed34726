"""`status`: what runs, since when, and what is wrong."""

import json
from datetime import datetime, timezone
from typing import Any, NamedTuple

import pending
import stacks
from at_once import in_each
from deployment import Deployment
from names import HOME_STACK, PREFIX, REGIONAL_STACK, TABLE, overview_link
from switching import is_stopped

Item = dict[str, Any]


class Region(NamedTuple):
    """What is told of a region."""

    lines: list[str]
    is_well: bool


def show(deployment: Deployment) -> int:
    """Exit code: 0 all well, 1 something is wrong or not deployed. Raises Refusal."""
    home = in_each([deployment.home], lambda region: stacks.find(deployment.account, region, HOME_STACK))
    if home[deployment.home] is None:
        deployment.screen.answer("Nothing is deployed; `make deploy` does it.")
        return 1
    now = datetime.now(timezone.utc)
    states = in_each([deployment.home], lambda _: read_states(deployment))[deployment.home]
    regions = in_each(deployment.regions, lambda region: look(deployment, region, states, now))
    incidents = [incident_line(incident, now) for state in states for incident in state["incidents"]["open"].values()]
    for region in regions.values():
        for line in region.lines:
            deployment.screen.answer(line)
    deployment.screen.answer(f"Incidents   {len(incidents) or 'none'}")
    for line in incidents:
        deployment.screen.answer(f"  {line}")
    deployment.screen.answer(f"Overview    {overview_link(deployment.account.number, deployment.home)}")
    for line in pending.lines(deployment):
        deployment.screen.answer(f"Pending     {line}")
    return 1 if incidents or not all(region.is_well for region in regions.values()) else 0


def read_states(deployment: Deployment) -> list[Item]:
    """What the aggregator wrote about each target and about all of them; nothing of those it has not met."""
    keys = [f"TARGET#{target['id']}" for target in deployment.document["targets"]] + ["FLEET"]
    table = deployment.account.client("dynamodb", deployment.home)
    states = []
    for key in keys:
        found = table.get_item(TableName=TABLE, Key={"pk": {"S": key}, "sk": {"S": "STATE"}})
        if "Item" in found:
            states.append(json.loads(found["Item"]["state"]["S"]))
    return states


def look(deployment: Deployment, region: str, states: list[Item], now: datetime) -> Region:
    stack = stacks.find(deployment.account, region, REGIONAL_STACK)
    if stack is None:
        return Region([f"{region:<14}  not deployed"], is_well=False)
    schedule = stack.parameters.get("ScheduleState", "unknown").lower()
    if is_stopped(deployment.account, region, REGIONAL_STACK):
        schedule = "stopped (`make deploy` starts it)"
    targets = [state for state in states if "target" in state]
    fired = alarms(deployment, region)
    lines = [
        f"{region:<14}  {stack.status}, schedule {schedule}",
        *(f"  {state['target']:<24}  {last_run(state, region, now)}" for state in targets),
        *(f"  alarm {name}: ALARM" for name in fired),
    ]
    return Region(lines, is_well=schedule == "enabled" and not fired)


def last_run(state: Item, region: str, now: datetime) -> str:
    runs = state["regions"].get(region, {}).get("runs", {})
    if not runs:
        return "no run yet"
    minute = max(runs)
    run = runs[minute]
    error = run.get("error") or {}
    message = f": {error['message']}" if error.get("message") else ""
    return f"{run['outcome']} {age(minute, now)} ago{message}"


def alarms(deployment: Deployment, region: str) -> list[str]:
    """The names of those that fire."""
    cloudwatch = deployment.account.client("cloudwatch", region)
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{PREFIX}-", StateValue="ALARM")
    return [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]


def incident_line(incident: Item, now: datetime) -> str:
    taken = "acknowledged" if incident.get("acknowledged_at") else "not acknowledged"
    return f"{incident['key']}  {incident['stage']} for {age(incident['since'], now)}, {taken}"


def age(moment: str, now: datetime) -> str:
    seconds = int((now - datetime.fromisoformat(moment.replace("Z", "+00:00"))).total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
