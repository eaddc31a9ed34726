"""Delivers events to functions the way Lambda's asynchronous invocation does (AWS Lambda Developer Guide, "Invoking
a function asynchronously"): the caller does not wait, and an event that meets an error is tried twice more. Lambda
waits a minute and two before that, this does not.

A function is the URL of a local emulator. Those that emulate the invocation only tell a function's own error by
status 500, AWS's Runtime Interface Emulator tells it in the body of a 200.
"""

import http.client
import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

MOST_TRIES = 3
# Longer than any function of ours may take.
TRY_SECONDS = 120
SETTLE_SECONDS = 30
LOOPBACK = ("127.0.0.1", "localhost")
# No proxy, whatever the environment says.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class DeliveryError(Exception):
    """Why a try failed."""


class Functions:
    """The functions that are there, and the deliveries to them."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._urls: dict[str, str] = {}
        self._under_way = 0
        self._ended: list[dict[str, Any]] = []

    def register(self, name: str, url: str | None) -> None:
        """None takes the function away. Raises ValueError for a URL that does not stay on this machine."""
        if url is not None:
            parts = urllib.parse.urlsplit(url)
            # Reading the port checks it.
            if parts.scheme != "http" or parts.hostname not in LOOPBACK or parts.port is None:
                raise ValueError("the URL of a function is http, on loopback, with a port")
        with self._changed:
            if url is None:
                self._urls.pop(name, None)
            else:
                self._urls[name] = url

    def url(self, name: str) -> str | None:
        with self._changed:
            return self._urls.get(name)

    def deliver(self, name: str, topic_arn: str, message_id: str, event: dict[str, Any]) -> None:
        """Returns at once; the delivery counts as under way from here on."""
        delivery = {"function": name, "topic_arn": topic_arn, "message_id": message_id}
        with self._changed:
            self._under_way += 1
        # A thread each: Lambda runs as many instances as there are events.
        threading.Thread(target=self._carry_out, args=(delivery, event), daemon=True).start()

    def settle(self) -> list[dict[str, Any]] | None:
        """Waits until nothing is under way, then returns the deliveries that ended since the last time, oldest first.

        None when that takes too long: they are returned the next time.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._under_way == 0, SETTLE_SECONDS):
                return None
            ended, self._ended = self._ended, []
            return ended

    def _carry_out(self, delivery: dict[str, Any], event: dict[str, Any]) -> None:
        outcome = try_up_to(MOST_TRIES, lambda: self._invoke(delivery["function"], event))
        with self._changed:
            self._ended.append(delivery | outcome)
            self._under_way -= 1
            self._changed.notify_all()

    def _invoke(self, name: str, event: dict[str, Any]) -> Any:
        url = self.url(name)
        if url is None:
            raise DeliveryError(f"there is no function {name}")
        return invoke(url, event)


def try_up_to(most: int, work: Callable[[], Any]) -> dict[str, Any]:
    """How the tries ended: with an answer, or with the last one's error."""
    outcome: dict[str, Any] = {}
    for tries in range(1, most + 1):
        try:
            return {"tries": tries, "answer": work(), "error": None}
        except DeliveryError as error:
            outcome = {"tries": tries, "answer": None, "error": str(error)}
    return outcome


def invoke(url: str, event: dict[str, Any]) -> Any:
    """Calls a function once. Raises DeliveryError when it does not answer, or with an error of its own."""
    request = urllib.request.Request(url, json.dumps(event).encode(), {"content-type": "application/json"})
    try:
        with OPENER.open(request, timeout=TRY_SECONDS) as response:
            body = response.read()
    except urllib.error.HTTPError as error:
        with error:
            raise DeliveryError(f"HTTP {error.code}: {excerpt(error.read())}") from error
    except (OSError, http.client.HTTPException) as error:
        raise DeliveryError(f"no answer: {error}") from error
    try:
        answer = json.loads(body) if body else None
    except ValueError as error:
        # The Runtime Interface Emulator's "Task timed out" is no JSON.
        raise DeliveryError(f"not JSON: {excerpt(body)}") from error
    if isinstance(answer, dict) and "errorType" in answer:
        raise DeliveryError(f"{answer['errorType']}: {answer.get('errorMessage', '')}")
    return answer


def excerpt(body: bytes) -> str:
    return body.decode(errors="replace")[:300]
