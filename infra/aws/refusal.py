"""What a person is told when something cannot be done: one sentence, and what to do."""

import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSOError,
    TokenRetrievalError,
)

POLICY = "infra/aws/deployer-policy.json lists what a deployer needs"
CREDENTIALS = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
STALE = "sign in again (`aws sso login`, or new keys)"

NOT_ALLOWED = {"403", "AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
NOT_KNOWN = {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure"}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
TOO_FAST = {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}


class Refusal(Exception):
    """Why it ends here. The advice says what to do; None: nothing that we know of."""

    def __init__(self, reason: str, advice: str | None = None) -> None:
        super().__init__(reason)
        self.reason = one_line(reason)
        self.advice = advice


def one_line(text: str) -> str:
    return " ".join(text.split())


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    return one_line(str(error.response.get("Error", {}).get("Message", "")))


def from_aws(error: BotoCoreError | ClientError, where: str = "") -> Refusal:
    """What AWS, or the way there, refused; `where` is the region, when it matters."""
    place = f"{where}: " if where else ""
    if isinstance(error, ClientError):
        return _from_answer(error, place)
    if isinstance(error, NoCredentialsError):
        return Refusal("there are no AWS credentials", CREDENTIALS)
    if isinstance(error, PartialCredentialsError):
        return Refusal(f"the AWS credentials are incomplete: {error}", CREDENTIALS)
    if isinstance(error, ProfileNotFound):
        return Refusal(str(error), "`aws configure list-profiles` lists those that AWS_PROFILE can name")
    if isinstance(error, (SSOError, TokenRetrievalError)):
        return Refusal(f"the AWS credentials are no longer good: {error}", STALE)
    if isinstance(error, (EndpointConnectionError, ConnectTimeoutError, ReadTimeoutError)):
        return Refusal(f"{place}{error}", "check the network, a proxy, and that the region's name is right")
    return Refusal(f"{place}{error}")


def _from_answer(error: ClientError, place: str) -> Refusal:
    code, message = code_of(error), message_of(error)
    if code in NOT_ALLOWED:
        return Refusal(f"{place}AWS does not allow {error.operation_name}: {message}", POLICY)
    if code in EXPIRED:
        return Refusal(f"{place}the AWS credentials have expired", STALE)
    if code in NOT_KNOWN:
        return Refusal(f"{place}AWS does not know these credentials ({code})", CREDENTIALS)
    if code in TOO_FAST:
        return Refusal(f"{place}AWS has no time for {error.operation_name} ({code})", "run it again in a minute")
    # A proxy, or a service that is ill, answers with a page.
    said = one_line(re.sub(r"<[^>]*>", " ", message)) or code
    return Refusal(f"{place}{error.operation_name} failed: {said}")
