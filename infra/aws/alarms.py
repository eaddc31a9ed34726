"""Every alarm of the two stacks, as CloudFormation resources.

Each sees only metrics of its own region. Only the one that the aggregator listens to has OK actions: an alarm sends
one when it gets its first data, and a first deploy would send six e-mails by region. What counts things that need
not happen takes missing data for good; what watches for silence takes it for bad, and acts when DeadManEnabled says so.
"""

from typing import Any

from document import Document
from names import (
    AGGREGATOR,
    AGGREGATOR_FAILURES,
    DEAD_LETTERS,
    MISSING_RUNS,
    OPS_TOPIC,
    PREFIX,
    PROBE,
    RUN_RESULTS,
    stable_id,
)

NAMESPACE = "XS2AMonitor"
Resources = dict[str, Any]

# The run of the playground's journey takes about 6 s; a target's own degraded_after goes first.
SLOW_SECONDS = 10
# An alarm takes at most 10 metrics (Amazon CloudWatch User Guide, CloudWatch service quotas).
MOST_METRICS = 10
QUARTER_OF_AN_HOUR = 900


def home_alarms() -> Resources:
    """About the alert path, for the ops topic."""
    held_back = aws_metric("Lambda", "Throttles", "FunctionName", AGGREGATOR)
    errors = aws_metric("Lambda", "Errors", "FunctionName", AGGREGATOR)
    kept_aside = aws_metric("SQS", "ApproximateNumberOfMessagesVisible", "QueueName", AGGREGATOR_FAILURES)
    return {
        "AggregatorErrorsAlarm": alarm(
            "aggregator-errors",
            "The aggregator failed in 3 of 5 minutes: alerts are late or lost. The log group "
            f"/aws/lambda/{AGGREGATOR} says why (severity ERROR). After a deploy: deploy the version before it. "
            f"Events that failed three times wait in the queue {AGGREGATOR_FAILURES}.",
            errors | {"Statistic": "Sum", "Period": 60} | at_least(1, of=5, bad=3) | TO_OPS,
        ),
        "AggregatorThrottlesAlarm": alarm(
            "aggregator-throttles",
            "Lambda held the aggregator back in 3 of 5 minutes: alerts are late. Other functions use up the account's "
            "concurrency: ask for a higher quota (Service Quotas, Lambda, Concurrent executions), or set the stack's "
            "parameter ReservedConcurrency.",
            held_back | {"Statistic": "Sum", "Period": 60} | at_least(1, of=5, bad=3) | TO_OPS,
        ),
        "AggregatorFailuresAlarm": alarm(
            "aggregator-failures",
            f"The aggregator gave up on an event. It waits in the queue {AGGREGATOR_FAILURES}, with the error. Mend "
            "the cause, then purge the queue: results that are hours old change no decision.",
            kept_aside | {"Statistic": "Maximum", "Period": 300} | at_least(1) | TO_OPS,
        ),
        # A failed try is tried again a minute later: the second says that it was no accident.
        "NotificationFailedAlarm": alarm(
            "notification-failed",
            "A channel refused notifications twice in 15 minutes: somebody may not have been told. The aggregator's "
            "log names the channel and the answer. Renew its secret (make secret) or correct it in infra/monitor.toml "
            "and deploy; make test-alert tries every channel.",
            our_metric("NotificationFailed", "Sum", QUARTER_OF_AN_HOUR) | at_least(2) | TO_OPS,
        ),
    }


def regional_alarms(deployment: Document) -> Resources:
    """Those of every region; the heartbeat's and the targets' by the conditions of regional.yaml."""
    interval = 60 * int(deployment["region_interval_minutes"])
    resources = {
        "MissingRunsAlarm": missing_runs(deployment["targets"], interval),
        **probe_alarms(5 * interval),
        "HeartbeatMissingAlarm": heartbeat_missing(),
    }
    for target in deployment["targets"]:
        resources |= target_alarms(f"Target{stable_id(target['id'])}", target, deployment, interval)
    return resources


