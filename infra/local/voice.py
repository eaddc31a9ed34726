"""SendVoiceMessage of AWS End User Messaging (pinpoint-sms-voice-v2), which moto does not have: calls go to the inbox.

Checked against botocore's model of the service: what is required, types, lengths, patterns and words. An identity or
number that this account does not have is not known here.
"""

import json
import re
import uuid
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import botocore.session
from botocore.model import Shape
from botocore.validate import ParamValidator

from faults import Faults, wanted
from inbox import Inbox, Message
from wsgi import Environ, StartResponse, WsgiApp, answer, read_body, read_object, told_headers

TARGET = "PinpointSMSVoiceV2.SendVoiceMessage"
MODEL = botocore.session.get_session().get_service_model("pinpoint-sms-voice-v2")
REQUEST = MODEL.operation_model("SendVoiceMessage").input_shape
# Plain text may have half of what the model allows, which is for SSML (AWS End User Messaging SMS, "SendVoiceMessage").
MOST_PLAIN_TEXT = 3000
ERRORS = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    429: "ThrottlingException",
}


class RequestError(Exception):
    """Why the service refuses a request."""


class Voice:
    """WSGI middleware: answers SendVoiceMessage, leaves all else to `app`."""

    def __init__(self, app: WsgiApp, inbox: Inbox, faults: Faults) -> None:
        self.app = app
        self.inbox = inbox
        self.faults = faults

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_X_AMZ_TARGET") != TARGET:
            return self.app(environ, start_response)
        request: dict[str, Any] = {}
        try:
            request = read_object(read_body(environ))
            check(request)
        except (RequestError, ValueError) as error:
            return self._refuse(environ, start_response, request, HTTPStatus.BAD_REQUEST, str(error))
        status = self.faults.take("phone")
        if status is not None:
            return self._refuse(environ, start_response, request, status, wanted(status))
        if not request.get("DryRun"):
            self._record(environ, request, HTTPStatus.OK)
        return respond(start_response, HTTPStatus.OK, {"MessageId": str(uuid.uuid4())})

    def _refuse(
        self, environ: Environ, start_response: StartResponse, request: dict[str, Any], status: int, reason: str
    ) -> Iterable[bytes]:
        self._record(environ, request, status)
        server_error = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        code = "InternalServerException" if server_error else ERRORS.get(status, ERRORS[400])
        return respond(start_response, status, {"__type": code, "Message": reason, "message": reason})

    def _record(self, environ: Environ, request: dict[str, Any], status: int) -> None:
        self.inbox.add(
            Message(
                channel_type="phone",
                to=str(request.get("DestinationPhoneNumber", "")),
                text=request.get("MessageBody"),
                body=request,
                headers=told_headers(environ),
                attributes=request.get("Context") or {},
                answered=int(status),
            )
        )


def check(request: dict[str, Any]) -> None:
    """Raises RequestError for what the service's model does not allow."""
    report = ParamValidator().validate(request, REQUEST)
    if report.has_errors():
        raise RequestError(report.generate_report())
    for name, value in request.items():
        check_text(name, value, REQUEST.members[name])
    if request.get("MessageBodyTextType", "TEXT") == "TEXT" and len(request.get("MessageBody", "")) > MOST_PLAIN_TEXT:
        raise RequestError(f"MessageBody: more than {MOST_PLAIN_TEXT} characters of plain text")


def check_text(name: str, value: Any, shape: Shape) -> None:
    """What botocore leaves to the service."""
    limits = shape.metadata
    if shape.type_name == "string":
        if len(value) > limits.get("max", len(value)):
            raise RequestError(f"{name}: more than {limits['max']} characters")
        if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
            raise RequestError(f"{name}: does not match {limits['pattern']}")
        if value not in limits.get("enum", [value]):
            raise RequestError(f"{name}: {value} is none of its values")
    elif shape.type_name == "integer" and value > limits.get("max", value):
        raise RequestError(f"{name}: more than {limits['max']}")


def respond(start_response: StartResponse, status: int, document: dict[str, Any]) -> Iterable[bytes]:
    return answer(start_response, status, json.dumps(document).encode(), "application/x-amz-json-1.0")
