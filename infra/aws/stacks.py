"""CloudFormation: one stack to the wanted state, by a change set, whatever state it is in."""

import hashlib
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from account import Account
from artifacts import is_there
from names import artifact_bucket
from refusal import POLICY, Refusal, code_of, message_of
from stack_events import Events

# What fits into a call; larger templates are read from a bucket (CloudFormation User Guide, "Quotas").
MOST_INLINE = 51_200
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 4.0
TAGS = [{"Key": "project", "Value": "xs2a-monitor"}]

GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
# Nothing in it ever worked: it can only be deleted, and nothing is lost.
NEVER_MADE = {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}
NO_CHANGES = ("didn't contain changes", "No updates are to be performed")

Progress = Callable[[str], None]


class Stack(NamedTuple):
    """A stack as it stands."""

    region: str
    name: str
    arn: str
    status: str
    reason: str
    parameters: dict[str, str]


class Change(NamedTuple):
    """What CloudFormation would do to one resource."""

    action: str
    kind: str
    logical_id: str
    replacement: bool


class Wanted(NamedTuple):
    """A stack as it should stand."""

    region: str
    name: str
    template: str
    # Those that do not keep the template's default.
    parameters: dict[str, str]


def find(account: Account, region: str, name: str, once: bool = False) -> Stack | None:
    """None: there is none. Raises botocore's errors, with `once` at the first."""
    try:
        described = account.client("cloudformation", region, once).describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if code_of(error) == "ValidationError" and "does not exist" in message_of(error):
            return None
        raise
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in described.get("Parameters", [])}
    reason = described.get("StackStatusReason", "")
    return Stack(region, described["StackName"], described["StackId"], described["StackStatus"], reason, parameters)


def check_workable(stack: Stack | None) -> None:
    """Raises Refusal for a stack that a deployment can neither change nor make anew."""
    if stack is None or stack.status in GOOD or stack.status in NEVER_MADE:
        return
    what = f"{stack.region}: the stack {stack.name} is in {stack.status}"
    if stack.status.endswith("_IN_PROGRESS"):
        raise Refusal(f"{what}: another deployment is at work", "wait until it ends and run it again")
    if stack.status == "DELETE_FAILED":
        raise Refusal(f"{what}: it is half deleted ({stack.reason})", "`make destroy` takes the rest away; then deploy")
    if stack.status == "UPDATE_ROLLBACK_FAILED":
        again = f"aws cloudformation continue-update-rollback --region {stack.region} --stack-name {stack.name}"
        raise Refusal(f"{what} ({stack.reason})", f"`{again}`, then deploy; or `make destroy` and deploy")
    raise Refusal(f"{what} ({stack.reason})", "look at it in the CloudFormation console; or `make destroy` and deploy")


def apply(account: Account, wanted: Wanted, tell: Progress) -> bool:
    """Makes or changes the stack and waits; whether anything changed. Raises Refusal, ClientError."""
    stack = find(account, wanted.region, wanted.name)
    check_workable(stack)
    if stack is not None and stack.status in NEVER_MADE:
        tell(f"{wanted.name}: an earlier attempt left {stack.status}; making it anew")
        delete(account, stack, tell)
        stack = None
    change_set = propose(account, wanted, stack)
    if change_set is None:
        tell(f"{wanted.name}: no changes")
        return False
    cloudformation = account.client("cloudformation", wanted.region)
    arn = change_set["StackId"]
    events = Events(cloudformation, arn, tell)
    tell(f"{wanted.name}: {'making' if stack is None else 'changing'} it, {len(change_set['Changes'])} resources")
    cloudformation.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
    ended = wait(account, wanted.region, arn, events)
    if ended not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        advice = "what was there before still works; correct it and deploy again"
        raise failed(wanted.region, wanted.name, ended, events, advice)
    tell(f"{wanted.name}: {ended}")
    return True


def changes(account: Account, wanted: Wanted) -> list[Change]:
    """What `apply` would do. Nothing is changed: a stack that was only begun for it is deleted again."""
    cloudformation = account.client("cloudformation", wanted.region)
    stack = find(account, wanted.region, wanted.name)
    if stack is not None and stack.status in NEVER_MADE - {"REVIEW_IN_PROGRESS"}:
        reason = f"{wanted.region}: an earlier attempt left {wanted.name} in {stack.status}"
        raise Refusal(reason, "`make deploy` makes it anew")
    is_new = stack is None or stack.status == "REVIEW_IN_PROGRESS"
    change_set = propose(account, wanted, None if is_new else stack)
    if change_set is None:
        return []
    cloudformation.delete_change_set(ChangeSetName=change_set["ChangeSetId"])
    if is_new:
        cloudformation.delete_stack(StackName=change_set["StackId"])
    return [read_change(change["ResourceChange"]) for change in change_set["Changes"]]


