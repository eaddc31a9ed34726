"""The command as a user runs it, against a simulated bank on this machine, and the files that it writes."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "local"))

import isolation  # noqa: E402, F401  (the commands get the playground's variables and no other)

import json  # noqa: E402
import os  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from functools import cache  # noqa: E402
from typing import Any  # noqa: E402

PROJECT = Path(__file__).resolve().parents[2]
# The functions are for the drill.
PACKAGES = ("cli", "probe", "aggregator")
DRILL = Path(__file__).with_name("drill.toml")
# More than any command takes on a slow machine; one that hangs must not hang the tests.
COMMAND_SECONDS = 180


@dataclass(frozen=True)
class Run:
    """What one run left."""

    exit_code: int
    report: dict[str, Any]
    page: Path
    har: Path


@dataclass(frozen=True)
class Playground:
    """A simulated bank that is up."""

    token: str
    variables: dict[str, str]

    def run(self) -> Run:
        folder = new_folder()
        page, har = folder / "run.html", folder / "run.har"
        exit_code, output = call("run", "--json", "--html", str(page), "--har", str(har), variables=self.variables)
        return Run(exit_code, json.loads(output), page, har)


@contextmanager
def playground(*faults: str) -> Iterator[Playground]:
    command = [executable(), "playground", *(f"--fault={fault}" for fault in faults)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            urls = {f"XS2A_{role}_BASE_URL": ready[f"{role.lower()}_base_url"] for role in ("API", "AUTH")}
            yield Playground(ready["token"], urls | {"KOSMA_AUTH_TOKEN": ready["token"]})
        finally:
            process.terminate()


@cache
def played(*faults: str) -> Run:
    """One run against a bank with these faults; the same for every test that asks."""
    with playground(*faults) as bank:
        return bank.run()


@dataclass(frozen=True)
class Drill:
    """The pages that a rehearsed outage left."""

    overview: Path
    # Every run's, minute by minute.
    runs: list[Path]
    # The first run that failed, and the one before it.
    failed: Path
    passed: Path


@cache
def drilled() -> Drill:
    """An outage from the first failed run to the recovery, played by the functions themselves."""
    folder = new_folder()
    arguments = ("drill", "--config", str(DRILL), "--fault", "5:status=503")
    exit_code, output = call(*arguments, variables={"REPORT_FOLDER": str(folder)})
    assert exit_code == 0, output
    # By minute, as they are named.
    runs = sorted(folder.glob("bank/us-east-1/*.json"))
    outcomes = [json.loads(run.read_text(encoding="utf-8"))["outcome"] for run in runs]
    pages = [run.with_suffix(".html") for run in runs]
    first = outcomes.index("failed")
    return Drill(folder / "overview.html", pages, pages[first], pages[first - 1])


def rendered(report: dict[str, Any]) -> Path:
    """The page that the command makes of a report."""
    folder = new_folder()
    stored, page = folder / "report.json", folder / "report.html"
    stored.write_text(json.dumps(report), encoding="utf-8")
    exit_code, _ = call("report", str(stored), "--html", str(page), variables={})
    assert exit_code == 0, f"report ended with {exit_code}"
    return page


def call(*arguments: str, variables: dict[str, str]) -> tuple[int, str]:
    """The command's exit code and standard output; what it complains about goes to ours."""
    command = [executable(), *arguments]
    environment = os.environ | variables
    ended = subprocess.run(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, check=False, timeout=COMMAND_SECONDS
    )
    return ended.returncode, ended.stdout


@cache
def executable() -> str:
    """The command, built, from where cargo says it is."""
    options = [option for package in PACKAGES for option in ("--package", package)]
    command = ["cargo", "build", "--quiet", *options, "--message-format", "json-render-diagnostics"]
    built = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    paths = {message["target"]["name"]: message["executable"] for message in messages if message.get("executable")}
    path: str = paths["xs2a-monitor"]
    return path


def new_folder() -> Path:
    return Path(tempfile.mkdtemp(dir=_folder().name))


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    # Removed when the interpreter ends.
    return tempfile.TemporaryDirectory(prefix="xs2a-monitor-pages-")
