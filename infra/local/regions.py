"""What the clients of the local AWS share: they ask every region at once, and tell a failure in one line."""

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

T = TypeVar("T")

# A local service answers at once or not at all.
CLIENT_CONFIG = Config(connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 1})


def region_list(text: str) -> list[str]:
    """The regions of an argument, with commas between them."""
    regions = [region.strip() for region in text.split(",") if region.strip()]
    if not regions:
        raise argparse.ArgumentTypeError("at least one region is needed")
    return regions


def client(service: str, region: str, endpoint_url: str) -> Any:
    # A session of its own: boto3's default one is not safe to share between threads.
    session = boto3.session.Session(region_name=region)
    return session.client(service, endpoint_url=endpoint_url, config=CLIENT_CONFIG)


def in_each(regions: list[str], work: Callable[[str], T], program: str) -> list[T] | None:
    """The work's results in the order of the regions; None, and a line on standard error, when one failed."""
    try:
        with ThreadPoolExecutor() as pool:
            return list(pool.map(work, regions))
    except (BotoCoreError, ClientError, ValueError) as error:
        tell(program, error)
        return None


def tell(program: str, error: Exception) -> None:
    """A failure in one line on standard error."""
    print(f"{program}: {' '.join(str(error).split())}", file=sys.stderr)
