"""What the layers of the local AWS share: the types of WSGI (PEP 3333), and how they read requests and answer them."""

import io
import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]


def read_body(environ: Environ) -> bytes:
    """The request's body, left in place for the next layer."""
    stream = environ["wsgi.input"]
    body: bytes
    if environ.get("wsgi.input_terminated"):
        body = stream.read()
        environ["CONTENT_LENGTH"] = str(len(body))
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body. Raises ValueError for anything else."""
    document = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    return document


def told_headers(environ: Environ) -> dict[str, str]:
    """The request's headers, their names in lower case. Of Authorization only the scheme: the rest is a secret."""
    headers = {"content-type": environ.get("CONTENT_TYPE", ""), "content-length": environ.get("CONTENT_LENGTH", "")}
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            headers[name[5:].lower().replace("_", "-")] = value
    if "authorization" in headers:
        headers["authorization"] = headers["authorization"].partition(" ")[0]
    return {name: value for name, value in headers.items() if value}


def answer(start_response: StartResponse, status: int, body: bytes, content_type: str) -> Iterable[bytes]:
    headers = [("content-length", str(len(body)))] if status != HTTPStatus.NO_CONTENT else []
    headers += [("content-type", content_type)] if body else []
    start_response(status_line(status), headers)
    return [body]


def answer_json(start_response: StartResponse, document: Any, status: int = 200) -> Iterable[bytes]:
    return answer(start_response, status, json.dumps(document).encode(), "application/json")


def status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def act(app: WsgiApp, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
    """Has `app` act on the request to the end; returns its status line, headers and body."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    chunks = app(environ, lambda status, headers, exc_info=None: started.append((status, headers)))
    body = b"".join(chunks)
    status, headers = started[-1]
    return status, headers, body
