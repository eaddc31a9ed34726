"""What can be known before anything is changed."""

import stacks
from artifacts import check_ours
from at_once import in_each
from deployment import Deployment, everywhere
from document import channel_parameters, token_parameters
from names import HOME_STACK, REGIONAL_STACK
from refusal import Refusal

# A filter takes fifty values (AWS Systems Manager API Reference, ParameterStringFilter).
NAMES_AT_ONCE = 50


def check(deployment: Deployment) -> None:
    """Raises Refusal: what would go wrong later, or leave a monitor that sees nothing."""
    names = token_parameters(deployment.document)
    in_each(deployment.regions, lambda region: check_region(deployment, region))
    check_home(deployment)
    check_parameters(deployment, names)


def check_region(deployment: Deployment, region: str) -> None:
    check_ours(deployment.account, region)
    stacks.check_workable(stacks.find(deployment.account, region, REGIONAL_STACK))


def check_home(deployment: Deployment) -> None:
    """Two homes would decide and tell everything twice."""
    found = everywhere(deployment)
    for region, there in found.items():
        home = next((stack for stack in there if stack.name == HOME_STACK), None)
        if home is None:
            continue
        if region != deployment.home and home.status not in stacks.NEVER_MADE:
            raise Refusal(
                f"the home stack stands in {region}, and home_region is {deployment.home}",
                "`make destroy` first, or set home_region back: state does not move",
            )
        stacks.check_workable(home)
    for region in found.keys() - set(deployment.regions):
        deployment.screen.tell(
            f"{region} is no longer in regions, and its stack still stands: `make destroy REGION={region}` removes it"
        )


def check_parameters(deployment: Deployment, everywhere_needed: list[str]) -> None:
    def missing(region: str) -> list[str]:
        at_home = channel_parameters(deployment.document) if region == deployment.home else []
        return missing_parameters(deployment, region, [*everywhere_needed, *at_home])

    absent = {region: names for region, names in in_each(deployment.regions, missing).items() if names}
    if absent:
        names = sorted({name for names in absent.values() for name in names})
        raise Refusal(
            f"the SSM parameters {', '.join(names)} are not there in {', '.join(absent)}",
            " and ".join(f"`make secret PARAMETER={name}`" for name in names),
        )


def missing_parameters(deployment: Deployment, region: str, names: list[str]) -> list[str]:
    """By the list of names: a deployer needs no right to read values."""
    ssm = deployment.account.client("ssm", region)
    found: set[str] = set()
    for start in range(0, len(names), NAMES_AT_ONCE):
        named = {"Key": "Name", "Option": "Equals", "Values": names[start : start + NAMES_AT_ONCE]}
        for page in ssm.get_paginator("describe_parameters").paginate(ParameterFilters=[named]):
            found |= {parameter["Name"] for parameter in page["Parameters"]}
    return [name for name in names if name not in found]
