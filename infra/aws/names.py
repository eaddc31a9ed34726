"""The names that are fixed in an account: what a person, a policy or another stack refers to."""

import hashlib

HOME_STACK = "xs2a-monitor-home"
REGIONAL_STACK = "xs2a-monitor-regional"
PROBE = "xs2a-monitor-probe"
AGGREGATOR = "xs2a-monitor-aggregator"
# The schedule of the aggregator; the probe's is named as the probe.
TICK = "xs2a-monitor-tick"
TABLE = "xs2a-monitor"
ALERT_TOPIC = "xs2a-monitor-alerts"
OPS_TOPIC = "xs2a-monitor-ops"
RUN_RESULTS = "xs2a-monitor-run-results"
DEAD_LETTERS = "xs2a-monitor-dead-letters"
AGGREGATOR_FAILURES = "xs2a-monitor-aggregator-failures"
# The aggregator knows the alarm by this name.
MISSING_RUNS = "xs2a-monitor-missing-runs"
HEARTBEAT_MISSING = "xs2a-monitor-heartbeat-missing"
DASHBOARD = "xs2a-monitor"
# Its key in the home region's report bucket.
OVERVIEW = "overview/index.html"
# What the names of alarms and schedules begin with.
PREFIX = "xs2a-monitor"


def stable_id(name: str) -> str:
    """The part of a logical id that stands for a channel, target or region: it stays when others come and go, so that
    CloudFormation never takes one for another."""
    words = "".join(word.capitalize() for word in name.split("-"))
    return f"{words}{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def artifact_bucket(account: str, region: str) -> str:
    """Holds the functions' packages: Lambda reads only from a bucket of the function's own region."""
    return f"xs2a-monitor-artifacts-{account}-{region}"


def report_bucket(account: str, region: str) -> str:
    """Holds the full run reports; part of the regional stack."""
    return f"xs2a-monitor-reports-{account}-{region}"


def overview_link(account: str, home: str) -> str:
    """Where the console shows the overview of all regions, to whoever may read the bucket."""
    bucket = report_bucket(account, home)
    return f"https://{home}.console.aws.amazon.com/s3/object/{bucket}?region={home}&prefix={OVERVIEW}"
