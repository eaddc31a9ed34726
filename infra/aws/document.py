"""What infra/monitor.toml says about a deployment, as the command xs2a-monitor reads it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from refusal import Refusal, one_line

PROJECT = Path(__file__).resolve().parents[2]
DEFAULT_CONFIG = PROJECT / "infra/monitor.toml"
COMMAND = ("cargo", "run", "--quiet", "--package", "cli", "--", "deployment", "--config")

# A wish of `make` that reaches all it starts. As a variable of the functions it may not be 0.
LINK_HOURS = "REPORT_LINK_HOURS"

Document = dict[str, Any]


def config_file(given: str | None) -> Path:
    """The option, else MONITOR_CONFIG, else the repository's. Raises Refusal when it is not there."""
    path = Path(given or os.environ.get("MONITOR_CONFIG") or DEFAULT_CONFIG)
    if not path.is_file():
        raise Refusal(f"there is no configuration {path}", "CONFIG=file or MONITOR_CONFIG names it")
    return path


def read_document(config: Path) -> Document:
    """Raises Refusal with the command's own words when the configuration does not validate."""
    try:
        command = [*COMMAND, str(config.resolve())]
        environment = {name: value for name, value in os.environ.items() if name != LINK_HOURS}
        ran = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Refusal(f"cargo cannot be run: {error}", "install Rust: https://rustup.rs") from error
    if ran.returncode != 0:
        raise Refusal(said_last(ran.stderr), f"correct {config} and run it again; nothing was changed")
    try:
        document: Document = json.loads(ran.stdout)
    except ValueError as error:
        raise Refusal(f"`xs2a-monitor deployment` printed no JSON: {one_line(ran.stdout)[:200]}") from error
    return document


def said_last(stderr: str) -> str:
    """All of a short message; of a compiler's, its end."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    said = one_line(" ".join(lines[-6:])).removeprefix("xs2a-monitor: ")
    return said or "`xs2a-monitor deployment` failed and said nothing"


def token_parameters(document: Document) -> list[str]:
    """The SSM parameters that every probing region needs: tokens and passwords. Raises Refusal, see `token_of`."""
    names = {token_of(document, target) for target in document["targets"]}
    names |= {target["password_parameter"] for target in document["targets"] if target["password_parameter"]}
    return sorted(names)


def token_of(document: Document, target: dict[str, Any]) -> str:
    """The parameter of a target's token. Only a target that is alone has a default: it is set by a variable, which
    would go before every other target's parameter."""
    if target["token_parameter"]:
        return str(target["token_parameter"])
    if len(document["targets"]) > 1:
        raise Refusal(
            f"the target {target['id']} has no token_parameter, which only a target that is alone may go without",
            "give each target its own token_parameter in the configuration",
        )
    return f"/xs2a-monitor/{target['id']}/token"


def channel_parameters(document: Document) -> list[str]:
    """The SSM parameters that only the home region needs."""
    return sorted({channel["secret_parameter"] for channel in document["channels"] if channel["secret_parameter"]})
