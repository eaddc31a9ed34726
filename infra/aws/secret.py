"""Puts a secret where the functions read it, seen by nobody: no argument, no history, no output."""

import getpass
import sys

from at_once import in_each
from deployment import Deployment
from document import channel_parameters, token_of, token_parameters
from refusal import Refusal

# A standard SecureString holds this much (AWS Systems Manager API Reference, PutParameter).
MOST_BYTES = 4096
# DeleteParameters takes ten names (the same).
NAMES_AT_ONCE = 10


def put(deployment: Deployment, target: str | None, parameter: str | None) -> int:
    """Writes it to every region that needs it. Raises Refusal."""
    if target and parameter:
        raise Refusal("TARGET and PARAMETER are both given", "say one of them")
    name = parameter or target_parameter(deployment, target)
    regions = regions_of(deployment, name)
    value = read_value(name)
    is_token = name in {token_of(deployment.document, each) for each in deployment.document["targets"]}
    if is_token and not (value.isascii() and " " not in value):
        raise Refusal("the token has characters that cannot stand in an HTTP header (not shown)", "nothing was changed")
    in_each(regions, lambda region: write(deployment, region, name, value))
    deployment.screen.answer(f"{name} is in {', '.join(regions)}. The functions read it within 30 minutes.")
    return 0


def target_parameter(deployment: Deployment, wanted: str | None) -> str:
    targets = deployment.document["targets"]
    found = [target for target in targets if wanted in (None, target["id"])]
    if len(found) == 1:
        return token_of(deployment.document, found[0])
    ids = ", ".join(target["id"] for target in targets)
    raise Refusal(f"there is no target {wanted}" if wanted else "there are several targets", f"TARGET= one of {ids}")


def regions_of(deployment: Deployment, name: str) -> list[str]:
    """Every region for what the probe reads, home for what the channels need."""
    probes, channels = token_parameters(deployment.document), channel_parameters(deployment.document)
    if name in probes:
        return deployment.regions
    if name in channels:
        return [deployment.home]
    raise Refusal(
        f"nothing in the configuration reads {name}",
        f"the configuration reads {', '.join([*probes, *channels])}",
    )


def read_value(name: str) -> str:
    """Without echo from a terminal, else standard input, whose last line break does not count."""
    is_asked = sys.stdin.isatty()
    value = getpass.getpass(f"{name} (not shown): ") if is_asked else sys.stdin.read().rstrip("\r\n")
    if not value:
        raise Refusal("the secret is empty", "nothing was changed")
    if len(value.encode()) > MOST_BYTES:
        raise Refusal(f"the secret is longer than {MOST_BYTES} bytes", "nothing was changed")
    if value != value.strip() or not value.isprintable():
        raise Refusal("the secret begins or ends with a blank, or has a line break in it", "nothing was changed")
    return value


def write(deployment: Deployment, region: str, name: str, value: str) -> None:
    ssm = deployment.account.client("ssm", region)
    ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True, Description="xs2a-monitor")


def names(deployment: Deployment) -> list[str]:
    """All that the configuration refers to."""
    return [*token_parameters(deployment.document), *channel_parameters(deployment.document)]


def remove(deployment: Deployment, regions: list[str]) -> None:
    """All of them, where there are any."""
    every = names(deployment)

    def delete(region: str) -> None:
        for start in range(0, len(every), NAMES_AT_ONCE):
            deployment.account.client("ssm", region).delete_parameters(Names=every[start : start + NAMES_AT_ONCE])

    in_each(regions, delete)
