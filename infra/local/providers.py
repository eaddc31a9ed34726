"""Stand-ins for the tools that alerts are posted to: POST /providers/KIND/..., whatever follows KIND.

They put what they got into the inbox and answer as the real ones do. Any path and any key is taken, but for what
`tools` says of Slack's path and of Opsgenie's.
"""

import json
import re
from collections.abc import Iterable
from http import HTTPStatus

from faults import Faults, wanted
from inbox import Inbox, Message
from tools import TOOLS, Reply, Request, json_or_none
from wsgi import Environ, StartResponse, WsgiApp, answer, read_body, told_headers

PATH = re.compile(r"^/providers/(?P<kind>[^/]+)(?P<rest>/.*)?$")
PLAIN = "text/plain"


class Providers:
    """WSGI middleware: plays the tools, leaves all else to `app`."""

    def __init__(self, app: WsgiApp, inbox: Inbox, faults: Faults) -> None:
        self.app = app
        self.inbox = inbox
        self.faults = faults

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        match = PATH.match(environ.get("PATH_INFO", ""))
        if match is None:
            return self.app(environ, start_response)
        kind = match["kind"]
        request = Request(
            (match["rest"] or "").strip("/"), environ.get("QUERY_STRING", ""), told_headers(environ), read_body(environ)
        )
        play = TOOLS.get(kind)
        if play is None:
            return respond(start_response, Reply(HTTPStatus.NOT_FOUND, f"no stand-in for {kind}"))
        if environ["REQUEST_METHOD"] != "POST":
            return respond(start_response, Reply(HTTPStatus.METHOD_NOT_ALLOWED, "POST is needed"))
        reply = play(request)
        status = self.faults.take(kind) if reply.status < HTTPStatus.BAD_REQUEST else None
        if status is not None:
            reason = f"{wanted(status)}: {said_back(environ, request)}"
            reply = Reply(status, reason if kind == "slack" else {"message": reason}, reply.text)
        self.inbox.add(
            Message(
                channel_type=kind,
                to=environ["REQUEST_URI"],
                text=reply.text,
                body=json_or_none(request.body),
                headers=request.headers,
                answered=int(reply.status),
            )
        )
        return respond(start_response, reply)


def said_back(environ: Environ, request: Request) -> str:
    """What a careless tool shows in its errors: whatever it was sent, secrets included."""
    key = environ.get("HTTP_AUTHORIZATION", "")
    return f"{environ['REQUEST_URI']} {key} {json_or_none(request.body)}"


def respond(start_response: StartResponse, reply: Reply) -> Iterable[bytes]:
    if reply.body is None:
        return answer(start_response, reply.status, b"", PLAIN)
    if isinstance(reply.body, str):
        return answer(start_response, reply.status, reply.body.encode(), PLAIN)
    return answer(start_response, reply.status, json.dumps(reply.body).encode(), "application/json")
