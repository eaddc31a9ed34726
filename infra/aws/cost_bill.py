"""From what was counted to the bill of a month."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cost_measure import Mean, Measured
from cost_prices import Price, PriceList, Service
from document import Document

GB = 1_000_000_000
# How long the probe uses a secret before it reads it again (functions/probe/src/secrets.rs).
SECRET_MINUTES = 30
# How long a passed run is kept to compare others with (functions/probe/src/reports.rs), and the minutes between two
# overviews (functions/aggregator/src/overview/mod.rs).
KEPT_MINUTES = 15
OVERVIEW_MINUTES = 5
BY_STEP = "Step"
GOAL_AT_LIST = 20.0
GOAL_AFTER_ALLOWANCES = 10.0


@dataclass(frozen=True)
class Line:
    """`by_region`: the units of each region, or those of the account as one."""

    name: str
    price: Price
    by_region: list[float]

    @property
    def quantity(self) -> float:
        return sum(self.by_region)

    @property
    def at_list(self) -> float:
        return self.price.at_list(self.by_region)

    @property
    def after_allowance(self) -> float:
        return self.price.after_allowance(self.by_region)


@dataclass(frozen=True)
class Bill:
    lines: list[Line]
    runs: float
    ticks: float

    @property
    def at_list(self) -> float:
        return sum(line.at_list for line in self.lines)

    @property
    def after_allowances(self) -> float:
        return sum(line.after_allowance for line in self.lines)

    @property
    def within_goal(self) -> bool:
        return self.at_list <= GOAL_AT_LIST and self.after_allowances <= GOAL_AFTER_ALLOWANCES


@dataclass(frozen=True)
class Case:
    """What is billed: a configuration, what was measured of it, what stands there, and the prices."""

    document: Document
    measured: Measured
    # By price: alarms, dashboards, keys.
    standing: dict[str, float]
    prices: PriceList

    def bill(self) -> Bill:
        minutes = self.assumed("month_hours") * 60
        regions = self.document["regions"]
        runs_of_region = minutes / self.document["region_interval_minutes"]
        runs, ticks = runs_of_region * len(regions), minutes
        quantities: dict[str, list[float]] = {"metric": [self._metrics(region) for region in regions]}
        invocations = self.invocations(runs, ticks)
        quantities |= {name: [units] for name, units in self._used(invocations, runs).items()}
        reads = min(runs_of_region, minutes / SECRET_MINUTES) * len(regions)
        quantities["kms_request"] = [reads * self.measured.fresh.of("kms_request")]
        quantities["schedule"] = [runs + ticks]
        quantities["lambda_request"] = [sum(count for count, _, _ in invocations)]
        quantities[f"lambda_{self.assumed('architecture')}"] = [self._gb_seconds(invocations)]
        quantities["transfer_gb"] = [runs * len(self.document["targets"]) * self.assumed("bytes_to_bank_per_run") / GB]
        quantities |= {name: [units] for name, units in self.standing.items()}
        prices = self.prices.prices
        lines = [Line(name, price, quantities[name]) for name, price in prices.items() if name in quantities]
        return Bill(sorted(lines, key=lambda line: -line.at_list), runs, ticks)

    def assumed(self, name: str) -> Any:
        return self.prices.assumptions[name]

    def service_units(self, service: Service) -> float:
        runs = self.bill().runs * len(self.document["targets"])
        return runs * (self.requests_per_run if service.counts == "requests" else 1)

    def service_usd(self, service: Service) -> float:
        """A month of the same runs there."""
        units = self.service_units(service)
        beside = units * service.gb_seconds * self.prices.prices["lambda_x86_64"].usd
        return max(0.0, units - service.free) * service.usd / service.per + beside

    @property
    def requests_per_run(self) -> int:
        return self.measured.requests_per_run

    def _metrics(self, region: str) -> float:
        """In metric-months: a metric is billed for the hours in which it comes."""
        always = sum(self.measured.metrics[region].values())
        failing = sum(self.measured.failing_metrics[region].values())
        return always + failing * self.assumed("failing_hours_per_month") / self.assumed("month_hours")

    def invocations(self, runs: float, ticks: float) -> list[tuple[float, Mean, float]]:
        """How many in a month, what one uses, and its milliseconds."""
        results, overviews = runs * len(self.document["targets"]), ticks / OVERVIEW_MINUTES
        return [
            (runs, self.measured.run, self.measured.probe_ms),
            (results, self.measured.result, self.assumed("aggregator_result_ms")),
            (ticks - overviews, self.measured.tick, self.assumed("aggregator_tick_ms")),
            (overviews, self.measured.overview, self.assumed("aggregator_overview_ms")),
        ]

    def _used(self, invocations: list[tuple[float, Mean, float]], runs: float) -> dict[str, float]:
        used: dict[str, float] = defaultdict(float)
        for count, mean, _ in invocations:
            for name in ("put_metric_data", "sns_publish", "write_unit", "read_unit", "s3_put"):
                used[name] += count * mean.of(name)
            used["log_gb"] += count * self.log_bytes(mean) / GB
        used["write_unit"] += runs * len(self.document["targets"]) * self.assumed("history_write_units_more")
        for name, units in self._left_in_s3(runs).items():
            used[name] += units
        used["log_gb_month"] = used["log_gb"] * self.assumed("log_retention_days") * 24 / self.assumed("month_hours")
        return used

    def _left_in_s3(self, runs: float) -> dict[str, float]:
        """By the probes; and what is kept there of everything."""
        measured, regions = self.measured, len(self.document["regions"])
        kept = min(runs, self.assumed("month_hours") * 60 / KEPT_MINUTES * regions)
        failed = runs * self.assumed("failing_hours_per_month") / self.assumed("month_hours")
        used = {
            name: kept * measured.kept_run.of(name) + failed * measured.failed_run.of(name)
            for name in ("s3_put", "s3_get")
        }
        months = self.assumed("report_days") * 24 / self.assumed("month_hours")
        # Objects that are overwritten are there once.
        once = regions * measured.kept_run.of("s3_byte") + measured.overview.of("s3_byte")
        stored = once + failed * measured.failed_run.of("s3_byte") * months
        used["s3_gb_month"] = regions * self.assumed("artifact_mb_per_region") / 1000 + stored / GB
        return used

    def log_bytes(self, mean: Mean) -> float:
        """Of an invocation, as CloudWatch bills them."""
        overhead = mean.of("log_event") * self.assumed("log_event_overhead_bytes")
        return mean.of("log_byte") + overhead + float(self.assumed("platform_log_bytes"))

    def second_of_a_run(self, runs: float) -> float:
        """What it costs a month, at list prices, when each run takes a second longer."""
        return runs * self._gigabytes() * self.prices.prices[f"lambda_{self.assumed('architecture')}"].usd

    def _gb_seconds(self, invocations: list[tuple[float, Mean, float]]) -> float:
        return sum(count * milliseconds / 1000 * self._gigabytes() for count, _, milliseconds in invocations)

    def _gigabytes(self) -> float:
        return float(self.assumed("memory_mb")) / 1024


def variants(case: Case, standing_of: Any) -> Iterator[tuple[str, Case]]:
    """The same with one thing changed in the configuration, from the same measurement."""
    document, measured = case.document, case.measured
    regions = document["regions"]
    if any(target["metrics"] == "full" for target in document["targets"]):
        metrics = {region: without_steps(names) for region, names in measured.metrics.items()}
        failing = {region: without_steps(names) for region, names in measured.failing_metrics.items()}
        yield 'metrics = "run"', replace(case, measured=replace(measured, metrics=metrics, failing_metrics=failing))
    in_parallel = len(set(document["schedule"].values())) == 1
    if len(regions) > 1:
        gone = away_from_home(document)
        # One after the other, those that are left come round sooner.
        share = 1 if in_parallel else (len(regions) - 1) / len(regions)
        interval = document["region_interval_minutes"] * share
        left = [region for region in regions if region != gone]
        fewer = document | {"regions": left, "region_interval_minutes": interval}
        yield f"without {gone}", replace(case, document=fewer, standing=standing_of(fewer))
    if len(regions) > 1 and in_parallel:
        slower = document["region_interval_minutes"] * len(regions)
        yield 'schedule = "round-robin"', replace(case, document=document | {"region_interval_minutes": slower})
    other = "arm64" if case.assumed("architecture") == "x86_64" else "x86_64"
    prices = replace(case.prices, assumptions=case.prices.assumptions | {"architecture": other})
    yield f"{other} functions", replace(case, prices=prices)


def without_steps(names: Any) -> Any:
    return type(names)({name: count for name, count in names.items() if not name.startswith(BY_STEP)})


def away_from_home(document: Document) -> str:
    """The last region that is neither home nor, where there is another one, the watch region."""
    spare = [region for region in document["regions"] if region != document["home_region"]]
    others = [region for region in spare if region != document["watch_region"]]
    return str((others or spare)[-1])
