"""The finished templates: home.yaml and regional.yaml with what infra/monitor.toml says about a deployment."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from alarms import home_alarms, regional_alarms
from dashboard import dashboard
from document import Document, channel_parameters, token_of, token_parameters
from names import AGGREGATOR, RUN_RESULTS, report_bucket, stable_id

HERE = Path(__file__).resolve().parent
# A value within a line, and resources or list items in place of a line.
INLINE, BLOCK = re.compile(r"<<([a-z_]+)>>"), re.compile(r"^( *)# <<([a-z_]+)>>$")
# Protocols whose messages a person reads as CloudWatch sends them.
READ_BY_PEOPLE = ("email", "sms")


class Packages(NamedTuple):
    """Where the functions' packages are in a region: Lambda reads only from a bucket of its own region."""

    bucket: str
    probe_key: str
    aggregator_key: str


class Settings(NamedTuple):
    """What a deployment is told beside the configuration: the defaults of the templates' parameters."""

    account: str
    # By region, the home region too.
    artifacts: dict[str, Packages]
    architecture: str = "x86_64"
    # In MB.
    memory: int = 128
    log_retention_days: int = 30
    # None: no concurrency is kept.
    reserved_concurrency: int | None = None
    target_alarms: bool = False
    # One more address for the ops topics, beside the e-mail and SMS channels.
    ops_email: str = ""
    # How many hours signed links to reports live. 0: links lead to the console.
    report_link_hours: int = 0


def home(deployment: Document, settings: Settings) -> str:
    """The body of the home stack's template."""
    region = deployment["home_region"]
    packages = Packages(*settings.artifacts[region])
    values = shared_values(settings) | {
        "bucket": packages.bucket,
        "aggregator_key": packages.aggregator_key,
        "alert_subscriptions": alert_subscriptions(deployment["channels"]),
        "ops_subscriptions": ops_subscriptions(deployment["channels"]),
        "report_link_hours": str(settings.report_link_hours),
        "report_statements": read_reports(deployment["regions"]) if settings.report_link_hours else [],
        "channel_statements": [*read_parameters(region, channel_parameters(deployment)), *phone_calls(deployment)],
        "run_result_topic_arns": arns_of_run_results(deployment["regions"]),
        "result_permissions": result_permissions(deployment["regions"]),
        "alarms": home_alarms(),
        "dashboard": dashboard_body(deployment, settings),
    }
    return filled((HERE / "home.yaml").read_text(encoding="utf-8"), values)


def regional(deployment: Document, region: str, settings: Settings) -> str:
    """The body of the regional stack's template. Raises Refusal when a target has no token."""
    home_region, packages = deployment["home_region"], Packages(*settings.artifacts[region])
    values = shared_values(settings) | {
        "target_alarms": "on" if settings.target_alarms else "off",
        "home_region": home_region,
        "watch_region": deployment["watch_region"],
        "aggregator_arn": sub(
            f"arn:${{AWS::Partition}}:lambda:{home_region}:${{AWS::AccountId}}:function:{AGGREGATOR}"
        ),
        "ops_subscriptions": ops_subscriptions(deployment["channels"], "HasOpsTopic"),
        "login_statements": read_parameters(region, token_parameters(deployment)),
        "token_variable": token_variable(deployment),
        "bucket": packages.bucket,
        "probe_key": packages.probe_key,
        "schedule": deployment["schedule"][region],
        "alarms": regional_alarms(deployment),
    }
    return filled((HERE / "regional.yaml").read_text(encoding="utf-8"), values)


def shared_values(settings: Settings) -> dict[str, Any]:
    reserved = settings.reserved_concurrency
    return {
        "architecture": settings.architecture,
        "memory": settings.memory,
        "log_retention_days": settings.log_retention_days,
        "reserved_concurrency": "" if reserved is None else str(reserved),
        "ops_email": settings.ops_email,
    }


def filled(template: str, values: dict[str, Any]) -> str:
    """JSON is YAML, so whatever a value holds, it stays one value. A KeyError names a value that is not given."""
    lines: list[str] = []
    for line in template.splitlines():
        block = BLOCK.match(line)
        if block:
            lines += [block[1] + item for item in block_items(values[block[2]])]
        elif line.lstrip().startswith("#"):
            lines.append(line)
        else:
            lines.append(INLINE.sub(lambda found: json.dumps(values[found[1]]), line))
    return "\n".join(lines) + "\n"


def block_items(value: dict[str, Any] | list[Any]) -> list[str]:
    if isinstance(value, dict):
        return [f"{name}: {json.dumps(item)}" for name, item in value.items()]
    return [f"- {json.dumps(item)}" for item in value]


def alert_subscriptions(channels: list[dict[str, Any]]) -> dict[str, Any]:
    """One for each channel that SNS tells; its filter takes what the aggregator addresses to the channel."""
    subscribed = [channel for channel in channels if channel["protocol"]]
    return {
        f"AlertSubscription{stable_id(channel['id'])}": subscription(
            "AlertTopic", channel, FilterPolicy=channel["filter_policy"]
        )
        for channel in subscribed
    }


