"""What waits for a person: subscriptions to confirm, sandboxes to leave."""

from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

import stacks
from deployment import Deployment
from names import HOME_STACK
from refusal import Refusal, from_aws
from subscriptions import missing, read_all
from templates import READ_BY_PEOPLE

SMS_HINT = "only verified numbers get any (console: SNS, Text messaging)"
VOICE_HINT = "only verified numbers are called, 20 times a day (console: AWS End User Messaging)"


def lines(deployment: Deployment) -> list[str]:
    """One for each thing that waits, none when all is well."""
    try:
        return unheard(deployment) + subscription_lines(deployment) + sandboxes(deployment)
    except (BotoCoreError, ClientError) as error:
        refusal = from_aws(error)
    except Refusal as caught:
        refusal = caught
    return [f"the subscriptions cannot be read: {refusal.reason}"]


def unheard(deployment: Deployment) -> list[str]:
    """The alarms about the monitor itself go to people, not through it."""
    people = [each for each in deployment.document["channels"] if each["protocol"] in READ_BY_PEOPLE]
    stack = stacks.find(deployment.account, deployment.home, HOME_STACK)
    if people or stack is None or stack.parameters.get("OpsEmail"):
        return []
    return ["nobody hears the alarms about the monitor itself: `make deploy OPS_EMAIL=address` subscribes somebody"]


def subscription_lines(deployment: Deployment) -> list[str]:
    topics = read_all(deployment)
    told = [
        f"{endpoint} has to confirm {protocol} from {topic.name} in {topic.region}, by the link that came"
        for topic in topics
        for protocol, endpoint in sorted(topic.pending)
    ]
    gone = missing(deployment, topics)
    return told + [f"{each.endpoint} is not subscribed to {topic.name} in {topic.region}" for topic, each in gone]


def sandboxes(deployment: Deployment) -> list[str]:
    kinds = {channel["type"] for channel in deployment.document["channels"]}
    told = []
    if "sms" in kinds:
        told += told_if("SMS", SMS_HINT, lambda: sms_sandbox(deployment))
    if "phone" in kinds:
        told += told_if("voice", VOICE_HINT, lambda: voice_sandbox(deployment))
    return told


def told_if(what: str, hint: str, question: Callable[[], bool]) -> list[str]:
    """A hint is not worth a failure: who may not ask is told to look."""
    try:
        return [f"{what} is in the sandbox: {hint}"] if question() else []
    except (BotoCoreError, ClientError, ResponseParserError):
        return [f"whether {what} is in the sandbox cannot be asked; there {hint}"]


def sms_sandbox(deployment: Deployment) -> bool:
    sns = deployment.account.client("sns", deployment.home)
    return bool(sns.get_sms_sandbox_account_status()["IsInSandbox"])


def voice_sandbox(deployment: Deployment) -> bool:
    voice = deployment.account.client("pinpoint-sms-voice-v2", deployment.home)
    attributes = voice.describe_account_attributes()["AccountAttributes"]
    return any(each["Name"] == "ACCOUNT_TIER" and each["Value"] == "SANDBOX" for each in attributes)
