"""How fast an alert is: from a run result delivered to the aggregator to its SNS Publish arriving, p50 and p99.

    .local/venv/bin/python infra/local/bench_alerts.py [FUNCTION]

Builds the aggregator in release mode (FUNCTION: measures that executable, as built before), starts it under the
emulator of the Lambda runtime and against the local AWS, and delivers failed runs of as many targets, one by one, each
of which is told at once. In it are the emulator, the aggregator, and three calls of a local DynamoDB in Python. Exit
codes: 0 measured, 1 something did not build, start or answer.
"""

import isolation  # noqa: F401  (before boto3, which reads the environment)

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench import BenchError, build
from home import Home, prepare_home
from regions import client

PROJECT = Path(__file__).parents[2]
REGION = "us-east-1"
ALERTS = 1000
WARM_UPS = 20
START_SECONDS = 30


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench_alerts.py", description="How fast an alert is.")
    parser.add_argument("function", nargs="?", type=Path, help="executable to measure; built when left out")
    try:
        function = parser.parse_args().function or build("aggregator")
        with tempfile.TemporaryDirectory() as folder, local_aws() as aws, emulator() as lambda_url:
            environment = prepared(Path(folder), aws, lambda_url)
            process = subprocess.Popen([function], env=environment, stdout=subprocess.DEVNULL)
            try:
                report(measure(aws, lambda_url, environment["RUN_RESULT_TOPIC_ARNS"]), process.pid)
            finally:
                process.kill()
                process.wait()
    except (BenchError, OSError, ValueError) as error:
        print(f"bench_alerts.py: {error}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def local_aws() -> Iterator[str]:
    command = [sys.executable, PROJECT / "infra/local/aws.py"]
    # It ends when its standard input does.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        line = server.stdout.readline() if server.stdout else ""
        if not line:
            raise BenchError("the local AWS did not start")
        yield json.loads(line)["endpoint_url"]
        server.kill()


@contextmanager
def emulator() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = f"lambda watch --only-lambda-apis --ignore-changes --invoke-address 127.0.0.1 --invoke-port {port}"
    command = [PROJECT / ".local/venv/bin/cargo-lambda", *arguments.split()]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=PROJECT, stdout=quiet, stderr=quiet) as process:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def wait_for(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError as error:
            if time.monotonic() > end:
                raise BenchError("the emulator of the Lambda runtime did not start") from error
            time.sleep(0.01)


def prepared(folder: Path, aws: str, lambda_url: str) -> dict[str, str]:
    """The topics and the table, and the variables that lead the aggregator to them."""
    topic = client("sns", REGION, aws).create_topic(Name="results")["TopicArn"]
    alerts = prepare_home(Home(aws, REGION, "state", "alerts", "aggregator"), {REGION: topic}, [])
    config = folder / "monitor.toml"
    targets = "".join(f'[[target]]\nid = "bank-{number}"\n' for number in range(ALERTS + WARM_UPS))
    config.write_text(f'regions = ["{REGION}"]\n{targets}')
    return os.environ | {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": aws,
        "AWS_LAMBDA_RUNTIME_API": f"{lambda_url}/.rt/aggregator",
        "AWS_LAMBDA_FUNCTION_NAME": "aggregator",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "MONITOR_CONFIG": str(config),
        "STATE_TABLE": "state",
        "ALERT_TOPIC_ARN": alerts,
        "RUN_RESULT_TOPIC_ARNS": topic,
    }


def measure(aws: str, lambda_url: str, topic: str) -> list[float]:
    """The milliseconds of each alert."""
    delivered = []
    for number in range(ALERTS + WARM_UPS):
        delivered.append(time.time())
        answer = call(f"{lambda_url}/2015-03-31/functions/aggregator/invocations", event(topic, number))
        if not answer.get("notifications"):
            raise BenchError(f"no alert came of a failed run: {answer}")
    calls = call(f"{aws}/local/calls", None)["calls"]
    published = [entry["received_at"] for entry in calls if entry["what"] == "SNS.Publish"]
    if len(published) != len(delivered):
        raise BenchError(f"{len(published)} alerts were published, {len(delivered)} had to be")
    return [(end - start) * 1000 for start, end in zip(delivered, published, strict=True)][WARM_UPS:]


def event(topic: str, number: int) -> dict[str, Any]:
    minute = "2026-11-25T10:00:00Z"
    error = {
        "type": "http_status",
        "blame": "provider",
        "step": "encrypted_responses",
        "request": 5,
        "http_status": 503,
        "message": "the API answered with status 503",
    }
    result = {
        "schema_version": 1,
        "target": f"bank-{number}",
        "region": REGION,
        "scheduled_at": minute,
        "run_id": f"{number:032x}",
        "started_at": minute,
        "duration_ms": 900.0,
        "outcome": "failed",
        "told_as": "failure",
        "recovered": False,
        "error": error,
        "steps": [],
        "certificates": [],
        "session_left_open": False,
    }
    sns = {"MessageId": str(number), "TopicArn": topic, "Timestamp": minute, "Message": json.dumps(result)}
    return {"Records": [{"EventSource": "aws:sns", "Sns": sns}]}


def call(url: str, document: Any) -> Any:
    body = None if document is None else json.dumps(document).encode()
    with urllib.request.urlopen(url, body, timeout=START_SECONDS) as answer:
        return json.load(answer)


def report(milliseconds: list[float], pid: int) -> None:
    cuts = quantiles(milliseconds, n=100, method="inclusive")
    peak = next(
        line.split()[1] for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    print(f"{ALERTS} alerts after {WARM_UPS}, from a run result delivered to its SNS Publish:")
    print(f"p50 {cuts[49]:.1f} ms   p99 {cuts[98]:.1f} ms   peak memory of the function {int(peak) / 1024:.1f} MiB")


if __name__ == "__main__":
    sys.exit(main())
