"""`deploy`: from the configuration to a monitor that runs in every region."""

import time
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

import artifacts
import package
import preflight
import smoke
import stacks
import subscriptions
import templates
from at_once import in_each
from deployment import Deployment
from names import HOME_STACK, REGIONAL_STACK, artifact_bucket
from package import Package
from refusal import Refusal, from_aws
from settling import let_alarms_settle
from summary import Outcome, summarise
from switching import end_silence, is_stopped
from templates import Packages, Settings
from wishes import Wishes, granted

# A role that was only just made is not known everywhere for some seconds, which looks like a fault of ours.
SMOKE_TRIES = 4
SMOKE_PAUSE_SECONDS = 5.0


class Build(NamedTuple):
    """What the stacks are made from."""

    packages: dict[str, Package]
    settings: Settings


def deploy(deployment: Deployment) -> int:
    """Exit code: 0 all regions run, 1 some do not. Raises Refusal when nothing can be done."""
    began = time.monotonic()
    preflight.check(deployment)
    build = prepare(deployment)
    home = make_home(deployment, build)
    home_seconds = time.monotonic() - began
    regions = in_each(deployment.regions, lambda region: roll_out(deployment, region, build))
    if any(outcome.failure is None for outcome in regions.values()):
        # Not earlier: at a second deployment a tick would miss a region that is only just being changed.
        home |= arm(deployment, deployment.home, HOME_STACK, build.settings)
    return summarise(deployment, home, home_seconds, regions, time.monotonic() - began)


def prepare(deployment: Deployment) -> Build:
    """Builds and packs the functions. Raises Refusal; changes nothing in AWS."""
    deployed = in_each([deployment.home], lambda _: stacks_at_home(deployment))[deployment.home]
    wishes = granted(deployment.wishes, deployed)
    deployment.screen.tell(f"building the functions for {wishes.architecture}")
    executables = deployment.tools.build(str(wishes.architecture))
    packages = {name: package.pack(path, deployment.config) for name, path in executables.items()}
    sizes = ", ".join(f"{name} {len(packed.content):,} bytes" for name, packed in packages.items())
    deployment.screen.tell(f"packages: {sizes}")
    return Build(packages, settings(deployment, packages, wishes))


def stacks_at_home(deployment: Deployment) -> list[stacks.Stack]:
    """The last is the one that a deployment changes last: what it holds was granted in full."""
    found = [stacks.find(deployment.account, deployment.home, name) for name in (HOME_STACK, REGIONAL_STACK)]
    return [stack for stack in found if stack is not None]


def settings(deployment: Deployment, packages: dict[str, Package], wishes: Wishes) -> Settings:
    number = deployment.account.number
    keys = (packages["probe"].key, packages["aggregator"].key)
    reserved = wishes.reserved_concurrency
    return Settings(
        account=number,
        artifacts={region: Packages(artifact_bucket(number, region), *keys) for region in deployment.regions},
        architecture=str(wishes.architecture),
        memory=int(wishes.memory or 0),
        log_retention_days=int(wishes.log_days or 0),
        reserved_concurrency=int(reserved) if reserved else None,
        target_alarms=bool(wishes.target_alarms),
        # SNS has one subscription for an address.
        ops_email="" if is_told(deployment, str(wishes.ops_email)) else str(wishes.ops_email),
        report_link_hours=int(wishes.report_link_hours or 0),
    )


def is_told(deployment: Deployment, address: str) -> bool:
    return any(channel["endpoint"] == address for channel in deployment.document["channels"])


def make_home(deployment: Deployment, build: Build) -> bool:
    """Whether anything changed."""
    try:
        store(deployment, deployment.home, build)
        changed = apply(deployment, wanted_now(deployment, deployment.home, HOME_STACK, build.settings))
        return subscriptions.renew(deployment, deployment.home) or changed
    except (BotoCoreError, ClientError) as error:
        raise from_aws(error, deployment.home) from error


def roll_out(deployment: Deployment, region: str, build: Build) -> Outcome:
    """One region from package to schedule; its failure is a value, the others go on."""
    began = time.monotonic()
    changed, runs, failure = False, [], None
    try:
        store(deployment, region, build)
        changed = apply(deployment, wanted_now(deployment, region, REGIONAL_STACK, build.settings))
        if region != deployment.home:
            changed |= subscriptions.renew(deployment, region)
        runs = first_run(deployment, region)
        refuse_our_faults(region, runs)
        changed |= arm(deployment, region, REGIONAL_STACK, build.settings)
    except Refusal as refusal:
        failure = refusal
    except (BotoCoreError, ClientError) as error:
        failure = from_aws(error, region)
    if failure is not None:
        deployment.screen.progress(region, f"failed: {failure.reason}")
    return Outcome(changed, runs, failure, time.monotonic() - began)


def store(deployment: Deployment, region: str, build: Build) -> None:
    artifacts.make_bucket(deployment.account, region)
    for name, packed in build.packages.items():
        if artifacts.store(deployment.account, region, packed):
            deployment.screen.progress(region, f"sent the {name}")


def wanted_now(deployment: Deployment, region: str, name: str, settings: Settings) -> stacks.Wanted:
    """What is armed stays armed."""
    return wanted(deployment, region, name, settings, is_armed(deployment, region, name))


def wanted(deployment: Deployment, region: str, name: str, settings: Settings, armed: bool) -> stacks.Wanted:
    state = {"ScheduleState": "ENABLED" if armed else "DISABLED"}
    if name == HOME_STACK:
        return stacks.Wanted(region, name, templates.home(deployment.document, settings), state)
    state["DeadManEnabled"] = "true" if armed else "false"
    return stacks.Wanted(region, name, templates.regional(deployment.document, region, settings), state)


def is_armed(deployment: Deployment, region: str, name: str) -> bool:
    """Whether its schedule runs and its alarms act: not before the first run has been seen to work."""
    stack = stacks.find(deployment.account, region, name)
    return stack is not None and stack.parameters.get("ScheduleState") == "ENABLED"


def arm(deployment: Deployment, region: str, name: str, settings: Settings) -> bool:
    """Whether it was not armed yet."""
    if is_armed(deployment, region, name):
        if not is_stopped(deployment.account, region, name):
            return False
        deployment.screen.progress(region, f"{name}: switching on again what an unfinished destroy has stopped")
        end_silence(deployment.account, region)
        return True
    if name == REGIONAL_STACK:
        let_alarms_settle(deployment, region)
    deployment.screen.progress(region, f"{name}: switching the schedule and the alarms on")
    return apply(deployment, wanted(deployment, region, name, settings, armed=True))


def apply(deployment: Deployment, stack: stacks.Wanted) -> bool:
    return stacks.apply(deployment.account, stack, lambda line: deployment.screen.progress(stack.region, line))


def first_run(deployment: Deployment, region: str) -> list[smoke.Run]:
    deployment.screen.progress(region, "smoke run, which publishes nothing")
    runs = deployment.tools.run(deployment.account, region)
    for _ in range(SMOKE_TRIES - 1):
        if all(run.blame != "us" for run in runs):
            break
        time.sleep(SMOKE_PAUSE_SECONDS)
        runs = deployment.tools.run(deployment.account, region)
    return runs


def refuse_our_faults(region: str, runs: list[smoke.Run]) -> None:
    """A bank that fails is what the monitor is for; a monitor that fails is not switched on."""
    ours = [run for run in runs if run.blame == "us"]
    if ours:
        raise Refusal(
            f"{region}: the smoke run of {ours[0].target} failed by a fault of ours: {ours[0].message}",
            "correct it (`make secret` for a token) and run `make deploy` again",
        )