def missing_runs(targets: list[dict[str, Any]], interval: int) -> Resources:
    """A run sends one of two metrics. All targets run in one invocation, so the first five stand for all.

    Filled with zeros, the newest period is often zero, because a run takes its time to arrive (Amazon CloudWatch User
    Guide, Metric math syntax and functions, FILL). Three in a row are not.
    """
    counted = [(name, target["id"]) for target in targets for name in ("RunSuccess", "MonitorError")][:MOST_METRICS]
    queries = [
        query(f"m{place}", name, "SampleCount", interval, {"Target": target})
        for place, (name, target) in enumerate(counted, 1)
    ]
    properties = {
        "Metrics": [{"Id": "runs", "Expression": "SUM(FILL(METRICS(), 0))", "Label": "runs"}, *queries],
        "AlarmActions": [topic_arn(RUN_RESULTS)],
        # The aggregator ends its incident by it.
        "OKActions": [topic_arn(RUN_RESULTS)],
    }
    return alarm(
        "missing-runs",
        "No run of any target ended in this region in 3 intervals; the aggregator tells people. Is the schedule "
        f"{PROBE} enabled, does the function {PROBE} start (its log), may it send metrics? make status shows all "
        "regions, make run-now runs one.",
        properties | silence(3),
        name=MISSING_RUNS,
    )


def probe_alarms(five_runs: int) -> Resources:
    errors = aws_metric("Lambda", "Errors", "FunctionName", PROBE)
    throttles = aws_metric("Lambda", "Throttles", "FunctionName", PROBE)
    dead = aws_metric("SQS", "ApproximateNumberOfMessagesVisible", "QueueName", DEAD_LETTERS)
    return {
        "ProbeErrorsAlarm": alarm(
            "probe-errors",
            "The probe itself failed twice in 5 runs (a failed run of a target is no such error). The log group "
            f"/aws/lambda/{PROBE} of this region says why: severity ERROR, or a time-out. After a deploy: deploy the "
            "version before it.",
            errors | {"Statistic": "Sum", "Period": five_runs} | at_least(2) | TO_OPS,
        ),
        "ProbeThrottlesAlarm": alarm(
            "probe-throttles",
            "Lambda held the probe back twice in 5 runs: runs are missing. Other functions use up the account's "
            "concurrency: ask for a higher quota (Service Quotas, Lambda, Concurrent executions), or set the stack's "
            "parameter ReservedConcurrency.",
            throttles | {"Statistic": "Sum", "Period": five_runs} | at_least(2) | TO_OPS,
        ),
        "DeadLettersAlarm": alarm(
            "dead-letters",
            "Run results of this region did not reach the aggregator: the function is gone, or does not permit this "
            f"region's topic. Deploy again, which mends both; then purge the queue {DEAD_LETTERS}.",
            dead | {"Statistic": "Maximum", "Period": 300} | at_least(1) | TO_OPS,
        ),
    }


def heartbeat_missing() -> Resources:
    properties = our_metric("AggregatorHeartbeat", "SampleCount", 60) | silence(5) | TO_OPS
    return alarm(
        "heartbeat-missing",
        "The aggregator in the home region gave no sign for 5 minutes: nobody is told of outages. Is its schedule "
        f"{PREFIX}-tick enabled, and does {AGGREGATOR} run (its log, its alarms)? While AWS reports trouble in the "
        "home region, watch the other regions' metrics yourself.",
        properties,
        condition="IsWatchRegion",
    )


