"""Who is subscribed to the topics that tell people, and who should be."""

import json
from typing import Any, NamedTuple

from at_once import in_each
from deployment import Deployment
from names import ALERT_TOPIC, OPS_TOPIC

# What SNS says in place of an ARN.
UNCONFIRMED = "PendingConfirmation"
# Who reads an alarm as CloudWatch words it.
PEOPLE = ("email", "sms")


class Topic(NamedTuple):
    """A topic with its subscriptions by protocol and endpoint."""

    region: str
    name: str
    arn: str
    confirmed: set[tuple[str, str]]
    pending: set[tuple[str, str]]


class Subscriber(NamedTuple):
    """Who should be subscribed. No filter policy: to everything."""

    protocol: str
    endpoint: str
    filter_policy: dict[str, Any] | None


def read_all(deployment: Deployment) -> list[Topic]:
    """The alert topic and every region's ops topic. Raises Refusal."""
    topics = in_each([deployment.home], lambda region: read(deployment, region, ALERT_TOPIC))
    ops = in_each(deployment.regions, lambda region: read(deployment, region, OPS_TOPIC))
    return [*topics.values(), *ops.values()]


def read(deployment: Deployment, region: str, name: str) -> Topic:
    """A topic that is not there has no subscriptions."""
    sns = deployment.account.client("sns", region)
    topic = Topic(region, name, f"arn:aws:sns:{region}:{deployment.account.number}:{name}", set(), set())
    try:
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic.arn):
            for each in page["Subscriptions"]:
                waits = each["SubscriptionArn"] == UNCONFIRMED
                (topic.pending if waits else topic.confirmed).add((each["Protocol"], each["Endpoint"]))
    except sns.exceptions.NotFoundException:
        pass
    return topic


def missing(deployment: Deployment, topics: list[Topic]) -> list[tuple[Topic, Subscriber]]:
    """Anybody can end a subscription by the link in a mail, and AWS ends one that nobody confirmed."""
    return [
        (topic, each)
        for topic in topics
        for each in wanted(deployment, topic)
        if (each.protocol, each.endpoint) not in topic.confirmed | topic.pending
    ]


def wanted(deployment: Deployment, topic: Topic) -> list[Subscriber]:
    channels = [channel for channel in deployment.document["channels"] if channel["protocol"]]
    if topic.name == ALERT_TOPIC:
        return [Subscriber(each["protocol"], each["endpoint"], each["filter_policy"]) for each in channels]
    return [Subscriber(each["protocol"], each["endpoint"], None) for each in channels if each["protocol"] in PEOPLE]


def renew(deployment: Deployment, region: str) -> bool:
    """Subscribes again whom CloudFormation believes subscribed and SNS does not; whether there was anybody."""
    names = (ALERT_TOPIC, OPS_TOPIC) if region == deployment.home else (OPS_TOPIC,)
    gone = missing(deployment, [read(deployment, region, name) for name in names])
    for topic, each in gone:
        attributes = {} if each.filter_policy is None else {"FilterPolicy": json.dumps(each.filter_policy)}
        deployment.account.client("sns", region).subscribe(
            TopicArn=topic.arn, Protocol=each.protocol, Endpoint=each.endpoint, Attributes=attributes
        )
        deployment.screen.progress(region, f"{each.endpoint} was not subscribed to {topic.name}: asked again")
    return bool(gone)
