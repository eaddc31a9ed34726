"""Calls a function once under cargo-lambda's emulator, with the simulated bank and the local AWS behind it.

    .local/venv/bin/python infra/local/invoke.py --monitor target/debug/xs2a-monitor --function probe --event FILE

The function's answer goes to standard output, its log to standard error. Everything that was started is ended.
Exit codes: cargo-lambda's own; 1 when something did not start, 2 on bad usage.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

BIN = Path(sys.executable).parent
CARGO_LAMBDA = [str(BIN / "cargo-lambda"), "lambda"]
START_SECONDS = 30
STOP_SECONDS = 5

# Dummies: nothing here may reach, or take credentials from, a real account.
AWS_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class StartError(Exception):
    """A process that did not come up; the text says which and why."""


def main() -> int:
    options = parse_options()
    # As an exception, so that what was started is ended first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with ExitStack() as stack:
            return invoke(options, stack)
    except (StartError, OSError) as error:
        print(f"invoke.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="invoke.py", description="Calls a function once on the local cloud.")
    parser.add_argument("--monitor", required=True, type=Path, help="the xs2a-monitor executable")
    parser.add_argument("--function", required=True, help="name of the function's crate")
    parser.add_argument("--event", required=True, type=Path, help="file with the event, JSON")
    options = parser.parse_args()
    try:
        json.loads(options.event.read_text())
    except (OSError, ValueError) as error:
        parser.error(f"--event {options.event}: {error}")
    return options


def invoke(options: argparse.Namespace, stack: ExitStack) -> int:
    bank = start_announcing([str(options.monitor.resolve()), "playground"], stack)
    aws = start_announcing([sys.executable, str(Path(__file__).with_name("aws.py"))], stack)
    environment = os.environ | AWS_ENVIRONMENT | {
        "AWS_ENDPOINT_URL": aws["endpoint_url"],
        "XS2A_API_BASE_URL": bank["api_base_url"],
        "XS2A_AUTH_BASE_URL": bank["auth_base_url"],
        "KOSMA_AUTH_TOKEN": bank["token"],
    }
    address = ["--invoke-address", "127.0.0.1", "--invoke-port", str(free_port())]
    # The function's log comes out of it: that is not the answer, so it goes to standard error.
    watch = start([*CARGO_LAMBDA, "watch", "--ignore-changes", "--offline", *address], stack, environment, sys.stderr)
    wait_for_port(int(address[-1]), watch)
    call = [*CARGO_LAMBDA, "invoke", *address, options.function, "--data-file", str(options.event)]
    return subprocess.run(call, env=environment, check=False).returncode


def start_announcing(command: list[str], stack: ExitStack) -> dict[str, str]:
    """Starts a server that prints one JSON line when it is ready, and returns that line."""
    server = start(command, stack, os.environ.copy(), subprocess.PIPE)
    line = server.stdout.readline() if server.stdout else ""
    if not line:
        raise StartError(f"{Path(command[-1]).name} ended before it was ready (exit code {server.wait()})")
    announced: dict[str, str] = json.loads(line)
    return announced


def start(
    command: list[str], stack: ExitStack, environment: dict[str, str], stdout: int | TextIO
) -> subprocess.Popen[str]:
    # A pipe as standard input: the local AWS ends by itself should this process die.
    process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=stdout, text=True)
    stack.callback(stop, process)
    return process


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, server: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise StartError(f"cargo lambda watch did not listen on port {port}")


if __name__ == "__main__":
    sys.exit(main())
