"""Counts the calls of AWS and of the tools, and kills a process at one of them: before it is acted on, or after."""

import os
import re
import signal
import socket
import threading
import time
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from cloudwatch_cbor import OPERATION_PATH, TARGET as CLOUDWATCH
from wsgi import Environ, StartResponse, WsgiApp, act, read_body

FORM = "application/x-www-form-urlencoded"
TOOL_PATH = re.compile(r"^/(providers/[^/]+)")
# "Credential=ID/DATE/REGION/SERVICE/aws4_request" (AWS Signature Version 4).
SIGNED_SERVICE = re.compile(r"Credential=[^/]*/[^/]*/[^/]*/([^/]+)/aws4_request")
# Of S3, whose operations have no names on the wire.
OBJECT_PATH = re.compile(r"^/[^/]+/.")
OBJECT_OPERATIONS = {method: f"{method.capitalize()}Object" for method in ("PUT", "GET", "HEAD", "DELETE")}
# Query parameters that make no other operation of it: a name for logs, a signature, what the answer's headers say.
OF_ANY_OPERATION = ("x-id", "X-Amz-", "response-")


@dataclass(frozen=True)
class Kill:
    pid: int
    # Which call from now on, from 1.
    call: int
    after: bool


class Calls:
    """The calls since the last time it was armed, and whom to kill at which of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[dict[str, Any]] = []
        self._kill: Kill | None = None

    def arm(self, document: dict[str, Any]) -> None:
        """{"pid": 123, "call": 7, "when": "before" or "after"}, or {} to kill nobody. Starts counting from 1.

        Raises KeyError or ValueError for anything else.
        """
        kill = parse_kill(document) if document else None
        with self._lock:
            self._calls = []
            self._kill = kill

    def take(self, what: str) -> Kill | None:
        """Counts a call; returns the kill that is due at it. A repeat of the call is another one and goes through."""
        with self._lock:
            number = len(self._calls) + 1
            self._calls.append({"n": number, "what": what, "received_at": time.time()})
            due = self._kill is not None and self._kill.call == number
            return self._kill if due else None

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._calls)


def parse_kill(document: dict[str, Any]) -> Kill:
    pid, call, when = document["pid"], document["call"], document["when"]
    # 0, 1 and negative numbers are groups of processes or the system's own.
    if not isinstance(pid, int) or pid < 2 or pid == os.getpid():
        raise ValueError("a pid is needed, and not this program's")
    if not isinstance(call, int) or call < 1:
        raise ValueError("calls are counted from 1")
    if when not in ("before", "after"):
        raise ValueError("when is before or after")
    return Kill(pid, call, after=when == "after")


class CountedCalls:
    """WSGI middleware: counts, and kills the caller when that is due. What is under /local/ is outside of it."""

    def __init__(self, app: WsgiApp, calls: Calls) -> None:
        self.app = app
        self.calls = calls

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        what = operation(environ)
        kill = self.calls.take(what) if what is not None else None
        if kill is None:
            return self.app(environ, start_response)
        if kill.after:
            act(self.app, environ)
        else:
            read_body(environ)
        try:
            os.kill(kill.pid, signal.SIGKILL)
        except ProcessLookupError:
            # Already gone: the call stays without an answer all the same.
            pass
        hang_up(environ)


def operation(environ: Environ) -> str | None:
    """What is called, as AWS's protocols name it; None for what is neither AWS's nor a tool's."""
    path = environ.get("PATH_INFO", "")
    tool = TOOL_PATH.match(path)
    if tool is not None:
        return tool[1]
    cbor = OPERATION_PATH.match(path)
    if cbor is not None:
        return f"CloudWatch.{cbor[1]}"
    target: str | None = environ.get("HTTP_X_AMZ_TARGET")
    if target is not None:
        # An inner name that only its older protocols use.
        return target.replace(CLOUDWATCH, "CloudWatch")
    signed = SIGNED_SERVICE.search(signature_of(environ))
    if signed is None:
        return None
    named = object_operation(environ) if signed[1] == "s3" else form_action(environ)
    return f"{signed[1].upper()}.{named or environ['REQUEST_METHOD']}"


def signature_of(environ: Environ) -> str:
    """What holds the signature: the header, or of a signed link the query."""
    query = urllib.parse.unquote(environ.get("QUERY_STRING", ""))
    return str(environ.get("HTTP_AUTHORIZATION") or query)


def object_operation(environ: Environ) -> str | None:
    """What is done to an object of S3 as a whole; None for buckets, parts and the like."""
    query = urllib.parse.parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    if not OBJECT_PATH.match(environ.get("PATH_INFO", "")) or not all(map(is_of_any_operation, query)):
        return None
    return OBJECT_OPERATIONS.get(environ["REQUEST_METHOD"])


def is_of_any_operation(parameter: str) -> bool:
    return parameter.startswith(OF_ANY_OPERATION)


def form_action(environ: Environ) -> str | None:
    """The operation of the query protocol, which only the body names."""
    if not environ.get("CONTENT_TYPE", "").startswith(FORM):
        return None
    form = urllib.parse.parse_qs(read_body(environ).decode(errors="replace"))
    return form.get("Action", [None])[0]


def hang_up(environ: Environ) -> NoReturn:
    """Ends the connection without an answer."""
    connection: socket.socket = environ["werkzeug.socket"]
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The caller was faster.
        pass
    # werkzeug takes this for a connection that the caller dropped, and writes nothing.
    raise ConnectionAbortedError("hung up, as asked")
