"""Deploys the monitor, shows it, and takes it away. The targets of the Makefile call it:

    .local/venv/bin/python infra/aws/deploy.py deploy [--architecture arm64] [--memory MB] [--target-alarms]
                                               plan, status, destroy, secret, run-now

What is deployed stands in infra/monitor.toml. Exit codes: 0 done, 1 not, or not in every region (the reason and what
to do on standard error), 2 bad usage, 130 interrupted.
"""

import argparse
import os
import re
import sys
import traceback
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

import plan
import removal
import rollout
import run_now
import secret
import status
from account import sign_in
from deployment import Deployment, Tools
from document import config_file
from package import ARCHITECTURES
from refusal import Refusal, from_aws
from screen import Screen
from wishes import LEAST_MEMORY, LOG_DAYS, MOST_LINK_HOURS, MOST_MEMORY, Wishes

REAL = Tools()


def main(arguments: list[str], tools: Tools = REAL, screen: Screen | None = None) -> int:
    """`tools`: what a test replaces."""
    options = parse(arguments)
    screen = screen or Screen()
    try:
        return run(options, ready(options, tools, screen))
    except Refusal as refusal:
        screen.complain(options.command, refusal)
        return 1
    except (BotoCoreError, ClientError) as error:
        screen.complain(options.command, from_aws(error))
        return 1
    except Exception as error:  # noqa: BLE001 (a person gets a sentence, whatever happens)
        screen.complain(options.command, ours(error))
        return 1


def ours(error: Exception) -> Refusal:
    """A fault of these programs, with the place to look at."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}, line {place.lineno}"
    reason = f"a fault of this program: {type(error).__name__}: {error} ({where})"
    return Refusal(reason, "`make status` shows what stands")


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy.py", description="Deploys the monitor.")
    parser.add_argument("--config", help="the configuration (default: MONITOR_CONFIG, else infra/monitor.toml)")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("deploy", "make or change everything"), ("plan", "show what deploy would change")):
        command = commands.add_parser(name, help=text)
        add_wishes(command)
    commands.add_parser("status", help="what runs, and how")
    destroy = commands.add_parser("destroy", help="remove all of it")
    destroy.add_argument("--region", help="only this one, which the configuration no longer names")
    destroy.add_argument("--yes", action="store_true", help="do not ask")
    destroy.add_argument("--secrets", action="store_true", help="the secrets in SSM too")
    put = commands.add_parser("secret", help="store a secret, read from the terminal or standard input")
    put.add_argument("--target", help="whose token; needed with several targets")
    put.add_argument("--parameter", help="another parameter that the configuration names")
    commands.add_parser("run-now", help="one run, now, that publishes nothing").add_argument("--region", required=True)
    return parser.parse_args(arguments)


def add_wishes(command: argparse.ArgumentParser) -> None:
    """What is left out stays as it was deployed."""
    command.add_argument("--architecture", choices=sorted(ARCHITECTURES), help="at first x86_64")
    command.add_argument("--memory", type=memory, help="of each function, in MB; at first 128")
    command.add_argument("--log-days", type=int, choices=LOG_DAYS, help="how long log lines are kept; at first 30")
    command.add_argument("--reserved-concurrency", type=concurrency, help='for each function; "" for none, as at first')
    on_or_off = argparse.BooleanOptionalAction
    command.add_argument("--target-alarms", action=on_or_off, help="alarms on the targets' own metrics")
    command.add_argument("--ops-email", type=address, help='one more address for alarms about the monitor; "" for none')
    text = "how long signed links to reports live; 0, as at first, for links to the console, which asks for a login"
    command.add_argument("--report-link-hours", type=link_hours, metavar="HOURS", help=text)


def memory(text: str) -> int:
    if not text.isdecimal() or not LEAST_MEMORY <= int(text) <= MOST_MEMORY:
        raise argparse.ArgumentTypeError(f"a number from {LEAST_MEMORY} to {MOST_MEMORY} is needed, in MB")
    return int(text)


def concurrency(text: str) -> str:
    if text and not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError('a number from 1 is needed, or "" for none')
    return text


def address(text: str) -> str:
    """An e-mail address, or nothing."""
    if text and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        raise argparse.ArgumentTypeError(f"{text} is not an e-mail address")
    return text


def link_hours(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_LINK_HOURS:
        raise argparse.ArgumentTypeError(f"a number of hours from 0, for none, to {MOST_LINK_HOURS} is needed")
    return int(text)


def ready(options: argparse.Namespace, tools: Tools, screen: Screen) -> Deployment:
    """Changes nothing. Raises Refusal."""
    config = config_file(options.config)
    document = tools.read_document(config)
    account = sign_in(list(dict.fromkeys([document["home_region"], *document["regions"]])))
    wishes = Wishes(**{name: getattr(options, name, None) for name in Wishes._fields})
    return Deployment(account, config, document, wishes, screen, tools)


def run(options: argparse.Namespace, deployment: Deployment) -> int:
    match options.command:
        case "deploy":
            return rollout.deploy(deployment)
        case "plan":
            return plan.show(deployment)
        case "status":
            return status.show(deployment)
        case "destroy":
            return removal.destroy(deployment, options.region, options.yes, options.secrets)
        case "secret":
            return secret.put(deployment, options.target, options.parameter)
        case _:
            return run_now.run(deployment, options.region)


def interrupted() -> None:
    text = "interrupted: what CloudFormation has begun, if anything, it finishes; `make status` shows it"
    print(f"\n{text}", file=sys.stderr, flush=True)
    # Not sys.exit, which would wait for the threads.
    os._exit(130)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        interrupted()
