"""What one run of the command costs, and the page of it: medians of wall time, CPU time and peak memory.

    .local/venv/bin/python infra/local/bench.py [COMMAND]

Builds the command in release mode (COMMAND: measures that executable, as built before), starts its playground, and
runs `run --json` against it. A line for /bin/true shows how much of it is the measuring itself. `report` reads one of
these runs and renders it: the page, beside JUnit as the smallest of what it can write. Exit codes: 0 measured, 1
something did not build, start or pass.
"""

import isolation  # noqa: F401  (the runs get the playground's variables and no other)

import argparse
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

PROJECT = Path(__file__).parents[2]
WARM_UPS = 3
RUNS = 30
STOP_SECONDS = 5
# Linux, prctl(2).
PR_SET_CHILD_SUBREAPER = 36


class Cost(NamedTuple):
    wall_ms: float
    cpu_ms: float
    peak_rss_mib: float


class BenchError(Exception):
    """What kept it from being measured."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.py", description="What one run of the command costs.")
    parser.add_argument("command", nargs="?", type=Path, help="executable to measure; built when left out")
    try:
        command = parser.parse_args().command or build("cli")
        if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            raise BenchError("this system does not let processes adopt others (prctl)")
        with playground(command) as environment, tempfile.TemporaryDirectory() as folder:
            report(str(command.resolve()), environment, Path(folder))
    except (BenchError, OSError, ValueError) as error:
        print(f"bench.py: {error}", file=sys.stderr)
        return 1
    return 0


def build(package: str) -> Path:
    """A package's release executable, from where cargo says it is."""
    command = ["cargo", "build", "--release", "--package", package, "--message-format", "json-render-diagnostics"]
    built = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False)
    if built.returncode != 0:
        raise BenchError(f"{package} did not build (see above)")
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    executables = [message["executable"] for message in messages if message.get("executable")]
    if not executables:
        raise BenchError(f"cargo does not say where {package} is")
    return Path(executables[-1])


@contextmanager
def playground(command: Path) -> Iterator[dict[str, str]]:
    """A simulated bank, and the variables that lead to it."""
    # A pipe as standard output alone: it ends on SIGTERM.
    bank = subprocess.Popen([command, "playground"], stdout=subprocess.PIPE, text=True)
    try:
        line = bank.stdout.readline() if bank.stdout else ""
        if not line:
            raise BenchError(f"{command} playground did not start")
        ready = json.loads(line)
        yield os.environ | {
            "XS2A_API_BASE_URL": ready["api_base_url"],
            "XS2A_AUTH_BASE_URL": ready["auth_base_url"],
            "KOSMA_AUTH_TOKEN": ready["token"],
        }
    finally:
        bank.terminate()
        try:
            bank.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            bank.kill()
            bank.wait()


def report(command: str, environment: dict[str, str], folder: Path) -> None:
    print(f"medians of {RUNS} runs after {WARM_UPS}", file=sys.stderr)
    run = [command, "run", "--json"]
    stored, page = folder / "run.json", folder / "run.html"
    stored.write_text(measure(run, environment)[1], encoding="utf-8")
    print(f"{'':16}{'wall ms':>9}{'CPU ms':>9}{'peak RSS MiB':>14}{'run ms':>9}")
    row("/bin/true", ["/bin/true"], environment)
    row("run --json", run, environment)
    row("report --junit", [command, "report", str(stored), "--junit", str(folder / "run.xml")], environment)
    row("report --html", [command, "report", str(stored), "--html", str(page)], environment)
    print(f"the page: {page.stat().st_size} bytes")


def row(label: str, arguments: list[str], environment: dict[str, str]) -> None:
    costs, durations = [], []
    for number in range(WARM_UPS + RUNS):
        cost, output = measure(arguments, environment)
        if number >= WARM_UPS:
            costs.append(cost)
            durations += [json.loads(output)["duration_ms"]] if output.startswith("{") else []
    wall, cpu, rss = (median(values) for values in zip(*costs, strict=True))
    own = f"{median(durations):9.1f}" if durations else f"{'-':>9}"
    print(f"{label:16}{wall:9.1f}{cpu:9.1f}{rss:14.1f}{own}")


def measure(arguments: list[str], environment: dict[str, str]) -> tuple[Cost, str]:
    """One run and its standard output.

    The system counts into a process's peak what the process that started it had in memory. Python is larger than
    what is measured, so a shell starts it and leaves, and we adopt it.
    """
    with tempfile.TemporaryFile("w+") as output:
        shell = ["/bin/sh", "-c", '"$@" &', "sh", *arguments]
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1)]
        started = time.perf_counter()
        # A process group of its own tells the adopted one from others.
        starter = os.posix_spawn("/bin/sh", shell, environment, file_actions=actions, setpgroup=0)
        os.waitpid(starter, 0)
        _, status, usage = os.wait4(-starter, 0)
        wall = time.perf_counter() - started
        if os.waitstatus_to_exitcode(status) != 0:
            raise BenchError(f"{' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
        output.seek(0)
        return Cost(wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024), output.read()


if __name__ == "__main__":
    sys.exit(main())