def read_change(change: dict[str, Any]) -> Change:
    replacement = change.get("Replacement") in ("True", "Conditional")
    return Change(change["Action"], change["ResourceType"], change["LogicalResourceId"], replacement)


def propose(account: Account, wanted: Wanted, stack: Stack | None) -> dict[str, Any] | None:
    """The change set, described in full; None: it would change nothing."""
    cloudformation = account.client("cloudformation", wanted.region)
    try:
        made = cloudformation.create_change_set(
            StackName=wanted.name,
            ChangeSetName=f"deploy-{time.time_ns()}",
            ChangeSetType="CREATE" if stack is None else "UPDATE",
            Capabilities=["CAPABILITY_IAM"],
            Tags=TAGS,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in wanted.parameters.items()],
            **template_argument(account, wanted),
        )
    except ClientError as error:
        refuse_unless_unchanged(wanted, message_of(error), error)
        return None
    described = settled(cloudformation, made["Id"])
    if described["Status"] != "FAILED":
        return described
    cloudformation.delete_change_set(ChangeSetName=made["Id"])
    refuse_unless_unchanged(wanted, described.get("StatusReason", ""), None)
    return None


def refuse_unless_unchanged(wanted: Wanted, reason: str, error: ClientError | None) -> None:
    """That there is nothing to change is said as if it were a failure."""
    if any(words in reason for words in NO_CHANGES):
        return
    if error is not None and code_of(error) != "ValidationError":
        raise error
    raise Refusal(f"{wanted.region}: CloudFormation refuses {wanted.name}: {reason}")


def settled(cloudformation: Any, change_set: str) -> dict[str, Any]:
    """The change set once CloudFormation has made up its mind, with the changes of all pages."""
    for pause in pauses():
        described: dict[str, Any] = cloudformation.describe_change_set(ChangeSetName=change_set)
        if described["Status"] in ("CREATE_COMPLETE", "FAILED"):
            break
        time.sleep(pause)
    page = described
    while page.get("NextToken"):
        page = cloudformation.describe_change_set(ChangeSetName=change_set, NextToken=page["NextToken"])
        described["Changes"] += page["Changes"]
    return described


def template_argument(account: Account, wanted: Wanted) -> dict[str, str]:
    """The template itself, or where it was put for CloudFormation to read."""
    body = wanted.template.encode()
    if len(body) <= MOST_INLINE:
        return {"TemplateBody": wanted.template}
    bucket = artifact_bucket(account.number, wanted.region)
    if not is_there(account, wanted.region, bucket):
        raise Refusal(
            f"{wanted.region}: the template of {wanted.name} is too large to be planned without a bucket",
            "`make deploy` makes the bucket; from then on it can be planned",
        )
    key = f"templates/{hashlib.sha256(body).hexdigest()}.yaml"
    s3 = account.client("s3", wanted.region)
    s3.put_object(Bucket=bucket, Key=key, Body=body, ExpectedBucketOwner=account.number)
    # CloudFormation reads it with the caller's rights.
    return {"TemplateURL": f"{s3.meta.endpoint_url}/{bucket}/{key}"}


def delete(account: Account, stack: Stack, tell: Progress) -> None:
    """Deletes the stack and waits. Raises Refusal with the first reason when something stays; ClientError."""
    cloudformation = account.client("cloudformation", stack.region)
    events = Events(cloudformation, stack.arn, tell)
    cloudformation.delete_stack(StackName=stack.arn)
    ended = wait(account, stack.region, stack.arn, events)
    if ended != "DELETE_COMPLETE":
        raise failed(stack.region, stack.name, ended, events, "remove what it names and run `make destroy` again")
    tell(f"{stack.name}: deleted")


def failed(region: str, name: str, ended: str, events: Events, advice: str) -> Refusal:
    reason = events.first_failure() or "no reason given"
    if "not authorized" in reason:
        advice = POLICY
    return Refusal(f"{region}: {name} ended in {ended}: {reason}", advice)


def wait(account: Account, region: str, arn: str, events: Events) -> str:
    """The status it ended in; tells what happens meanwhile."""
    for pause in pauses():
        # Before the status: one that was read earlier would be that of before the event.
        events.tell_new()
        stack = find(account, region, arn)
        status = "DELETE_COMPLETE" if stack is None else stack.status
        # Straight after the call a stack may still say what it said before.
        if status == "DELETE_COMPLETE" or (events.has_begun() and not status.endswith("_IN_PROGRESS")):
            return status
        time.sleep(pause)
    raise AssertionError("pauses never end")


def pauses() -> Iterator[float]:
    """Short ones first: small stacks and a local AWS are done at once."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 1.5, LONGEST_PAUSE)
