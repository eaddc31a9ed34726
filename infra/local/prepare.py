"""Makes what the functions find in the local AWS.

    .local/venv/bin/python infra/local/prepare.py --endpoint-url URL --regions us-east-1,us-west-1 \\
        --topic run-results [--parameter /monitor/token=VALUE]... \\
        [--home us-east-1 --table state --alert-topic alerts --function aggregator [--subscription JSON]...]

    {"topics": {"us-east-1": "arn:aws:sns:us-east-1:123456789012:run-results", "us-west-1": "..."},
     "alert_topic": "arn:aws:sns:us-east-1:123456789012:alerts"}

In every region: the run-result topic and the SSM parameters. With --home, in that region: the table, the alert topic
and its subscriptions ({"protocol": "email", "endpoint": "a@example.org", "filter_policy": {...}}); and the function
there gets what the run-result topics of all regions publish. Without it the alert topic is null.

What is there already is kept (topics, the table) or written anew (a parameter, as a SecureString; a filter policy).
Exit codes: 0 made, 1 the local AWS refused (the reason in one line on standard error), 2 bad usage.
"""

import isolation  # noqa: F401  (before boto3, which reads the environment)

import argparse
import json
import sys

from botocore.exceptions import BotoCoreError, ClientError

from home import Home, Subscription, prepare_home
from regions import client, in_each, region_list, tell

PROGRAM = "prepare.py"
HOME_OPTIONS = ("home", "table", "alert_topic", "function")


def main() -> int:
    options = parse_options()
    topics = in_each(options.regions, lambda region: prepare(options, region), PROGRAM)
    if topics is None:
        return 1
    topic_of_region = dict(zip(options.regions, topics, strict=True))
    alert_topic = None
    if options.home is not None:
        home = Home(options.endpoint_url, options.home, options.table, options.alert_topic, options.function)
        try:
            alert_topic = prepare_home(home, topic_of_region, options.subscription)
        except (BotoCoreError, ClientError) as error:
            tell(PROGRAM, error)
            return 1
    print(json.dumps({"topics": topic_of_region, "alert_topic": alert_topic}))
    return 0


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Makes what the functions find in the local AWS.")
    parser.add_argument("--endpoint-url", required=True, help="where it is, for example http://127.0.0.1:5000")
    parser.add_argument("--regions", required=True, type=region_list, help="with commas between them")
    parser.add_argument("--topic", required=True, help="the name of the run-result topics")
    parser.add_argument("--parameter", action="append", default=[], type=parameter, help="NAME=VALUE, again for more")
    parser.add_argument("--home", help="the region of the aggregator")
    parser.add_argument("--table", help="the name of its table")
    parser.add_argument("--alert-topic", help="the name of the topic that it tells")
    parser.add_argument("--function", help="the name of the aggregator")
    parser.add_argument("--subscription", action="append", default=[], type=subscription, help="JSON, again for more")
    options = parser.parse_args()
    given = [getattr(options, name) is not None for name in HOME_OPTIONS]
    if any(given) != all(given) or (options.subscription and not all(given)):
        parser.error("--home, --table, --alert-topic and --function go together, --subscription only with them")
    return options


def parameter(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator and value):
        raise argparse.ArgumentTypeError("NAME=VALUE is needed")
    return name, value


def subscription(text: str) -> Subscription:
    try:
        document = json.loads(text)
        return Subscription(document["protocol"], document["endpoint"], document.get("filter_policy"))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError('{"protocol": ..., "endpoint": ...} is needed') from error


def prepare(options: argparse.Namespace, region: str) -> str:
    ssm, sns = (client(service, region, options.endpoint_url) for service in ("ssm", "sns"))
    for name, value in options.parameter:
        ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
    topic: str = sns.create_topic(Name=options.topic)["TopicArn"]
    return topic


if __name__ == "__main__":
    sys.exit(main())
