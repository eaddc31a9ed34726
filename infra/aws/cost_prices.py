"""prices.toml: what a unit of something costs."""

import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = Path(__file__).parent / "prices.toml"


@dataclass(frozen=True)
class Price:
    """A tier is where it begins, in units of one region, and what `per` units cost from there on."""

    item: str
    unit: str
    per: float
    tiers: tuple[tuple[float, float], ...]
    # Units of a month that cost nothing, at the first tier's price.
    free: float
    date: str
    source: str
    verified: bool

    @property
    def usd(self) -> float:
        """What `per` units cost to begin with."""
        return self.tiers[0][1]

    def at_list(self, by_region: list[float]) -> float:
        return sum(self._of_region(quantity) for quantity in by_region)

    def after_allowance(self, by_region: list[float]) -> float:
        """An allowance is one for the whole account."""
        return self.at_list(by_region) - min(self.free, sum(by_region)) * self.usd / self.per

    def _of_region(self, quantity: float) -> float:
        ends = [begin for begin, _ in self.tiers[1:]] + [max(quantity, self.tiers[-1][0])]
        spans = zip(self.tiers, ends, strict=True)
        return sum(max(0.0, min(quantity, end) - begin) * usd / self.per for (begin, usd), end in spans)


@dataclass(frozen=True)
class Service:
    """What somebody else asks for the same runs."""

    item: str
    # "runs" or "requests".
    counts: str
    usd: float
    per: float
    free: float
    # What of ours runs beside it: GB-seconds of Lambda a run.
    gb_seconds: float
    date: str
    source: str
    verified: bool


@dataclass(frozen=True)
class PriceList:
    assumptions: dict[str, Any]
    prices: dict[str, Price]
    services: dict[str, Service]


def read_prices(file: Path = FILE) -> PriceList:
    with open(file, "rb") as text:
        document = tomllib.load(text)
    prices = {name: price_of(table) for name, table in document["price"].items()}
    services = {name: service_of(table) for name, table in document["service"].items()}
    return PriceList(document["assumptions"], prices, services)


def price_of(table: dict[str, Any]) -> Price:
    tiers = [(0.0, table["usd"])] + [(tier["from"], tier["usd"]) for tier in table.get("above", [])]
    if any(lower[0] >= upper[0] for lower, upper in pairwise(tiers)):
        raise ValueError(f"the tiers of {table['item']} are not in their order")
    return Price(
        item=table["item"],
        unit=table["unit"],
        per=table.get("per", 1),
        tiers=tuple(tiers),
        free=table.get("free", 0),
        date=table["date"],
        source=table["source"],
        verified=table["verified"],
    )


def service_of(table: dict[str, Any]) -> Service:
    return Service(
        item=table["item"],
        counts=table["counts"],
        usd=table["usd"],
        per=table.get("per", 1),
        free=table.get("free", 0),
        gb_seconds=table.get("lambda_gb", 0) * table.get("lambda_seconds", 0),
        date=table["date"],
        source=table["source"],
        verified=table["verified"],
    )
