"""What the functions use of AWS, counted over minutes of the configured schedule."""

import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import names
from cost_rig import AGGREGATOR, BenchError, Cloud, Function, Rig, client, steer
from cost_units import Usage
from document import Document

# Beyond the window of results that a decision looks at, in runs of a region; then the state has its usual size.
WARM_UP_RUNS = 8
# An hour: as long as an item of the history grows.
MEASURED_MINUTES = 60
# At least one overview is made in them.
OVERVIEW_MINUTES = 5
# When a run's result is there, after the minute that it stands for.
INTO_THE_MINUTE = timedelta(seconds=7)
# The minutes lie in the past, so that the last of them does not lie ahead.
BEGIN_BEFORE = timedelta(hours=2)
BROKEN = "9:status=503"
NAMESPACE = "XS2AMonitor"
# What the keys of the history begin with (functions/aggregator/src/store/keys.rs).
HISTORY = "HISTORY#"
DAY_HOURS = 25
CERTIFICATE = "CertificateDaysToExpiry"
MINUTE_FIELD = re.compile(r"^cron\((?:\*|\*/(?P<every>\d+)|(?P<first>\d+)(?:/(?P<step>\d+))?) ")

Metrics = dict[str, Counter[str]]
Tell = Callable[[str], None]


@dataclass
class Mean:
    """The mean of what invocations of one kind use."""

    total: Usage = field(default_factory=Usage)
    calls: Usage = field(default_factory=Usage)
    count: int = 0

    def add(self, used: tuple[Usage, Usage], log: bytes, count: int) -> None:
        self.total += used[0]
        self.calls += used[1]
        self.total["log_byte"] += len(log)
        self.total["log_event"] += log.count(b"\n")
        self.count += count

    def of(self, name: str) -> float:
        return self.total[name] / self.count if self.count else 0.0

    def without_s3(self) -> "Mean":
        units = {name: units for name, units in self.total.items() if not name.startswith("s3_")}
        calls = {name: calls for name, calls in self.calls.items() if not name.startswith("S3.")}
        return Mean(Usage(units), Usage(calls), self.count)

    def calls_of(self, name: str) -> float:
        return self.calls[name] / self.count if self.count else 0.0


@dataclass(frozen=True)
class Measured:
    """One invocation each: of the probe (all targets), of the aggregator with one result and with a tick."""

    # Without S3: what a run leaves there depends on how it ends, and when.
    run: Mean
    # One that is kept to compare others with, and one that fails.
    kept_run: Mean
    failed_run: Mean
    result: Mean
    tick: Mean
    # A tick that makes the overview, of a whole day.
    overview: Mean
    # A run that read the secrets.
    fresh: Mean
    # By region, how many metrics of a name there are at all times, and more of them while something fails.
    metrics: Metrics
    failing_metrics: Metrics
    # A warm invocation of the probe, with a bank as slow as prices.toml says.
    probe_ms: float
    requests_per_run: int
    minutes: int


def measure(document: Document, config: Path, bank_answer_ms: int, tell: Tell) -> Measured:
    """Takes one to two minutes when all is built. Raises BenchError, UnknownCallError or OSError."""
    with tempfile.TemporaryDirectory() as folder:
        tell("building the functions and starting the local cloud (minutes the first time)")
        rig = Rig(document, config, Path(folder))
        with rig.cloud() as cloud:
            schedule = Schedule(rig, cloud)
            schedule.play(tell)
            metrics = metrics_in(cloud)
            tell(f"timing a run with a bank that takes {bank_answer_ms} ms for every answer")
            probe_ms = timed(rig, cloud, bank_answer_ms)
            tell("failing in every region, for the metrics that are sent only then")
            failed_run = fail(rig, cloud)
            failing = {region: now - metrics[region] for region, now in metrics_in(cloud).items()}
    return Measured(
        run=schedule.run.without_s3(),
        kept_run=schedule.kept_run,
        failed_run=failed_run,
        result=schedule.result,
        tick=schedule.tick,
        overview=schedule.overview,
        fresh=schedule.fresh,
        metrics=with_hosts(document, metrics),
        failing_metrics=failing,
        probe_ms=probe_ms,
        requests_per_run=schedule.requests,
        minutes=schedule.measured,
    )


