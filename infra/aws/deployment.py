"""What every command works on: the account, what the configuration says, and how to do what a test cannot."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

import document
import package
import smoke
import stacks
from account import Account
from at_once import in_each
from document import Document
from names import HOME_STACK, REGIONAL_STACK
from screen import Screen
from wishes import Wishes


class Tools(NamedTuple):
    """What leads out of here: builds, asks a person, runs a function."""

    read_document: Callable[[Path], Document] = document.read_document
    build: Callable[[str], dict[str, Path]] = package.build
    run: Callable[[Account, str], list[smoke.Run]] = smoke.run
    ask: Callable[[str], str] = input


class Deployment(NamedTuple):
    """One configuration in one account."""

    account: Account
    config: Path
    document: Document
    # Of `deploy` and `plan`: what the command line says beside the configuration.
    wishes: Wishes
    screen: Screen
    tools: Tools

    @property
    def home(self) -> str:
        return str(self.document["home_region"])

    @property
    def regions(self) -> list[str]:
        return list(self.document["regions"])


def everywhere(deployment: Deployment) -> dict[str, list[stacks.Stack]]:
    """Our stacks by region, also in regions that the configuration no longer names.

    Of those, one that is not switched on, forbidden or out of reach counts as empty. Raises Refusal.
    """
    account = deployment.account

    def look(region: str) -> list[stacks.Stack]:
        ours = region in deployment.regions
        try:
            found = (stacks.find(account, region, name, once=not ours) for name in (REGIONAL_STACK, HOME_STACK))
            return [stack for stack in found if stack is not None]
        except (BotoCoreError, ClientError):
            if ours:
                raise
            return []

    found = in_each(list(dict.fromkeys([*deployment.regions, *account.known_regions()])), look)
    return {region: stacks for region, stacks in found.items() if stacks}
