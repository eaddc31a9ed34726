"""Makes what a run needs in the local AWS: in every region the run-result topic and the SSM parameters.

    .local/venv/bin/python infra/local/prepare.py --endpoint-url URL --regions us-east-1,us-west-1 \\
        --topic run-results [--parameter /monitor/token=VALUE]...

    {"topics": {"us-east-1": "arn:aws:sns:us-east-1:123456789012:run-results", "us-west-1": "..."}}

What is there already is kept (the topic) or written anew (a parameter, as a SecureString). Exit codes: 0 made,
1 the local AWS refused (the reason in one line on standard error), 2 bad usage.
"""

import isolation  # noqa: F401  (before boto3, which reads the environment)

import argparse
import json
import sys

import boto3
from regions import CLIENT_CONFIG, in_each, region_list


def main() -> int:
    options = parse_options()
    topics = in_each(options.regions, lambda region: prepare(options, region), "prepare.py")
    if topics is None:
        return 1
    print(json.dumps({"topics": dict(zip(options.regions, topics, strict=True))}))
    return 0


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="prepare.py", description="Makes topics and parameters in the local AWS.")
    parser.add_argument("--endpoint-url", required=True, help="where it is, for example http://127.0.0.1:5000")
    parser.add_argument("--regions", required=True, type=region_list, help="with commas between them")
    parser.add_argument("--topic", required=True, help="the name of the topic")
    parser.add_argument("--parameter", action="append", default=[], type=parameter, help="NAME=VALUE, again for more")
    return parser.parse_args()


def parameter(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator and value):
        raise argparse.ArgumentTypeError("NAME=VALUE is needed")
    return name, value


def prepare(options: argparse.Namespace, region: str) -> str:
    # A session of its own: boto3's default one is not safe to share between threads.
    session = boto3.session.Session(region_name=region)
    ssm, sns = (
        session.client(service, endpoint_url=options.endpoint_url, config=CLIENT_CONFIG) for service in ("ssm", "sns")
    )
    for name, value in options.parameter:
        ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
    topic: str = sns.create_topic(Name=options.topic)["TopicArn"]
    return topic


if __name__ == "__main__":
    sys.exit(main())
