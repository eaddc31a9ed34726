"""Alarms of the finished templates, evaluated for real: a metric goes in, the alarm changes, its message comes out.

    .local/venv/bin/python infra/aws/live_alarms.py

LocalStack evaluates them, with a period of 10 s in place of minutes; everything else is the template's. Each alarm is
seen well, then bad, then well again, and tells exactly whom the template says. What LocalStack cannot evaluate is
named with the reason. Exit codes: 0 seen, or skipped because there is no Python for LocalStack; 1 not seen.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "local"))

import isolation  # noqa: E402, F401  (before boto3, which reads the environment)

import json  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from datetime import datetime, timedelta, timezone  # noqa: E402
from typing import Any, NamedTuple  # noqa: E402

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import BotoCoreError, ClientError  # noqa: E402

import live_localstack  # noqa: E402
from live_localstack import LocalStackError  # noqa: E402
from names import MISSING_RUNS, RUN_RESULTS  # noqa: E402
from template_support import ACCOUNT, ARTICLE, Template, alarms, finished, settings  # noqa: E402
from templates import alarm_names  # noqa: E402

# Of the whole proof, without the installation.
LIMIT_SECONDS = 180
TICK_SECONDS = 1
# The shortest that CloudWatch takes for metrics like ours.
PERIOD_SECONDS = 10
WELL, BAD = "OK", "ALARM"
STORY = (WELL, BAD, WELL)
# Ages of what an alarm finds when it is made: its first look says that all is well, and at its second, up to five
# periods later, nothing of it is left in the seven periods that LocalStack looks at.
PAST_SECONDS = range(25, 66, PERIOD_SECONDS)


class NotSeen(Exception):
    """What the alarms did not do, or should not have done."""


class Told(NamedTuple):
    """A message that came out of a topic."""

    alarm: str
    state: str
    topic: str


class Watch:
    """One alarm on its way through the story."""

    def __init__(self, region: str, properties: dict[str, Any]) -> None:
        self.region = region
        self.properties = properties
        self.name: str = properties["AlarmName"]
        self.seen = 0
        # When that was, in seconds from the beginning.
        self.since = 0.0

    @property
    def awaited(self) -> str | None:
        return STORY[self.seen] if self.seen < len(STORY) else None

    def step(self, now: float) -> None:
        self.seen, self.since = self.seen + 1, now

    def tells(self, state: str) -> list[str]:
        """The names of the topics that the template has it tell."""
        actions = self.properties.get("AlarmActions" if state == BAD else "OKActions", [])
        return [arn.rsplit(":", 1)[-1] for arn in actions]

    def measured(self, now: float) -> float | None:
        """What is measured now. Bad things last as long as the alarm needs, so that they are soon forgotten."""
        bad_periods = self.properties.get("DatapointsToAlarm", self.properties["EvaluationPeriods"])
        if self.awaited is None or (self.awaited == BAD and now - self.since > (bad_periods + 1) * PERIOD_SECONDS):
            return None
        return self.datum(self.awaited)

    def datum(self, state: str) -> float | None:
        """What is measured while things are so; None: nothing."""
        threshold, missing = float(self.properties["Threshold"]), self.properties["TreatMissingData"]
        if missing == ("breaching" if state == BAD else "notBreaching"):
            return None
        is_floor = self.properties["ComparisonOperator"] == "LessThanThreshold"
        return threshold - 1 if is_floor and state == BAD else threshold


class Cloud:
    """LocalStack's side of a region: its clients, and one queue behind all its topics."""

    def __init__(self, url: str, region: str) -> None:
        self.metrics = client("cloudwatch", region, url)
        self.topics = client("sns", region, url)
        self.queues = client("sqs", region, url)
        self.queue = self.queues.create_queue(QueueName="everything-that-is-told")["QueueUrl"]

    def make(self, watch: Watch) -> None:
        for topic in {*watch.tells(BAD), *watch.tells(WELL)}:
            self.listen(topic)
        self.measure(watch, watch.datum(WELL), [*PAST_SECONDS])
        self.metrics.put_metric_alarm(**watch.properties)

    def listen(self, topic: str) -> None:
        asked = self.queues.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])
        arn = self.topics.create_topic(Name=topic)["TopicArn"]
        self.topics.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=asked["Attributes"]["QueueArn"])

    def measure(self, watch: Watch, value: float | None, ages: list[int]) -> None:
        if value is None:
            return
        now, metric = datetime.now(timezone.utc), watch.properties
        datum = {"MetricName": metric["MetricName"], "Dimensions": metric["Dimensions"], "Value": value}
        data = [datum | {"Timestamp": now - timedelta(seconds=age)} for age in ages]
        self.metrics.put_metric_data(Namespace=metric["Namespace"], MetricData=data)

    def states(self) -> dict[str, str]:
        return {alarm["AlarmName"]: alarm["StateValue"] for alarm in self.metrics.describe_alarms()["MetricAlarms"]}

    def told(self) -> list[Told]:
        """What came since the last time. Raises NotSeen for a message that the aggregator would set aside."""
        messages = self.queues.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            self.queues.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [understood(json.loads(message["Body"])) for message in messages]


