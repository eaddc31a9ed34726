"""What a deployment is told beside the configuration. What is not told stays as it was deployed."""

from typing import NamedTuple

from stacks import Stack


# What CloudWatch Logs takes (Amazon CloudWatch Logs API Reference, PutRetentionPolicy), up to two years.
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)
# What Lambda takes, in MB.
LEAST_MEMORY, MOST_MEMORY = 128, 10240
# What the aggregator takes: a link ends with the credentials that signed it, which live for hours.
MOST_LINK_HOURS = 12


class Wishes(NamedTuple):
    """None: as it was deployed, at first the default."""

    architecture: str | None = None
    memory: int | None = None
    log_days: int | None = None
    # Empty: none is reserved.
    reserved_concurrency: str | None = None
    target_alarms: bool | None = None
    # Empty: nobody beside the channels.
    ops_email: str | None = None
    # 0: links to reports lead to the console.
    report_link_hours: int | None = None


# By wish: the parameter of the home region's stacks that keeps it, and the default.
KEPT: dict[str, tuple[str, str]] = {
    "architecture": ("Architecture", "x86_64"),
    "memory": ("MemorySize", "128"),
    "log_days": ("LogRetentionDays", "30"),
    "reserved_concurrency": ("ReservedConcurrency", ""),
    "target_alarms": ("TargetAlarms", "off"),
    "ops_email": ("OpsEmail", ""),
    "report_link_hours": ("ReportLinkHours", "0"),
}


def granted(wishes: Wishes, deployed: list[Stack]) -> Wishes:
    """All of them: what is not wished is read from the stacks, from the last that has it. Raises ValueError when that
    holds no number."""
    old = {name: value for stack in deployed for name, value in stack.parameters.items()}
    kept = {wish: old.get(parameter, default) for wish, (parameter, default) in KEPT.items()}
    before = Wishes(
        architecture=kept["architecture"],
        memory=int(kept["memory"]),
        log_days=int(kept["log_days"]),
        reserved_concurrency=kept["reserved_concurrency"],
        target_alarms=kept["target_alarms"] == "on",
        ops_email=kept["ops_email"],
        report_link_hours=int(kept["report_link_hours"]),
    )
    return before._replace(**{wish: value for wish, value in wishes._asdict().items() if value is not None})
