"""What happens in a stack while one waits for it."""

import time
from collections.abc import Callable
from typing import Any

# Something is said at least this often.
SILENCE_SECONDS = 30
# The reasons of those that only fell with another one.
FOLLOWED = ("Resource creation cancelled", "Resource update cancelled")


class Events:
    """The events of one operation: those after this object was made."""

    def __init__(self, cloudformation: Any, arn: str, tell: Callable[[str], None]) -> None:
        self._cloudformation = cloudformation
        self._arn = arn
        self._tell = tell
        self._seen = {event["EventId"] for event in self._page()}
        self._failures: list[str] = []
        self._under_way: dict[str, str] = {}
        self._begun = False
        self._told_at = time.monotonic()

    def tell_new(self) -> None:
        for event in self._new():
            self._begun = True
            self._note(event)
        if self._under_way and time.monotonic() - self._told_at > SILENCE_SECONDS:
            self._say("still at work on " + ", ".join(sorted(self._under_way.values())))

    def has_begun(self) -> bool:
        return self._begun

    def first_failure(self) -> str | None:
        return self._failures[0] if self._failures else None

    def _note(self, event: dict[str, Any]) -> None:
        status = event["ResourceStatus"]
        name = event["LogicalResourceId"]
        if event.get("PhysicalResourceId") == event["StackId"]:
            return
        if status.endswith("_IN_PROGRESS"):
            self._under_way[name] = name
            return
        self._under_way.pop(name, None)
        line = f"{event['ResourceType'].removeprefix('AWS::').replace('::', ' ')} {name}: {in_words(status)}"
        reason = event.get("ResourceStatusReason", "")
        if status.endswith("_FAILED") and not reason.startswith(FOLLOWED):
            self._failures.append(f"{name}: {reason}")
            line = f"{line}: {reason}"
        self._say(line)

    def _say(self, line: str) -> None:
        self._told_at = time.monotonic()
        self._tell(line)

    def _new(self) -> list[dict[str, Any]]:
        """Oldest first."""
        new = []
        for event in self._page():
            if event["EventId"] not in self._seen:
                self._seen.add(event["EventId"])
                new.append(event)
        return new[::-1]

    def _page(self) -> list[dict[str, Any]]:
        """The newest, newest first: between two looks there are never more than fit on a page."""
        events: list[dict[str, Any]] = self._cloudformation.describe_stack_events(StackName=self._arn)["StackEvents"]
        return events


def in_words(status: str) -> str:
    verb, _, end = status.rpartition("_")
    done = {"CREATE": "made", "UPDATE": "changed", "DELETE": "deleted"}
    return done.get(verb, status) if end == "COMPLETE" else status
