"""`plan`: what a deployment would change, by change sets that are never executed."""

from collections import Counter

import preflight
import rollout
import stacks
from at_once import in_each
from deployment import Deployment
from names import HOME_STACK, REGIONAL_STACK
from stacks import Change

SIGNS = {"Add": "+", "Modify": "~", "Remove": "-"}


def show(deployment: Deployment) -> int:
    """Always exit code 0: that there are changes is no fault. Raises Refusal."""
    preflight.check(deployment)
    settings = rollout.prepare(deployment).settings
    home = rollout.wanted_now(deployment, deployment.home, HOME_STACK, settings)
    tell(deployment, home, stacks.changes(deployment.account, home))
    regional = {
        region: rollout.wanted_now(deployment, region, REGIONAL_STACK, settings) for region in deployment.regions
    }
    planned = in_each(deployment.regions, lambda region: stacks.changes(deployment.account, regional[region]))
    for region, changes in planned.items():
        tell(deployment, regional[region], changes)
    return 0


def tell(deployment: Deployment, wanted: stacks.Wanted, changes: list[Change]) -> None:
    counts = Counter(SIGNS.get(change.action, "?") for change in changes)
    summary = ", ".join(f"{sign}{count}" for sign, count in sorted(counts.items())) or "no changes"
    deployment.screen.answer(f"{wanted.region}  {wanted.name}: {summary}")
    for change in changes:
        replaced = "  (replaced: deleted and made anew)" if change.replacement else ""
        kind = change.kind.removeprefix("AWS::")
        deployment.screen.answer(f"  {SIGNS.get(change.action, '?')} {kind:<28} {change.logical_id}{replaced}")
