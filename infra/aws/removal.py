"""`destroy`: all of it, or one region that is no longer wanted."""

import time

import artifacts
import secret
import stacks
from at_once import in_each
from deployment import Deployment, everywhere
from names import HOME_STACK, REGIONAL_STACK, report_bucket
from refusal import Refusal
from switching import silence

KEPT = (
    "AWS keeps the metrics' history for 15 months and deletes it by itself; it costs nothing. "
    "Nothing of it can be deleted earlier."
)


def destroy(deployment: Deployment, only: str | None, sure: bool, secrets: bool) -> int:
    """`only`: one region, which must not be home. Exit code 0 also when there was nothing. Raises Refusal."""
    began = time.monotonic()
    found = everywhere(deployment)
    regions = wanted_regions(deployment, found, only)
    if not sure:
        confirm(deployment, regions, secrets)
    in_each(regions, lambda region: silence(deployment.account, region))
    failures = remove_stacks(deployment, found, regions, REGIONAL_STACK)
    if failures:
        return tell(deployment, failures)
    failures = remove_stacks(deployment, found, regions, HOME_STACK)
    if failures:
        return tell(deployment, failures)
    buckets = in_each(regions, lambda region: artifacts.remove_bucket(deployment.account, region))
    if secrets:
        secret.remove(deployment, regions)
    was_there = any(buckets.values()) or any(region in found for region in regions)
    seconds = time.monotonic() - began
    what = f"Removed from {', '.join(regions)} in {seconds:.1f} s. {KEPT}" if was_there else "Nothing was deployed."
    conclude(deployment, what, secrets)
    return 0


def wanted_regions(deployment: Deployment, found: dict[str, list[stacks.Stack]], only: str | None) -> list[str]:
    if only is None:
        return list(dict.fromkeys([*deployment.regions, *found]))
    if only in deployment.regions:
        raise Refusal(f"{only} is one of regions", "take it out and `make deploy` first; or `make destroy` all of it")
    if only not in found:
        raise Refusal(f"there is nothing of ours in {only}")
    return [only]


def confirm(deployment: Deployment, regions: list[str], secrets: bool) -> None:
    what = "its state, its reports and your secrets in SSM" if secrets else "its state and its reports"
    where = f"{', '.join(regions)} of account {deployment.account.number}"
    question = f"Remove xs2a-monitor, {what} from {where}? [y/N] "
    try:
        answer = deployment.tools.ask(question)
    except EOFError as error:
        raise Refusal("nobody is there to ask", "YES=1 removes it without asking") from error
    if answer.strip().lower() not in ("y", "yes"):
        raise Refusal("nothing was removed")


def remove_stacks(
    deployment: Deployment, found: dict[str, list[stacks.Stack]], regions: list[str], name: str
) -> list[Refusal]:
    """In all regions at once; what did not go."""

    def remove(region: str) -> Refusal | None:
        try:
            for stack in found.get(region, []):
                if stack.name == name:
                    remove_stack(deployment, stack)
        except Refusal as refusal:
            return refusal
        return None

    outcomes = in_each(regions, remove)
    return [refusal for refusal in outcomes.values() if refusal is not None]


def remove_stack(deployment: Deployment, stack: stacks.Stack) -> None:
    """Raises Refusal when something of it stays."""

    def progress(line: str) -> None:
        deployment.screen.progress(stack.region, line)

    reports = report_bucket(deployment.account.number, stack.region)
    if stack.name == HOME_STACK:
        stacks.delete(deployment.account, stack, progress)
        return
    # CloudFormation deletes only empty buckets.
    artifacts.empty(deployment.account, stack.region, reports)
    try:
        stacks.delete(deployment.account, stack, progress)
    except Refusal:
        # A run that was under way may have written its report since.
        if artifacts.empty(deployment.account, stack.region, reports) == 0:
            raise
        stacks.delete(deployment.account, stack, progress)


def tell(deployment: Deployment, failures: list[Refusal]) -> int:
    for failure in failures:
        deployment.screen.complain("destroy", failure)
    return 1


def conclude(deployment: Deployment, what: str, secrets: bool) -> None:
    deployment.screen.answer(what)
    names = ", ".join(secret.names(deployment))
    if secrets:
        deployment.screen.answer(f"Your secrets are gone from SSM too ({names}).")
    else:
        deployment.screen.answer(f"Your secrets stay in SSM ({names}); SECRETS=1 removes them too.")
