"""The bill as tables for a person and as a document for a program."""

from dataclasses import asdict
from typing import Any

from cost_bill import GOAL_AFTER_ALLOWANCES, GOAL_AT_LIST, KEPT_MINUTES, Bill, Case, Line, variants
from cost_measure import Mean
from cost_prices import Service
from cost_standing import standing

COUNTED = {
    "PutMetricData": "put_metric_data",
    "SNS messages": "sns_publish",
    "DynamoDB WRU": "write_unit",
    "DynamoDB RRU": "read_unit",
    "S3 writes": "s3_put",
}


def as_table(case: Case) -> str:
    bill = case.bill()
    sections = [heading(case, bill), counted(case, bill), metrics(case), lines(bill), goal(bill), changes(case)]
    return "\n\n".join([*sections, services(case), notes(case, bill)])


def heading(case: Case, bill: Bill) -> str:
    regions = case.document["regions"]
    return (
        f"{len(case.document['targets'])} target(s), {', '.join(regions)}, every "
        f"{case.document['region_interval_minutes']} min in each: {bill.runs:,.0f} runs of "
        f"{case.requests_per_run} requests in a month of {case.assumed('month_hours')} h"
    )


def counted(case: Case, bill: Bill) -> str:
    measured = case.measured
    kinds = [measured.run, measured.result, measured.tick, measured.overview]
    assumed = [case.assumed(f"aggregator_{name}_ms") for name in ("result", "tick", "overview")]
    heads = "".join(f"{name:>12}" for name in ("probe run", "result", "tick", "overview"))
    rows = [f"{f'Counted in {measured.minutes} minutes, a mean':38}{heads}"]
    rows += [row(name, [kind.of(key) for kind in kinds], "{:.2f}") for name, key in COUNTED.items()]
    rows.append(row("DynamoDB calls", [dynamodb_calls(kind) for kind in kinds], "{:.2f}"))
    rows.append(row("bytes of log", [case.log_bytes(kind) for kind in kinds], "{:,.0f}"))
    rows.append(row("ms (probe measured, rest assumed)", [measured.probe_ms, *assumed], "{:,.0f}"))
    rows.append(row("times a month", [count for count, _, _ in case.invocations(bill.runs, bill.ticks)], "{:,.0f}"))
    kept, failed = measured.kept_run, measured.failed_run
    rows.append(
        f"  and S3: {kept.of('s3_put'):.0f} write by one run in {KEPT_MINUTES} minutes, which is kept to compare with; "
        f"{failed.of('s3_put'):.0f} writes and {failed.of('s3_get'):.0f} read by each that fails"
    )
    return "\n".join(rows)


def row(name: str, values: list[float], form: str) -> str:
    return f"  {name:36}" + "".join(f"{form.format(value):>12}" for value in values)


def dynamodb_calls(mean: Mean) -> float:
    others = ("CloudWatch.", "SNS.", "AmazonSSM.", "S3.")
    return sum(mean.calls_of(name) for name in mean.calls if not name.startswith(others))


def metrics(case: Case) -> str:
    rows = ["Metrics in CloudWatch"]
    for region in case.document["regions"]:
        of_region = case.measured.metrics[region]
        failing = sum(case.measured.failing_metrics[region].values())
        names = ", ".join(f"{count} {name}" for name, count in sorted(of_region.items()))
        rows.append(f"  {region:16}{sum(of_region.values()):3}: {names}; {failing} more while a step fails")
    return "\n".join(rows)


def lines(bill: Bill) -> str:
    rows = [f"{'A month in US dollars':26}{'quantity x price':56}{'list':>9}{'after free':>12}"]
    for line in bill.lines:
        dollars = f"{line.at_list:9.2f}{line.after_allowance:12.2f}"
        rows.append(f"  {line.price.item:24}{arithmetic(line):56}{dollars}")
    rows.append(f"  {'total':80}{bill.at_list:9.2f}{bill.after_allowances:12.2f}")
    return "\n".join(rows)


def arithmetic(line: Line) -> str:
    price = line.price
    per = f" per {price.per:,}" if price.per != 1 else ""
    free = f", {price.free:,} free" if price.free else ""
    return f"{number(line.quantity)} {price.unit} x {plain(price.usd)}{per}{free}"


def plain(dollars: float) -> str:
    """At least cents, and as many digits as there are."""
    return f"{dollars:.2f}" if round(dollars, 2) == dollars else f"{dollars:.10f}".rstrip("0")


def number(value: float) -> str:
    if value >= 1000 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}"


