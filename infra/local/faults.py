"""Faults that are wanted: from whom, and with which status, the next answers fail."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from calls import operation
from tools import TOOLS
from wsgi import Environ, StartResponse, WsgiApp, answer, read_body

KINDS = (*TOOLS, "phone", "sns", "S3.PutObject", "S3.GetObject")
# Amazon SNS API Reference, Publish, Errors.
SNS_CODES = {400: "InvalidParameter", 403: "AuthorizationError", 404: "NotFound", 429: "Throttled"}


@dataclass
class Fault:
    status: int
    # None: until the faults are set anew.
    times_left: int | None


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: dict[str, Fault] = {}

    def set(self, document: dict[str, Any]) -> None:
        """Replaces all faults: {"slack": {"status": 503, "times": 2}}. Raises KeyError, TypeError or ValueError."""
        faults = {kind: parse_fault(kind, fault) for kind, fault in document.items()}
        with self._lock:
            self._faults = faults

    def take(self, kind: str) -> int | None:
        """The status that this answer has to fail with, if it has to."""
        with self._lock:
            fault = self._faults.get(kind)
            if fault is None or fault.times_left == 0:
                return None
            if fault.times_left is not None:
                fault.times_left -= 1
            return fault.status


def parse_fault(kind: str, fault: dict[str, Any]) -> Fault:
    if kind not in KINDS:
        raise ValueError(f"{kind} is none of {', '.join(KINDS)}")
    status, times = fault["status"], fault.get("times")
    if not isinstance(status, int) or not 400 <= status <= 599:
        raise ValueError("a status from 400 to 599 is needed")
    if times is not None and (not isinstance(times, int) or times < 0):
        raise ValueError("times is a number or null")
    return Fault(status, times)


class SnsFaults:
    """WSGI middleware: fails SNS's Publish as told, before any message is sent; leaves all else to `app`."""

    def __init__(self, app: WsgiApp, faults: Faults) -> None:
        self.app = app
        self.faults = faults

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        status = self.faults.take("sns") if operation(environ) == "SNS.Publish" else None
        if status is None:
            return self.app(environ, start_response)
        read_body(environ)
        return answer(start_response, status, sns_error(status), "text/xml")


def sns_error(status: int) -> bytes:
    fault = "Receiver" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "Sender"
    code = SNS_CODES.get(status, "InternalError" if fault == "Receiver" else "InvalidParameter")
    error = f"<Type>{fault}</Type><Code>{code}</Code><Message>{wanted(status)}</Message>"
    namespace = "http://sns.amazonaws.com/doc/2010-03-31/"
    return f'<ErrorResponse xmlns="{namespace}"><Error>{error}</Error><RequestId>0</RequestId></ErrorResponse>'.encode()


def wanted(status: int) -> str:
    """What an error's message says."""
    return f"a fault that was asked for (HTTP {status})"
