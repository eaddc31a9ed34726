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

from cost_rig import AGGREGATOR, BenchError, Cloud, Function, Rig, client, steer
from cost_units import Usage
from document import Document

# Beyond the window of results that a decision looks at, in runs of a region; then the state has its usual size.
WARM_UP_RUNS = 8
MEASURED_MINUTES = 12
# When a run's result is there, after the minute that it stands for.
INTO_THE_MINUTE = timedelta(seconds=7)
# The minutes lie in the past, so that the last of them does not lie ahead.
BEGIN_BEFORE = timedelta(hours=2)
BROKEN = "9:status=503"
NAMESPACE = "XS2AMonitor"
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

    def calls_of(self, name: str) -> float:
        return self.calls[name] / self.count if self.count else 0.0


@dataclass(frozen=True)
class Measured:
    """One invocation each: of the probe (all targets), of the aggregator with one result and with a tick."""

    run: Mean
    result: Mean
    tick: Mean
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
    """Takes about half a minute when all is built. Raises BenchError, UnknownCallError or OSError."""
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
            fail(rig, cloud)
            failing = {region: now - metrics[region] for region, now in metrics_in(cloud).items()}
    return Measured(
        run=schedule.run,
        result=schedule.result,
        tick=schedule.tick,
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
        self.requests = 0
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
            for number in range(self.warm_up + self.measured):
                self._minute(begin + timedelta(minutes=number), number >= self.warm_up, probes, aggregator)

    def _minute(self, minute: datetime, counts: bool, probes: dict[str, Function], aggregator: Function) -> None:
        aggregator.invoke({"scheduled_at": rfc3339(minute)})
        used, log = self.cloud.recorder.take(AGGREGATOR), aggregator.logged()
        if counts:
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


def fail(rig: Rig, cloud: Cloud) -> None:
    now = datetime.now(timezone.utc).replace(second=0, microsecond=0)
    with rig.bank(BROKEN) as bank, rig.probes(cloud, bank, "broken") as probes, ThreadPoolExecutor() as pool:
        list(pool.map(lambda probe: run_once(probe, now), probes.values()))


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
