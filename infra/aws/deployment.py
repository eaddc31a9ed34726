"""What every command works on: the account, what the configuration says, and how to do what a test cannot."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

import document
import package
import smoke
import stacks
from account import Account
from document import Document
from names import HOME_STACK, REGIONAL_STACK
from refusal import from_aws
from screen import Screen
from wishes import Wishes

T = TypeVar("T")

# More regions at once than anybody configures, fewer calls at once than anybody minds.
AT_ONCE = 16


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


def in_each(regions: list[str], work: Callable[[str], T]) -> dict[str, T]:
    """The work's results by region, in their order. Raises the first Refusal; an error of botocore becomes one."""

    def guarded(region: str) -> T:
        try:
            return work(region)
        except (BotoCoreError, ClientError) as error:
            raise from_aws(error, region) from error

    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        return dict(zip(regions, pool.map(guarded, regions), strict=True))
    finally:
        # Who interrupts it does not wait for the others.
        pool.shutdown(wait=False, cancel_futures=True)


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
