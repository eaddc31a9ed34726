"""The AWS account: clients by service and region, and what is checked before anything else."""

import threading
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from at_once import in_each
from refusal import NOT_KNOWN, Refusal, code_of, from_aws

# CloudFormation and its friends throttle a busy account; the adaptive mode waits as long as AWS asks for.
PATIENT = Config(connect_timeout=5, read_timeout=60, retries={"mode": "adaptive", "total_max_attempts": 8})
# A run takes up to 58 s, and an invocation that is repeated would be another run.
ONCE = Config(connect_timeout=5, read_timeout=75, retries={"total_max_attempts": 1})


class Account:
    """Whose account it is, and its clients. AWS_ENDPOINT_URL leads to a local AWS, as it does for every SDK."""

    def __init__(self, session: boto3.session.Session, number: str) -> None:
        self.number = number
        self._session = session
        self._clients: dict[tuple[str, str, bool], Any] = {}
        self._lock = threading.Lock()

    def known_regions(self) -> list[str]:
        """All that there are, switched on or not."""
        regions: list[str] = self._session.get_available_regions("lambda")
        return regions

    def client(self, service: str, region: str, once: bool = False) -> Any:
        """`once`: never repeats a call by itself."""
        key = (service, region, once)
        # Clients may be shared between threads, making them may not.
        with self._lock:
            if key not in self._clients:
                config = ONCE if once else PATIENT
                self._clients[key] = self._session.client(service, region_name=region, config=config)
            return self._clients[key]


def sign_in(regions: list[str]) -> Account:
    """Changes nothing. Raises Refusal: no or bad credentials, a region that does not exist or is not switched on."""
    try:
        session = boto3.session.Session()
        known = session.get_available_regions("lambda")
        for region in regions:
            if region not in known:
                raise Refusal(f"{region} is no AWS region that is known here", advice_for(region, known))
        clients = {region: session.client("sts", region_name=region, config=PATIENT) for region in regions}
    except BotoCoreError as error:
        raise from_aws(error) from error
    numbers = in_each(regions, lambda region: identify(region, clients[region]))
    return Account(session, numbers[regions[0]])


def advice_for(region: str, known: list[str]) -> str:
    prefix = region.partition("-")[0]
    near = [name for name in known if name.startswith(f"{prefix}-")] or known
    return f"correct regions and home_region in infra/monitor.toml; there are {', '.join(sorted(near))}"


def identify(region: str, sts: Any) -> str:
    """The account's number, from the region itself: one that is not switched on knows no credentials."""
    try:
        number: str = sts.get_caller_identity()["Account"]
        return number
    except ClientError as error:
        if code_of(error) not in NOT_KNOWN:
            raise
        raise Refusal(
            f"{region}: AWS does not know these credentials there ({code_of(error)})",
            "they are wrong, or the region is not switched on: AWS console, Account, AWS Regions",
        ) from error
