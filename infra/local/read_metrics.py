"""Reads metrics back from CloudWatch with boto3, a client that is not ours, and prints them as one JSON document.

    .local/venv/bin/python infra/local/read_metrics.py --endpoint-url URL --regions us-east-1,us-west-1 \\
        --start 2026-11-25T10:00:00Z --end 2026-11-25T10:05:00Z [--namespace XS2AMonitor]

    {"namespace": "XS2AMonitor", "start": "...", "end": "...", "regions": [{"region": "us-east-1", "metrics": [
        {"name": "RunDuration", "dimensions": {"Target": "klarna-playground"}, "datapoints": [
            {"timestamp": "2026-11-25T10:01:00Z", "average": 843.0, "count": 1}]}]}]}

A datapoint is a minute: the mean of its values and how many there were. Metrics without a datapoint in the window
are left out; a region without metrics is in the list, empty. Exit codes: 0 read (also when there is nothing),
1 CloudWatch could not be read (the reason in one line on standard error), 2 bad usage.
"""

import isolation  # noqa: F401  (before boto3, which reads the environment)

import argparse
import json
import sys
from datetime import datetime, timezone
from itertools import islice
from typing import Any

from regions import client, in_each, region_list

PERIOD_SECONDS = 60
# GetMetricData takes 500 queries in a call, and each metric needs two (Amazon CloudWatch API Reference).
METRICS_PER_CALL = 250

Metric = dict[str, Any]


def main() -> int:
    options = parse_options()
    regions = in_each(options.regions, lambda region: read_region(options, region), "read_metrics.py")
    if regions is None:
        return 1
    document = {
        "namespace": options.namespace,
        "start": rfc3339(options.start),
        "end": rfc3339(options.end),
        "regions": regions,
    }
    print(json.dumps(document, indent=2))
    return 0


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="read_metrics.py", description="Reads metrics back from CloudWatch.")
    parser.add_argument("--endpoint-url", required=True, help="where CloudWatch is, for example http://127.0.0.1:5000")
    parser.add_argument("--regions", required=True, type=region_list, help="regions, with commas between them")
    parser.add_argument("--start", required=True, type=timestamp, help="first minute, RFC 3339")
    parser.add_argument("--end", required=True, type=timestamp, help="end of the window, RFC 3339, not included")
    parser.add_argument("--namespace", default="XS2AMonitor")
    options = parser.parse_args()
    if options.start >= options.end:
        parser.error("--start must be before --end")
    return options


def timestamp(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no RFC 3339 time") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no time zone; end it with Z for UTC")
    return moment


def read_region(options: argparse.Namespace, region: str) -> dict[str, Any]:
    cloudwatch = client("cloudwatch", region, options.endpoint_url)
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=options.namespace)
    metrics = iter([metric for page in pages for metric in page["Metrics"]])
    read: list[Metric] = []
    while batch := list(islice(metrics, METRICS_PER_CALL)):
        read += read_batch(cloudwatch, batch, options)
    read.sort(key=lambda metric: (metric["name"], sorted(metric["dimensions"].items())))
    return {"region": region, "metrics": read}


def read_batch(cloudwatch: Any, metrics: list[Metric], options: argparse.Namespace) -> list[Metric]:
    values = fetch_values(cloudwatch, metrics, options)
    read = []
    for index, metric in enumerate(metrics):
        counts = values.get(f"samplecount_{index}", {})
        datapoints = [
            {"timestamp": rfc3339(moment), "average": average, "count": int(counts.get(moment, 0))}
            for moment, average in sorted(values.get(f"average_{index}", {}).items())
        ]
        if datapoints:
            dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric.get("Dimensions", [])}
            read.append({"name": metric["MetricName"], "dimensions": dimensions, "datapoints": datapoints})
    return read


def fetch_values(
    cloudwatch: Any, metrics: list[Metric], options: argparse.Namespace
) -> dict[str, dict[datetime, float]]:
    """The values by minute of each query, `average_N` and `samplecount_N` for the Nth metric."""
    queries = [
        {
            "Id": f"{statistic.lower()}_{index}",
            "MetricStat": {"Metric": metric, "Period": PERIOD_SECONDS, "Stat": statistic},
        }
        for index, metric in enumerate(metrics)
        for statistic in ("Average", "SampleCount")
    ]
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries,
        # A whole minute, so that the periods are the minutes that the data were sent for.
        StartTime=options.start.replace(second=0, microsecond=0),
        EndTime=options.end,
        ScanBy="TimestampAscending",
    )
    values: dict[str, dict[datetime, float]] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            values.setdefault(result["Id"], {}).update(zip(result["Timestamps"], result["Values"], strict=True))
    return values


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


if __name__ == "__main__":
    sys.exit(main())
