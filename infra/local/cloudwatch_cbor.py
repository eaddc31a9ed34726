"""CloudWatch over Smithy RPC v2 CBOR, translated for a server that only knows AWS JSON 1.0.

The AWS SDKs of 2026 speak this protocol to CloudWatch (smithy.io, "Smithy RPC v2 CBOR protocol"); moto does not. A request
is unpacked, checked against the service's limits, handed on as AWS JSON, and the answer is packed again, with
botocore's model of the service telling which numbers are timestamps or floats. Every other request passes through,
CloudWatch's in an older protocol (boto3's) too.
"""

import datetime
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable
from typing import Any

import botocore.session
import cbor2
from botocore.model import Shape

from cloudwatch_limits import LimitError, check_put_metric_data
from wsgi import Environ, StartResponse, WsgiApp

TARGET = "GraniteServiceVersion20100801"
OPERATION_PATH = re.compile(rf"^/service/{TARGET}/operation/(\w+)$")
MODEL = botocore.session.get_session().get_service_model("cloudwatch")
# Each error has a shape (InvalidParameterValueException) and the short code of older protocols (InvalidParameterValue).
SHAPE_OF_CODE = {shape.error_code: shape.name for shape in MODEL.error_shapes}
CODE_OF_SHAPE = {shape.name: shape.error_code for shape in MODEL.error_shapes}


class CloudWatchCbor:
    """WSGI middleware: answers CloudWatch's CBOR requests by way of `app`, leaves all others to it."""

    def __init__(self, app: WsgiApp) -> None:
        self.app = app

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        match = OPERATION_PATH.match(environ.get("PATH_INFO", ""))
        if match is None:
            return self.app(environ, start_response)
        status, payload, headers = self._answer(match.group(1), environ)
        body = cbor2.dumps(payload)
        headers += [
            ("content-type", "application/cbor"),
            ("smithy-protocol", "rpc-v2-cbor"),
            ("content-length", str(len(body))),
        ]
        start_response(status, headers)
        return [body]

    def _answer(self, operation: str, environ: Environ) -> tuple[str, Any, list[tuple[str, str]]]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if operation not in MODEL.operation_names:
            return error_answer("404 Not Found", "UnknownOperationException", f"no operation {operation}")
        try:
            request = unpack(body, environ.pop("HTTP_CONTENT_ENCODING", ""))
            if operation == "PutMetricData":
                check_put_metric_data(request, len(body))
        except LimitError as error:
            return error_answer(error.status, error.code, str(error))
        except (cbor2.CBORError, OSError, EOFError, zlib.error, ValueError) as error:
            return error_answer("400 Bad Request", "SerializationException", f"cannot decode the request: {error}")
        status, answer = self._call_json(operation, request, environ)
        if not status.startswith("2"):
            code = str(answer.get("__type", "InternalServiceError")).rpartition("#")[2]
            return error_answer(status, code, str(answer.get("message") or answer.get("Message") or ""))
        return status, to_cbor(answer, MODEL.operation_model(operation).output_shape), []

    def _call_json(self, operation: str, request: Any, environ: Environ) -> tuple[str, dict[str, Any]]:
        body = json.dumps(to_json(request)).encode()
        environ.update({
            "PATH_INFO": "/",
            "REQUEST_URI": "/",
            "RAW_URI": "/",
            "CONTENT_TYPE": "application/x-amz-json-1.0",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_AMZ_TARGET": f"{TARGET}.{operation}",
            "wsgi.input": io.BytesIO(body),
        })
        environ.pop("HTTP_SMITHY_PROTOCOL", None)
        environ.pop("HTTP_ACCEPT", None)
        seen: list[str] = []
        try:
            answer = b"".join(self.app(environ, lambda status, headers, exc_info=None: seen.append(status)))
            return seen[0], json.loads(answer) if answer else {}
        except NotImplementedError as error:
            return "501 Not Implemented", {"__type": "NotImplemented", "message": str(error)}
        except ValueError:
            # moto answers in HTML when it fails itself.
            text = answer.decode(errors="replace")[:300]
            return "500 Internal Server Error", {"__type": "InternalServiceError", "message": text}


def unpack(body: bytes, encoding: str) -> dict[str, Any]:
    """Decodes a request. Raises ValueError, or a decoder's own error, for what is no CBOR map."""
    if encoding == "gzip":
        body = gzip.decompress(body)
    request = cbor2.loads(body) if body else {}
    if not isinstance(request, dict):
        raise ValueError("not a map")
    return request


def error_answer(status: str, code: str, message: str) -> tuple[str, dict[str, str], list[tuple[str, str]]]:
    """An error as CloudWatch tells it: its shape in the body, its short code in a header. `code` may be either."""
    code = CODE_OF_SHAPE.get(code, code)
    payload = {"__type": f"com.amazonaws.cloudwatch#{SHAPE_OF_CODE.get(code, code)}", "message": message}
    fault = "Receiver" if status.startswith("5") else "Sender"
    return status, payload, [("x-amzn-query-error", f"{code};{fault}")]


def to_json(value: Any) -> Any:
    """Decoded CBOR as JSON can hold it: timestamps become epoch seconds."""
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    return value


def to_cbor(value: Any, shape: Shape | None) -> Any:
    """Decoded JSON with the types that `shape` asks for, which JSON cannot tell apart."""
    if shape is None:
        return value
    match shape.type_name:
        case "structure":
            return {key: to_cbor(item, shape.members.get(key)) for key, item in value.items() if item is not None}
        case "list":
            return [to_cbor(item, shape.member) for item in value]
        case "map":
            return {key: to_cbor(item, shape.value) for key, item in value.items()}
        case "double" | "float":
            return float(value)
        case "integer" | "long":
            return int(value)
        case "timestamp":
            return cbor2.CBORTag(1, epoch_seconds(value))
        case _:
            return value


def epoch_seconds(value: str | float) -> float:
    """A timestamp of an AWS JSON answer: epoch seconds, or ISO 8601 where moto writes that."""
    if isinstance(value, str):
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    return float(value)
