"""One run of the deployed probe that publishes nothing, and its steps in a table."""

import json
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from account import Account
from names import PROBE
from refusal import Refusal, from_aws

# What the schedule sends, but for the publishing.
SILENT = {"targets": "all", "publish": "none"}


class Run(NamedTuple):
    """What a run of a target came to."""

    target: str
    outcome: str
    duration_ms: float
    # By the step's name: how it ended and its milliseconds, in the journey's order.
    steps: dict[str, tuple[str, float | None]]
    # Whose fault it looks like, and the sentence; empty when it passed.
    blame: str
    message: str


def run(account: Account, region: str) -> list[Run]:
    """Runs every target once, without metrics or run results. Raises Refusal when the function itself fails."""
    payload = json.dumps(SILENT).encode()
    try:
        answer = account.client("lambda", region, once=True).invoke(FunctionName=PROBE, Payload=payload)
        body = answer["Payload"].read()
    except (BotoCoreError, ClientError) as error:
        raise from_aws(error, region) from error
    if "FunctionError" in answer:
        raise Refusal(f"{region}: {PROBE} failed: {error_of(body)}", logs_of(region))
    return read_runs(region, body)


def read_runs(region: str, body: bytes) -> list[Run]:
    """The runs of an answer, which is one of reports or, of many targets, of run results."""
    try:
        answer = json.loads(body)
        runs = [read_run(run) for run in answer["reports" if "reports" in answer else "run_results"]]
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal(f"{region}: {PROBE} answered something else than reports", logs_of(region)) from error
    if not runs:
        raise Refusal(f"{region}: {PROBE} ran no target", logs_of(region))
    return runs


def read_run(document: dict[str, Any]) -> Run:
    error = document.get("error") or {}
    steps = {step["name"]: (step["outcome"], step.get("duration_ms")) for step in document["steps"]}
    return Run(
        document["target"],
        document["outcome"],
        document["duration_ms"],
        steps,
        error.get("blame", ""),
        error.get("message", ""),
    )


def error_of(body: bytes) -> str:
    try:
        document = json.loads(body)
        return f"{document.get('errorType', 'error')}: {document.get('errorMessage', '')}"
    except (AttributeError, ValueError):
        return body.decode(errors="replace")[:300]


def logs_of(region: str) -> str:
    return f"its log: `aws logs tail /aws/lambda/{PROBE} --region {region}`"


def table(runs: dict[str, list[Run]]) -> list[str]:
    """Lines: for each target the steps down and the regions across, and what went wrong."""
    targets = list(dict.fromkeys(run.target for found in runs.values() for run in found))
    lines: list[str] = []
    for target in targets:
        by_region = {region: run for region, found in runs.items() for run in found if run.target == target}
        lines += target_table(target, by_region)
    return lines


def target_table(target: str, by_region: dict[str, Run]) -> list[str]:
    steps = list(dict.fromkeys(step for run in by_region.values() for step in run.steps))
    lines = [row(target, list(by_region))]
    lines += [row(f"  {step}", [cell(run.steps.get(step)) for run in by_region.values()]) for step in steps]
    lines.append(row("  whole run", [f"{run.outcome} {run.duration_ms:.0f} ms" for run in by_region.values()]))
    for region, run in by_region.items():
        if run.message:
            lines.append(f"  {region}: {run.message} (it looks like {run.blame})")
    return lines


def row(head: str, cells: list[str]) -> str:
    return f"{head:<32}" + "".join(f"{cell:>18}" for cell in cells)


def cell(step: tuple[str, float | None] | None) -> str:
    if step is None or step[0] == "not_run":
        return "not run"
    outcome, duration = step
    time = "" if duration is None else f"{duration:.0f} ms"
    return time if outcome == "passed" else f"{outcome} {time}"