def goal(bill: Bill) -> str:
    wanted = (
        f"Goal (one target, three regions, every minute: at most {GOAL_AT_LIST:.0f} at list and "
        f"{GOAL_AFTER_ALLOWANCES:.0f} after the always-free allowances)"
    )
    if bill.within_goal:
        return f"{wanted}: reached."
    most = bill.lines[0]
    return "\n".join(
        (
            f"{wanted}: missed.",
            f"  {most.price.item} alone: {arithmetic(most)} = {most.at_list:.2f}, {most.after_allowance:.2f} after free",
        )
    )


def changes(case: Case) -> str:
    rows = [f"{'With one thing changed':82}{'list':>9}{'after free':>12}"]
    for name, changed in variants(case, standing):
        bill = changed.bill()
        rows.append(f"  {name:80}{bill.at_list:9.2f}{bill.after_allowances:12.2f}")
    return "\n".join(rows)


def services(case: Case) -> str:
    rows = [f"{'The same runs elsewhere':82}{'list':>9}"]
    for service in case.prices.services.values():
        rows.append(f"  {service.item:26}{service_arithmetic(case, service):54}{case.service_usd(service):9.2f}")
    return "\n".join(rows)


def service_arithmetic(case: Case, service: Service) -> str:
    per = f" per {service.per:,}" if service.per != 1 else ""
    free = f", {service.free:,} free" if service.free else ""
    beside = f", {service.gb_seconds:g} GB-s each" if service.gb_seconds else ""
    return f"{case.service_units(service):,.0f} {service.counts} x {plain(service.usd)}{per}{free}{beside}"


def notes(case: Case, bill: Bill) -> str:
    doubtful = [line.price.item for line in bill.lines if not line.price.verified]
    doubtful += [service.item for service in case.prices.services.values() if not service.verified]
    return "\n".join(
        (
            f"Assumed (infra/aws/prices.toml): the bank takes {case.assumed('bank_answer_ms')} ms for an answer, and the "
            f"simulated one is told to; {case.assumed('failing_hours_per_month')} h",
            "of failing a month, whose runs leave their reports; prices of us-east-1. Not in it: SMS and calls,",
            "looking at logs, metrics and reports, keeping the table (some MB), taxes, and that a function of 128 MB has a",
            "fourteenth of a CPU: each second that a run takes longer there costs "
            f"{case.second_of_a_run(bill.runs):.2f} a month at list prices.",
            f"Prices not verified with the seller: {'; '.join(doubtful)}.",
        )
    )


def as_json(case: Case) -> dict[str, Any]:
    bill = case.bill()
    measured = case.measured
    kinds = {
        "probe_run": measured.run,
        "probe_kept_run": measured.kept_run,
        "probe_failed_run": measured.failed_run,
        "aggregator_result": measured.result,
        "aggregator_tick": measured.tick,
        "aggregator_overview": measured.overview,
    }
    return {
        "month_hours": case.assumed("month_hours"),
        "runs": bill.runs,
        "requests_per_run": case.requests_per_run,
        "lines": [line_document(line) for line in bill.lines],
        "total": totals(bill),
        "goal": {"at_list": GOAL_AT_LIST, "after_allowances": GOAL_AFTER_ALLOWANCES, "reached": bill.within_goal},
        "changes": [{"change": name} | totals(changed.bill()) for name, changed in variants(case, standing)],
        "services": {
            name: {"usd": round(case.service_usd(service), 2)} | asdict(service)
            for name, service in case.prices.services.items()
        },
        "counted": {name: counted_document(case, mean) for name, mean in kinds.items()},
        "minutes": measured.minutes,
        "probe_ms": round(measured.probe_ms, 1),
        "metrics": {region: dict(names) for region, names in measured.metrics.items()},
        "failing_metrics": {region: dict(names) for region, names in measured.failing_metrics.items()},
        "assumptions": case.prices.assumptions,
    }


def line_document(line: Line) -> dict[str, Any]:
    price = line.price
    return {
        "name": line.name,
        "item": price.item,
        "unit": price.unit,
        "quantity": round(line.quantity, 6),
        "usd": price.usd,
        "per": price.per,
        "free": price.free,
        "at_list": round(line.at_list, 4),
        "after_allowance": round(line.after_allowance, 4),
        "date": price.date,
        "source": price.source,
        "verified": price.verified,
    }


def totals(bill: Bill) -> dict[str, float]:
    return {"at_list": round(bill.at_list, 2), "after_allowances": round(bill.after_allowances, 2)}


def counted_document(case: Case, mean: Mean) -> dict[str, Any]:
    calls = {name: mean.calls_of(name) for name in sorted(mean.calls)}
    units = {key: mean.of(key) for key in COUNTED.values()}
    return {"calls": calls, "units": units, "billed_log_bytes": case.log_bytes(mean)}
