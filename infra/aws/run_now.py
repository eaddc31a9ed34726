"""`run-now`: one run of the deployed probe that alerts nobody."""

import smoke
import stacks
from deployment import Deployment
from names import REGIONAL_STACK
from refusal import Refusal


def run(deployment: Deployment, region: str) -> int:
    """Exit code: 0 passed or degraded, 1 failed. Raises Refusal."""
    if not region:
        raise Refusal("REGION is missing", f"REGION= one of {', '.join(deployment.regions)}")
    if region not in deployment.regions:
        raise Refusal(f"{region} is none of the regions", f"REGION= one of {', '.join(deployment.regions)}")
    if stacks.find(deployment.account, region, REGIONAL_STACK) is None:
        raise Refusal(f"nothing is deployed in {region}", "`make deploy` does it")
    runs = deployment.tools.run(deployment.account, region)
    for line in smoke.table({region: runs}):
        deployment.screen.answer(line)
    return 1 if any(run.outcome == "failed" for run in runs) else 0
