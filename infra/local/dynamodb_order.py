"""DynamoDB one call after the other: moto checks a condition and writes in two steps, and threads fit in between."""

import threading
from collections.abc import Iterable

from wsgi import Environ, StartResponse, WsgiApp, act, read_body


class DynamoDbInOrder:
    """WSGI middleware: DynamoDB's calls wait for each other, all others go straight to `app`."""

    def __init__(self, app: WsgiApp) -> None:
        self.app = app
        self.lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB_"):
            return self.app(environ, start_response)
        # The body comes first: a caller that dies while it sends must not hold up the others.
        read_body(environ)
        with self.lock:
            status, headers, body = act(self.app, environ)
        start_response(status, headers)
        return [body]
