"""Makes the home region of the local AWS: the aggregator's table, the alert topic and all subscriptions."""

import json
from typing import Any, NamedTuple

from regions import client

# moto's only account.
ACCOUNT = "123456789012"
KEYS = {"pk": "HASH", "sk": "RANGE"}
EXPIRY = "expires_at"


class Home(NamedTuple):
    endpoint_url: str
    region: str
    table: str
    alert_topic: str
    function: str


class Subscription(NamedTuple):
    """Who gets alerts: an address by email, a number by sms, a URL by https."""

    protocol: str
    endpoint: str
    # None: everything.
    filter_policy: dict[str, Any] | None


def prepare_home(home: Home, topics: dict[str, str], subscriptions: list[Subscription]) -> str:
    """`topics`: the run-result topic of every region. Returns the alert topic's ARN. Raises botocore's errors."""
    make_table(client("dynamodb", home.region, home.endpoint_url), home.table)
    sns = client("sns", home.region, home.endpoint_url)
    alert_topic: str = sns.create_topic(Name=home.alert_topic)["TopicArn"]
    for subscription in subscriptions:
        subscribe(sns, alert_topic, subscription)
    function = f"arn:aws:lambda:{home.region}:{ACCOUNT}:function:{home.function}"
    for region, topic in topics.items():
        # A subscription stands in its topic's region.
        subscribe(client("sns", region, home.endpoint_url), topic, Subscription("lambda", function, None))
    return alert_topic


def make_table(dynamodb: Any, name: str) -> None:
    try:
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in KEYS.items()],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in KEYS],
            BillingMode="PAY_PER_REQUEST",
        )
    except dynamodb.exceptions.ResourceInUseException:
        # It is there already.
        pass
    # DynamoDB refuses to enable it twice.
    if dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"] != "ENABLED":
        specification = {"Enabled": True, "AttributeName": EXPIRY}
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)


def subscribe(sns: Any, topic: str, subscription: Subscription) -> None:
    # What is subscribed already is found by its endpoint.
    arn = sns.subscribe(
        TopicArn=topic, Protocol=subscription.protocol, Endpoint=subscription.endpoint, ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    if subscription.filter_policy is not None:
        policy = json.dumps(subscription.filter_policy)
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=policy)
