"""Schedules and alarms, stopped and started by hand: what a destroy does before the first resource goes.

CloudFormation knows nothing of it. A destroy that was interrupted leaves stacks that say they are switched on, so the
schedule itself is asked, and `make deploy` starts again what was stopped.
"""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from account import Account
from names import HOME_STACK, PREFIX, PROBE, TICK

# DisableAlarmActions and EnableAlarmActions take a hundred names (Amazon CloudWatch API Reference).
ALARMS_AT_ONCE = 100


def silence(account: Account, region: str) -> None:
    """No alarm may act, and no tick may miss a region."""
    cloudwatch = account.client("cloudwatch", region)
    for names in alarm_names(cloudwatch):
        cloudwatch.disable_alarm_actions(AlarmNames=names)
    switch_schedules(account, region, "DISABLED")


def end_silence(account: Account, region: str) -> None:
    """The reverse."""
    cloudwatch = account.client("cloudwatch", region)
    for names in alarm_names(cloudwatch):
        cloudwatch.enable_alarm_actions(AlarmNames=names)
    switch_schedules(account, region, "ENABLED")


def is_stopped(account: Account, region: str, stack: str) -> bool:
    """Whether the stack's schedule is stopped, whatever the stack says."""
    name = TICK if stack == HOME_STACK else PROBE
    try:
        return str(account.client("scheduler", region).get_schedule(Name=name)["State"]) == "DISABLED"
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return False
        raise


def alarm_names(cloudwatch: Any) -> Iterator[list[str]]:
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{PREFIX}-")
    names = [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]
    for start in range(0, len(names), ALARMS_AT_ONCE):
        yield names[start : start + ALARMS_AT_ONCE]


def switch_schedules(account: Account, region: str, state: str) -> None:
    """UpdateSchedule takes the whole of each again."""
    scheduler = account.client("scheduler", region)
    for page in scheduler.get_paginator("list_schedules").paginate(NamePrefix=f"{PREFIX}-"):
        for schedule in page["Schedules"]:
            place = {"GroupName": schedule["GroupName"], "Name": schedule["Name"]}
            whole = scheduler.get_schedule(**place)
            told = ("ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target")
            kept = {name: whole[name] for name in told if name in whole}
            scheduler.update_schedule(**place, **kept, State=state)