def main() -> int:
    try:
        if not live_localstack.is_installed():
            python = live_localstack.find_python()
            if python is None:
                say("skipped: LocalStack needs Python 3.12, 3.13 or 3.14 with venv; none is on the PATH or in pyenv")
                return 0
            say("installing LocalStack into .local/localstack (42 MB to download, 220 MB on disk, half a minute)")
            live_localstack.install(python)
        with tempfile.TemporaryDirectory() as folder, live_localstack.localstack(Path(folder)) as url:
            prove(url)
    except (LocalStackError, NotSeen, BotoCoreError, ClientError) as error:
        print(f"test-alarms: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def prove(url: str) -> None:
    """Raises NotSeen."""
    began = time.monotonic()
    watches = [watch for template in standing_templates() for watch in watches_of(template)]
    clouds = {region: Cloud(url, region) for region in dict.fromkeys(watch.region for watch in watches)}
    say(f"{len(watches)} alarms, each well, bad and well again, with periods of {PERIOD_SECONDS} s; two minutes")
    for watch in watches:
        clouds[watch.region].make(watch)
    heard: set[Told] = set()
    while any(watch.awaited for watch in watches):
        if time.monotonic() - began > LIMIT_SECONDS:
            late = ", ".join(f"{watch.name} ({watch.awaited})" for watch in watches if watch.awaited)
            raise NotSeen(f"not seen in {LIMIT_SECONDS} s: {late}")
        time.sleep(TICK_SECONDS)
        for region, cloud in clouds.items():
            here = [watch for watch in watches if watch.region == region]
            advance(cloud, here, heard, time.monotonic() - began)
    say(f"all {len(watches)} alarms did what the template says, in {time.monotonic() - began:.0f} s")


def standing_templates() -> list[Template]:
    """The home stack's, and the regional one of the region where the heartbeat is watched."""
    templates = finished(ARTICLE, target_alarms=True)
    wanted = {("home", ARTICLE["home_region"]), ("regional", ARTICLE["watch_region"])}
    return [template for template in templates if (template.name, template.region) in wanted]


def watches_of(template: Template) -> list[Watch]:
    """Those that LocalStack can evaluate, fully or in part; says what it cannot."""
    standing = alarm_names(ARTICLE, template.region, settings(ARTICLE, target_alarms=True))
    found = []
    for properties in alarms(template).values():
        if properties["AlarmName"] in standing:
            alone = evaluable(resolved(properties, template.region))
            found += [Watch(template.region, alone)] if alone else []
    return found


def evaluable(properties: dict[str, Any]) -> dict[str, Any] | None:
    """The alarm on one metric and with the short period; None when its statistic is not to be had."""
    if "ExtendedStatistic" in properties:
        say(f"skipped: {properties['AlarmName']} (LocalStack evaluates no percentile)")
        return None
    if "Metrics" in properties:
        name = properties["AlarmName"]
        say(f"skipped: the expression of {name} (LocalStack evaluates no metric math); its last metric stands in")
        # The last, because another alarm's story feeds the first.
        last = [query["MetricStat"] for query in properties["Metrics"] if "MetricStat" in query][-1]
        properties = {name: value for name, value in properties.items() if name != "Metrics"}
        properties |= last["Metric"] | {"Statistic": last["Stat"]}
    return properties | {"Period": PERIOD_SECONDS}


def resolved(value: Any, region: str) -> Any:
    """As CloudFormation would, once the deployment has enabled the alarms about silence."""
    if isinstance(value, list):
        return [resolved(item, region) for item in value]
    if not isinstance(value, dict):
        return value
    if value == {"Ref": "DeadManEnabled"}:
        return True
    if [*value] == ["Fn::Sub"]:
        text = value["Fn::Sub"].replace("${AWS::Partition}", "aws")
        return text.replace("${AWS::Region}", region).replace("${AWS::AccountId}", ACCOUNT)
    return {name: resolved(item, region) for name, item in value.items()}


def advance(cloud: Cloud, watches: list[Watch], heard: set[Told], now: float) -> None:
    """Feeds every alarm, and ticks off what it did. Raises NotSeen when somebody is told who should not be."""
    states = cloud.states()
    for told in cloud.told():
        if told.topic not in next(watch for watch in watches if watch.name == told.alarm).tells(told.state):
            raise NotSeen(f"{told.alarm} told {told.topic} of {told.state}, which the template does not say")
        heard.add(told)
    for watch in watches:
        awaited = watch.awaited
        topics = watch.tells(awaited) if awaited else []
        expected = {Told(watch.name, str(awaited), topic) for topic in topics}
        if states[watch.name] == awaited and expected <= heard:
            heard.difference_update(expected)
            watch.step(now)
            say(f"{now:4.0f} s  {watch.region}  {watch.name}: {awaited}, told {', '.join(topics) or 'nobody'}")
        cloud.measure(watch, watch.measured(now), [0])


def understood(envelope: dict[str, Any]) -> Told:
    """A message of SNS, as the aggregator reads one. Raises NotSeen when it could not."""
    try:
        *_, account, topic = envelope["TopicArn"].split(":")
        message = json.loads(envelope["Message"])
        name, state, owner = message["AlarmName"], message["NewStateValue"], message["AWSAccountId"]
        datetime.fromisoformat(envelope["Timestamp"].replace("Z", "+00:00"))
    except (KeyError, ValueError) as error:
        raise NotSeen(f"a message is none of an alarm's ({error!r}): {envelope}") from error
    is_foreign = owner != account or (topic == RUN_RESULTS and not name.startswith(MISSING_RUNS))
    if not envelope.get("MessageId") or is_foreign or state not in STORY:
        raise NotSeen(f"the aggregator would set this message aside: {envelope}")
    return Told(name, state, topic)


def client(service: str, region: str, url: str) -> Any:
    # LocalStack takes an access key id of 12 digits for the account.
    keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "testing"}
    config = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 1})
    return boto3.client(service, region_name=region, endpoint_url=url, config=config, **keys)


def say(text: str) -> None:
    print(f"test-alarms: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
