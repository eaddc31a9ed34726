"""The routes under /local/, by which a rehearsal or a test steers the local AWS and sees what happened in it.

    PUT  /local/functions/NAME  {"url": "http://127.0.0.1:PORT/..."}, or null to take it away: what topics deliver to
                                arn:aws:lambda:...:function:NAME goes there, and what Lambda's Invoke calls
    PUT  /local/clock           {"now": "2026-11-25T10:03:07Z"}, or null: the time that SNS writes into messages
    POST /local/settle          waits until nothing is being delivered to functions: {"deliveries": [...]}, those that
                                ended since the last time; 503 when it takes longer than 30 s
    GET  /local/inbox?after=N   {"messages": [...]}: what people and tools were sent, by `n` from N + 1
    PUT  /local/faults          {"slack": {"status": 503, "times": 2}}, null times: until the next PUT; {} ends all.
                                Kinds: the tools', "phone" (calls), "sns" (Publish), "S3.PutObject" and "S3.GetObject"
    PUT  /local/kill            {"pid": 123, "call": 7, "when": "before" or "after"}, or {}: SIGKILL at the 7th call
    GET  /local/calls           {"calls": [{"n": 1, "what": "SNS.Publish", "received_at": 1795599660.1}]} since then

Whatever is not understood is answered with 400 and {"error": REASON}.
"""

import re
import urllib.parse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from calls import Calls
from clock import Clock
from faults import Faults
from functions import SETTLE_SECONDS, Functions
from inbox import Inbox
from wsgi import Environ, StartResponse, WsgiApp, answer_json, read_body, read_object

FUNCTION_PATH = re.compile(r"^/local/functions/([\w-]+)$")


class NotSettledError(Exception):
    """A delivery is still under way after the longest wait."""


@dataclass(frozen=True)
class Parts:
    """What can be steered."""

    clock: Clock
    functions: Functions
    inbox: Inbox
    faults: Faults
    calls: Calls


class Control:
    """WSGI middleware: answers what begins with /local/, leaves all else to `app`."""

    def __init__(self, app: WsgiApp, parts: Parts) -> None:
        self.app = app
        self.parts = parts
        self.routes: dict[tuple[str, str], Callable[[Environ], Any]] = {
            ("PUT", "/local/clock"): self._set_clock,
            ("POST", "/local/settle"): self._settle,
            ("GET", "/local/inbox"): self._read_inbox,
            ("PUT", "/local/faults"): self._set_faults,
            ("PUT", "/local/kill"): self._arm,
            ("GET", "/local/calls"): self._read_calls,
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith("/local/"):
            return self.app(environ, start_response)
        handle = self._handler(environ["REQUEST_METHOD"], path)
        if handle is None:
            return answer_json(start_response, {"error": "no such route"}, HTTPStatus.NOT_FOUND)
        try:
            return answer_json(start_response, handle(environ))
        except NotSettledError as error:
            return answer_json(start_response, {"error": str(error)}, HTTPStatus.SERVICE_UNAVAILABLE)
        except (KeyError, TypeError, ValueError) as error:
            return answer_json(start_response, {"error": f"not understood: {error}"}, HTTPStatus.BAD_REQUEST)

    def _handler(self, method: str, path: str) -> Callable[[Environ], Any] | None:
        function = FUNCTION_PATH.match(path)
        if function is not None and method == "PUT":
            return lambda environ: self._register(function[1], environ)
        return self.routes.get((method, path))

    def _register(self, name: str, environ: Environ) -> Any:
        self.parts.functions.register(name, document(environ)["url"])
        return {}

    def _set_clock(self, environ: Environ) -> Any:
        self.parts.clock.set(document(environ)["now"])
        return {}

    def _settle(self, environ: Environ) -> Any:
        del environ
        deliveries = self.parts.functions.settle()
        if deliveries is None:
            raise NotSettledError(f"a delivery is still under way after {SETTLE_SECONDS} s")
        return {"deliveries": deliveries}

    def _read_inbox(self, environ: Environ) -> Any:
        query = urllib.parse.parse_qs(environ.get("QUERY_STRING", ""))
        return {"messages": self.parts.inbox.after(int(query.get("after", ["0"])[0]))}

    def _set_faults(self, environ: Environ) -> Any:
        self.parts.faults.set(document(environ))
        return {}

    def _arm(self, environ: Environ) -> Any:
        self.parts.calls.arm(document(environ))
        return {}

    def _read_calls(self, environ: Environ) -> Any:
        del environ
        return {"calls": self.parts.calls.listed()}


def document(environ: Environ) -> dict[str, Any]:
    return read_object(read_body(environ))