def ops_subscriptions(channels: list[dict[str, Any]], condition: str | None = None) -> dict[str, Any]:
    """Everybody whom SNS tells in words: an endpoint of HTTPS expects our alerts, not an alarm's JSON."""
    people = [channel for channel in channels if channel["protocol"] in READ_BY_PEOPLE]
    conditional = {"Condition": condition} if condition else {}
    return {
        f"OpsSubscription{stable_id(channel['id'])}": conditional | subscription("OpsTopic", channel)
        for channel in people
    }


def subscription(topic: str, channel: dict[str, Any], **more: Any) -> dict[str, Any]:
    properties = {"TopicArn": {"Ref": topic}, "Protocol": channel["protocol"], "Endpoint": channel["endpoint"], **more}
    return {"Type": "AWS::SNS::Subscription", "Properties": properties}


def result_permissions(regions: list[str]) -> dict[str, Any]:
    """A topic of another region needs the function's permission, each its own."""
    return {
        f"ResultPermission{stable_id(region)}": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "Aggregator"},
                "Action": "lambda:InvokeFunction",
                "Principal": "sns.amazonaws.com",
                "SourceArn": sub(run_result_arn(region)),
            },
        }
        for region in regions
    }


def arns_of_run_results(regions: list[str]) -> dict[str, str]:
    return sub(",".join(run_result_arn(region) for region in regions))


def run_result_arn(region: str) -> str:
    return f"arn:${{AWS::Partition}}:sns:{region}:${{AWS::AccountId}}:{RUN_RESULTS}"


def read_reports(regions: list[str]) -> list[dict[str, Any]]:
    """A signed link opens what its signer may read."""
    buckets = [report_bucket("${AWS::AccountId}", region) for region in regions]
    objects = [sub(f"arn:${{AWS::Partition}}:s3:::{bucket}/reports/*") for bucket in buckets]
    return [{"Sid": "ReportLinks", "Effect": "Allow", "Action": "s3:GetObject", "Resource": objects}]


def read_parameters(region: str, names: list[str]) -> list[dict[str, Any]]:
    """What reads SecureStrings under the key alias/aws/ssm, and nothing else. IAM takes no empty list of resources."""
    if not names:
        return []
    arn = f"arn:${{AWS::Partition}}:ssm:{region}:${{AWS::AccountId}}:parameter/"
    read = {
        "Sid": "Parameters",
        "Effect": "Allow",
        "Action": "ssm:GetParameter",
        "Resource": [sub(arn + name.removeprefix("/")) for name in names],
    }
    decrypt = {
        "Sid": "DecryptParameters",
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        # The key's id is the account's own; the conditions name it by its alias.
        "Resource": sub(f"arn:${{AWS::Partition}}:kms:{region}:${{AWS::AccountId}}:key/*"),
        "Condition": {
            "StringEquals": {"kms:ViaService": sub(f"ssm.{region}.${{AWS::URLSuffix}}")},
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/aws/ssm"},
        },
    }
    return [read, decrypt]


def phone_calls(deployment: Document) -> list[dict[str, Any]]:
    origins = sorted({channel["phone"]["origination"] for channel in deployment["channels"] if channel["phone"]})
    if not origins:
        return []
    resources = [origination_arn(origin, deployment["home_region"]) for origin in origins]
    return [{"Sid": "Calls", "Effect": "Allow", "Action": "sms-voice:SendVoiceMessage", "Resource": resources}]


def origination_arn(origin: str, region: str) -> dict[str, str] | str:
    """A number is known to IAM by an id, which the number does not tell: then it is any number of the account."""
    if origin.startswith("arn:"):
        return origin
    arn = f"arn:${{AWS::Partition}}:sms-voice:{region}:${{AWS::AccountId}}:"
    if origin.startswith("pool-"):
        return sub(f"{arn}pool/{origin}")
    return sub(f"{arn}phone-number/{origin if origin.startswith('phone-') else '*'}")


def token_variable(deployment: Document) -> dict[str, str]:
    """The variable goes before every target's own parameter, so only a target that is alone gets it."""
    first = deployment["targets"][0]
    return {} if first["token_parameter"] else {"KOSMA_AUTH_TOKEN_PARAMETER": token_of(deployment, first)}


def dashboard_body(deployment: Document, settings: Settings) -> dict[str, str]:
    body = json.dumps(dashboard(deployment, alarm_arns(deployment, settings)), separators=(",", ":"))
    # A target may be called what Fn::Sub would replace.
    return sub(re.sub(r"\$\{(?!AWS::)", "${!", body))


def alarm_arns(deployment: Document, settings: Settings) -> dict[str, list[str]]:
    """Of all alarms that stand there, by region."""
    return {
        region: [alarm_arn(region, name) for name in alarm_names(deployment, region, settings)]
        for region in deployment["regions"]
    }


def alarm_names(deployment: Document, region: str, settings: Settings) -> list[str]:
    is_home = region == deployment["home_region"]
    stands = {
        None: True,
        "IsWatchRegion": region == deployment["watch_region"],
        "HasTargetAlarms": settings.target_alarms,
        "HasCertificateAlarms": settings.target_alarms and is_home,
    }
    alarms = [*(home_alarms() if is_home else {}).values(), *regional_alarms(deployment).values()]
    return [alarm["Properties"]["AlarmName"] for alarm in alarms if stands[alarm.get("Condition")]]


def alarm_arn(region: str, name: str) -> str:
    return f"arn:${{AWS::Partition}}:cloudwatch:{region}:${{AWS::AccountId}}:alarm:{name}"


def sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}