class Schedule:
    """The minutes of the schedule, one after the other, and what they use."""

    def __init__(self, rig: Rig, cloud: Cloud) -> None:
        self.rig = rig
        self.cloud = cloud
        self.run, self.result, self.tick, self.fresh = Mean(), Mean(), Mean(), Mean()
        self.kept_run, self.overview = Mean(), Mean()
        self.requests = 0
        self.day_is_full = False
        cycle = int(rig.document["region_interval_minutes"])
        self.warm_up = WARM_UP_RUNS * cycle
        self.measured = -(-MEASURED_MINUTES // cycle) * cycle

    def play(self, tell: Tell) -> None:
        begin = (datetime.now(timezone.utc) - BEGIN_BEFORE).replace(minute=0, second=0, microsecond=0)
        with (
            self.rig.bank() as bank,
            self.rig.probes(self.cloud, bank, "probe") as probes,
            self.rig.aggregator(self.cloud) as aggregator,
        ):
            tell(f"{self.warm_up} minutes to warm up, then {self.measured} that count")
            until = self.warm_up + self.measured
            for number in range(until):
                self._minute(begin + timedelta(minutes=number), number >= self.warm_up, probes, aggregator)
            fill_day(self.cloud, self.rig.document["home_region"], begin)
            self.day_is_full = True
            for number in range(until, until + OVERVIEW_MINUTES):
                self._minute(begin + timedelta(minutes=number), False, probes, aggregator)
        if not self.overview.count:
            raise BenchError(f"no overview was made in {OVERVIEW_MINUTES} minutes")

    def _minute(self, minute: datetime, counts: bool, probes: dict[str, Function], aggregator: Function) -> None:
        aggregator.invoke({"scheduled_at": rfc3339(minute)})
        used, log = self.cloud.recorder.take(AGGREGATOR), aggregator.logged()
        if used[0]["s3_put"]:
            if self.day_is_full:
                self.overview.add(used, log, 1)
        elif counts:
            self.tick.add(used, log, 1)
        steer(self.cloud.url, "PUT", "clock", {"now": rfc3339(minute + INTO_THE_MINUTE)})
        schedule = self.rig.document["schedule"]
        due = {region: probe for region, probe in probes.items() if is_due(schedule[region], minute)}
        with ThreadPoolExecutor() as pool:
            answers = list(pool.map(lambda probe: run_once(probe, minute), due.values()))
        results = delivered(steer(self.cloud.url, "POST", "settle")["deliveries"])
        for region, probe in due.items():
            used, log = self.cloud.recorder.take(region), probe.logged()
            if used[0]["kms_request"] or not self.fresh.count:
                self.fresh.add(used, log, 1)
            if used[0]["s3_put"]:
                self.kept_run.add(used, log, 1)
            if counts:
                self.run.add(used, log, 1)
        used, log = self.cloud.recorder.take(AGGREGATOR), aggregator.logged()
        if counts:
            self.result.add(used, log, results)
        for report in [report for answer in answers for report in answer.get("reports", [])]:
            self.requests = passed(report)


def run_once(probe: Function, minute: datetime) -> Any:
    return probe.invoke({"targets": "all", "scheduled_at": rfc3339(minute), "publish": "all"})


def passed(report: dict[str, Any]) -> int:
    """The number of a good run's requests. Raises BenchError for a bad one, whose figures would be no usual ones."""
    if report["outcome"] == "failed":
        raise BenchError(f"the run of {report['target']} in {report['region']} failed: {report['error']['message']}")
    return sum(len(step["requests"]) for step in report["steps"])


def delivered(deliveries: list[dict[str, Any]]) -> int:
    for delivery in deliveries:
        if delivery["error"] is not None or delivery["tries"] != 1:
            raise BenchError(f"the aggregator did not take a result at once: {delivery['error']}")
    return len(deliveries)


def timed(rig: Rig, cloud: Cloud, bank_answer_ms: int) -> float:
    """The milliseconds of a warm invocation, publishing included."""
    home = rig.document["home_region"]
    now = datetime.now(timezone.utc).replace(second=0, microsecond=0)
    with rig.bank(f"all:delay={bank_answer_ms}ms") as bank, rig.probes(cloud, bank, "timed") as probes:
        run_once(probes[home], now)
        started = time.monotonic()
        run_once(probes[home], now)
        return (time.monotonic() - started) * 1000


def fill_day(cloud: Cloud, home: str, full_hour: datetime) -> None:
    """Gives the history the hours before, as full as the one that was played: an overview reads a day."""
    dynamodb = client("dynamodb", home, cloud.url)
    query = {"FilterExpression": "begins_with(pk, :h) AND sk = :hour", "TableName": names.TABLE}
    sought = {":h": {"S": HISTORY}, ":hour": {"S": hour_key(full_hour)}}
    for item in dynamodb.scan(ExpressionAttributeValues=sought, **query)["Items"]:
        for back in range(1, DAY_HOURS + 1):
            earlier = {"sk": {"S": hour_key(full_hour - timedelta(hours=back))}}
            dynamodb.put_item(TableName=names.TABLE, Item=item | earlier)


def hour_key(hour: datetime) -> str:
    return hour.strftime("%Y-%m-%dT%H")


def fail(rig: Rig, cloud: Cloud) -> Mean:
    """What one invocation uses whose runs all fail."""
    # After all that passed, which a run that fails is compared with.
    minute = datetime.now(timezone.utc).replace(second=0, microsecond=0) + timedelta(minutes=1)
    failed = Mean()
    with rig.bank(BROKEN) as bank, rig.probes(cloud, bank, "broken") as probes, ThreadPoolExecutor() as pool:
        for region in probes:
            # What went before is not meant.
            cloud.recorder.take(region)
        list(pool.map(lambda probe: run_once(probe, minute), probes.values()))
        for region, probe in probes.items():
            failed.add(cloud.recorder.take(region), probe.logged(), 1)
    return failed


def metrics_in(cloud: Cloud) -> Metrics:
    found = {}
    for region in cloud.topics:
        pages = client("cloudwatch", region, cloud.url).get_paginator("list_metrics").paginate(Namespace=NAMESPACE)
        metrics = [metric for page in pages for metric in page["Metrics"]]
        distinct = {(metric["MetricName"], dimensions(metric)) for metric in metrics}
        found[region] = Counter(name for name, _ in distinct)
    return found


def dimensions(metric: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((dimension["Name"], dimension["Value"]) for dimension in metric["Dimensions"]))


def with_hosts(document: Document, metrics: Metrics) -> Metrics:
    """The simulated bank has one host where the real one may have several, each with a certificate of its own."""
    hosts = sum(len(target["hosts"]) for target in document["targets"])
    return {
        region: Counter(of_region | {CERTIFICATE: hosts}) if of_region[CERTIFICATE] else of_region
        for region, of_region in metrics.items()
    }


def is_due(expression: str, minute: datetime) -> bool:
    """By the minutes of a schedule's cron expression. Raises BenchError for one that is not of our kind."""
    field_ = MINUTE_FIELD.match(expression)
    if field_ is None:
        raise BenchError(f"the schedule {expression} is not understood")
    if field_["first"] and not field_["step"]:
        return minute.minute == int(field_["first"])
    first, step = int(field_["first"] or 0), int(field_["every"] or field_["step"] or 1)
    return minute.minute >= first and (minute.minute - first) % step == 0


def rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
