"""The same work in several regions at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from refusal import from_aws

T = TypeVar("T")

# More regions at once than anybody configures, fewer calls at once than anybody minds.
MOST = 16


def in_each(regions: list[str], work: Callable[[str], T]) -> dict[str, T]:
    """The work's results by region, in their order. Raises the first Refusal; an error of botocore becomes one."""

    def guarded(region: str) -> T:
        try:
            return work(region)
        except (BotoCoreError, ClientError) as error:
            raise from_aws(error, region) from error

    pool = ThreadPoolExecutor(MOST)
    try:
        return dict(zip(regions, pool.map(guarded, regions), strict=True))
    finally:
        # Who interrupts it does not wait for the others.
        pool.shutdown(wait=False, cancel_futures=True)
