"""Delivers what SNS publishes: to functions by way of their local URLs, to people into the inbox.

moto decides who is subscribed and what a filter policy lets through, and it delivers to queues. Its deliveries to
functions start containers, those to https leave this machine, and those by e-mail and SMS it drops. moto 5.2.5 has no
seam for that but the method that every message passes through once a subscription, so that is replaced; the pinned
version keeps what is relied on here in place.
"""

import re
from dataclasses import replace
from typing import Any

from moto.sns.models import Subscription

from clock import Clock
from functions import Functions
from inbox import Inbox, Message

PEOPLE = ("email", "sms", "http", "https")
FUNCTION_ARN = re.compile(r":function:(?P<name>[^:]+)")
# Nothing here checks signatures: AWS's sample event for SNS has this one too.
SIGNATURE = {"SignatureVersion": "1", "Signature": "EXAMPLE"}


def deliver_by(clock: Clock, functions: Functions, inbox: Inbox) -> None:
    """From now on, in this process, moto's subscriptions deliver so."""
    moto_publish = Subscription.publish

    def publish(
        self: Subscription,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        message_structure: str | None = None,
        **rest: Any,
    ) -> None:
        if self.protocol != "lambda" and self.protocol not in PEOPLE:
            moto_publish(
                self,
                message,
                message_id,
                subject=subject,
                message_attributes=message_attributes,
                message_structure=message_structure,
                **rest,
            )
            return
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(message_attributes, message):
            return
        if message_structure == "json":
            message = self._parse_message_structure(message, self.protocol)
        notification = {
            "Type": "Notification",
            "MessageId": message_id,
            "TopicArn": self.topic_arn,
            "Subject": subject,
            "Message": message,
            "Timestamp": clock.timestamp(),
            "MessageAttributes": message_attributes or {},
        }
        if self.protocol == "lambda":
            event = lambda_event(self.arn, notification)
            functions.deliver(function_name(self.endpoint), self.topic_arn, message_id, event)
        else:
            inbox.add(for_people(self, notification))

    setattr(Subscription, "publish", publish)


def function_name(arn: str) -> str:
    match = FUNCTION_ARN.search(arn)
    return match["name"] if match else arn


def lambda_event(subscription_arn: str, notification: dict[str, Any]) -> dict[str, Any]:
    """AWS Lambda Developer Guide, "Invoking Lambda functions with Amazon SNS notifications"."""
    links = {"SigningCertUrl": "EXAMPLE", "UnsubscribeUrl": "EXAMPLE"}
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription_arn,
        "Sns": notification | SIGNATURE | links,
    }
    return {"Records": [record]}


def for_people(subscription: Subscription, notification: dict[str, Any]) -> Message:
    message = Message(
        channel_type=subscription.protocol,
        to=subscription.endpoint,
        # A text message has no subject.
        subject=None if subscription.protocol == "sms" else notification["Subject"],
        text=notification["Message"],
        attributes=notification["MessageAttributes"],
    )
    if subscription.protocol in ("email", "sms"):
        return message
    return replace(message, body=https_body(notification), headers=https_headers(subscription, notification))


def https_body(notification: dict[str, Any]) -> dict[str, Any]:
    """Amazon SNS Developer Guide, "HTTP/HTTPS notification JSON format": what is empty is left out."""
    links = {"SigningCertURL": "EXAMPLE", "UnsubscribeURL": "EXAMPLE"}
    return {name: value for name, value in notification.items() if value} | SIGNATURE | links


def https_headers(subscription: Subscription, notification: dict[str, Any]) -> dict[str, str]:
    return {
        "content-type": "text/plain; charset=UTF-8",
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": notification["MessageId"],
        "x-amz-sns-topic-arn": notification["TopicArn"],
        "x-amz-sns-subscription-arn": subscription.arn,
    }