def target_alarms(place: str, target: dict[str, Any], deployment: Document, interval: int) -> Resources:
    """Without actions: people are told by the aggregator. Missing data leaves them without a verdict."""
    name, slow = target["id"], int(1000 * float(target.get("slow_seconds") or SLOW_SECONDS))
    runs = {"Target": name}
    return {
        f"{place}FailingAlarm": alarm(
            f"{name}-failing",
            f"Two runs of {name} in a row failed in this region. The dashboard {PREFIX} shows which step, "
            "and since when.",
            our_metric("RunSuccess", "Maximum", interval, runs) | below(1, of=2),
            condition="HasTargetAlarms",
        ),
        f"{place}SlowAlarm": alarm(
            f"{name}-slow",
            f"Half of the runs of {name} in 15 minutes took longer than {slow} ms in this region. The dashboard "
            f"{PREFIX} shows which step takes the time.",
            our_metric("RunDuration", "p50", max(QUARTER_OF_AN_HOUR, interval), runs) | above(slow),
            condition="HasTargetAlarms",
        ),
        f"{place}CertificateAlarm": certificate(target, int(deployment["certificate_days"]), max(3600, interval)),
    }


def certificate(target: dict[str, Any], days: int, period: int) -> Resources:
    name, hosts = target["id"], sorted(set(target["hosts"]))
    metric = "CertificateDaysToExpiry"
    if len(hosts) == 1:
        watched = our_metric(metric, "Minimum", period, {"Target": name, "Host": hosts[0]})
    else:
        queries = [
            query(f"m{place}", metric, "Minimum", period, {"Target": name, "Host": host})
            for place, host in enumerate(hosts[:MOST_METRICS], 1)
        ]
        watched = {"Metrics": [{"Id": "days", "Expression": "MIN(METRICS())", "Label": "days"}, *queries]}
    return alarm(
        f"{name}-certificate",
        f"A certificate of {name} ends in less than {days} days. Ask who runs {' and '.join(hosts)} to renew it.",
        watched | below(days),
        condition="HasCertificateAlarms",
    )


def alarm(
    what: str, description: str, properties: Resources, condition: str | None = None, name: str | None = None
) -> Resources:
    named = {"AlarmName": name or f"{PREFIX}-{what}", "AlarmDescription": description}
    conditional = {"Condition": condition} if condition else {}
    return {"Type": "AWS::CloudWatch::Alarm", **conditional, "Properties": named | properties}


def aws_metric(service: str, metric: str, dimension: str, value: str) -> Resources:
    return {"Namespace": f"AWS/{service}", "MetricName": metric, "Dimensions": dimensions({dimension: value})}


def our_metric(metric: str, statistic: str, period: int, of: dict[str, str] | None = None) -> Resources:
    kind = "ExtendedStatistic" if statistic.startswith("p") else "Statistic"
    return {
        "Namespace": NAMESPACE,
        "MetricName": metric,
        "Dimensions": dimensions(of or {}),
        kind: statistic,
        "Period": period,
    }


def query(id: str, metric: str, statistic: str, period: int, of: dict[str, str]) -> Resources:
    measured = {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": dimensions(of)}
    return {"Id": id, "ReturnData": False, "MetricStat": {"Metric": measured, "Period": period, "Stat": statistic}}


def dimensions(of: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in of.items()]


def at_least(threshold: int, of: int = 1, bad: int = 1) -> Resources:
    """`bad` of `of` periods. Such things need not happen."""
    return compared("GreaterThanOrEqualToThreshold", threshold, of, "notBreaching") | {"DatapointsToAlarm": bad}


def above(threshold: int) -> Resources:
    return compared("GreaterThanThreshold", threshold, 1, "missing")


def below(threshold: int, of: int = 1) -> Resources:
    return compared("LessThanThreshold", threshold, of, "missing")


def silence(periods: int) -> Resources:
    return compared("LessThanThreshold", 1, periods, "breaching") | {"ActionsEnabled": {"Ref": "DeadManEnabled"}}


def compared(how: str, threshold: int, periods: int, missing: str) -> Resources:
    return {
        "ComparisonOperator": how,
        "Threshold": threshold,
        "EvaluationPeriods": periods,
        "TreatMissingData": missing,
    }


def topic_arn(topic: str) -> dict[str, str]:
    """By its name: in the home region the ops topic belongs to the other stack."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:sns:${{AWS::Region}}:${{AWS::AccountId}}:{topic}"}


TO_OPS = {"AlarmActions": [topic_arn(OPS_TOPIC)]}
