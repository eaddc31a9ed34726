"""What a deployment came to."""

from typing import NamedTuple

import pending
import smoke
from deployment import Deployment
from names import DASHBOARD, PROBE, overview_link
from refusal import Refusal


class Outcome(NamedTuple):
    """What became of a region."""

    changed: bool
    runs: list[smoke.Run]
    failure: Refusal | None
    seconds: float


def summarise(
    deployment: Deployment, home_changed: bool, home_seconds: float, regions: dict[str, Outcome], seconds: float
) -> int:
    """Exit code: 0 all regions run, 1 some do not."""
    for line in smoke.table({region: outcome.runs for region, outcome in regions.items() if outcome.runs}):
        deployment.screen.answer(line)
    for line in links(deployment):
        deployment.screen.answer(line)
    for line in pending.lines(deployment):
        deployment.screen.answer(f"Pending     {line}")
    failures = [outcome.failure for outcome in regions.values() if outcome.failure]
    if failures or home_changed or any(outcome.changed for outcome in regions.values()):
        each = ", ".join(f"{region} {outcome.seconds:.1f} s" for region, outcome in regions.items())
        good = len(regions) - len(failures)
        deployment.screen.answer(f"Regions     {good} of {len(regions)} run")
        deployment.screen.answer(f"Time        {seconds:.1f} s: home {home_seconds:.1f} s, then at once {each}")
    else:
        deployment.screen.answer(f"No changes: all stands as the configuration says ({seconds:.1f} s).")
    for failure in failures:
        deployment.screen.complain("deploy", failure)
    return 1 if failures else 0


def links(deployment: Deployment) -> list[str]:
    lines = ["", f"Dashboard   {console(deployment.home)}#dashboards/dashboard/{DASHBOARD}"]
    lines.append(f"Overview    {overview_link(deployment.account.number, deployment.home)}")
    # The console wants the name's slashes escaped twice, the second time with $ for %.
    group = f"/aws/lambda/{PROBE}".replace("/", "$252F")
    logs = [f"{console(region)}#logsV2:log-groups/log-group/{group}" for region in deployment.regions]
    return lines + [f"Logs        {link}" for link in logs]


def console(region: str) -> str:
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
