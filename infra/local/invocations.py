"""Lambda's Invoke, answered by the functions that were registered under /local/functions; moto would want Docker."""

import json
import re
from collections.abc import Iterable
from http import HTTPStatus

from functions import DeliveryError, Functions, invoke
from wsgi import Environ, StartResponse, WsgiApp, read_body

PATH = re.compile(r"^/2015-03-31/functions/([\w-]+)/invocations$")


class Invocations:
    """WSGI middleware: waits for the function, as the invocation type RequestResponse does."""

    def __init__(self, app: WsgiApp, functions: Functions) -> None:
        self.app = app
        self.functions = functions

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = PATH.match(environ.get("PATH_INFO", ""))
        url = self.functions.url(path[1]) if path else None
        if url is None:
            return self.app(environ, start_response)
        headers = [("content-type", "application/json")]
        try:
            answer = invoke(url, json.loads(read_body(environ) or b"{}"))
        except DeliveryError as error:
            # A function's own error is a success of Lambda's (AWS Lambda API Reference, Invoke).
            headers.append(("x-amz-function-error", "Unhandled"))
            answer = {"errorType": "Error", "errorMessage": str(error)}
        body = json.dumps(answer).encode()
        start_response(f"{HTTPStatus.OK.value} OK", [*headers, ("content-length", str(len(body)))])
        return [body]
