"""The tools that alerts are posted to: what each takes, and how it answers. Roughly, after their own documentation."""

import json
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

from wsgi import read_object

# The most blocks of a message, and characters of a section's and of a header's text.
SLACK_BLOCKS, SLACK_SECTION, SLACK_HEADER = 50, 3000, 150
TEAMS_BYTES = 28 * 1024
PAGERDUTY_SUMMARY, PAGERDUTY_DEDUP_KEY = 1024, 255
PAGERDUTY_SEVERITIES = ("critical", "error", "warning", "info")
OPSGENIE_LONGEST = {"message": 130, "alias": 512, "description": 15000, "note": 25000}


class Request(NamedTuple):
    # What follows the kind, and the query.
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    def document(self) -> dict[str, Any]:
        """Empty when the body is no JSON object, which no tool takes."""
        try:
            return read_object(self.body)
        except ValueError:
            return {}


class Reply(NamedTuple):
    status: int
    # A string is plain text, None an empty body, anything else JSON.
    body: Any
    # What a person reads of the message.
    text: str | None = None


def slack(request: Request) -> Reply:
    """Slack developer docs, "Sending messages using incoming webhooks" and "Block Kit"."""
    document = request.document()
    if not request.path:
        return Reply(HTTPStatus.NOT_FOUND, "no_service")
    if not document:
        return Reply(HTTPStatus.BAD_REQUEST, "invalid_payload")
    text, blocks = document.get("text"), document.get("blocks", [])
    if not (text or blocks or document.get("attachments")):
        return Reply(HTTPStatus.BAD_REQUEST, "no_text")
    if not isinstance(blocks, list) or len(blocks) > SLACK_BLOCKS or not all(map(is_slack_block, blocks)):
        return Reply(HTTPStatus.BAD_REQUEST, "invalid_blocks", text)
    return Reply(HTTPStatus.OK, "ok", text)


def is_slack_block(block: Any) -> bool:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        return False
    longest = {"section": SLACK_SECTION, "header": SLACK_HEADER}.get(block["type"])
    if longest is None or ("text" not in block and "fields" in block):
        return True
    text = block.get("text")
    content = text.get("text") if isinstance(text, dict) else None
    return isinstance(content, str) and 0 < len(content) <= longest


def teams(request: Request) -> Reply:
    """Microsoft Learn, "Create incoming webhooks with Workflows" and "Format cards in Microsoft Teams"."""
    if len(request.body) > TEAMS_BYTES:
        return Reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": {"code": "RequestEntityTooLarge"}})
    document = request.document()
    cards = document.get("attachments")
    if document.get("type") != "message" or not (isinstance(cards, list) and cards and all(map(is_teams_card, cards))):
        error = {"code": "InvalidRequestContent", "message": "a message with Adaptive Cards as attachments is needed"}
        return Reply(HTTPStatus.BAD_REQUEST, {"error": error})
    texts = [line for card in cards for line in card_texts(card["content"]["body"])]
    return Reply(HTTPStatus.ACCEPTED, None, "\n".join(texts))


def is_teams_card(attachment: Any) -> bool:
    if not isinstance(attachment, dict):
        return False
    content = attachment.get("content")
    return (
        attachment.get("contentType") == "application/vnd.microsoft.card.adaptive"
        and isinstance(content, dict)
        and content.get("type") == "AdaptiveCard"
        and isinstance(content.get("version"), str)
        and isinstance(content.get("body"), list)
    )


def card_texts(element: Any) -> list[str]:
    """The texts of the TextBlocks, however deep, from the top down."""
    if isinstance(element, list):
        return [text for item in element for text in card_texts(item)]
    if not isinstance(element, dict):
        return []
    own = [str(element["text"])] if element.get("type") == "TextBlock" and "text" in element else []
    return own + [text for name in ("items", "columns", "body") for text in card_texts(element.get(name))]


def pagerduty(request: Request) -> Reply:
    """PagerDuty developer docs, "Events API v2"."""
    event = request.document()
    given = event.get("payload")
    payload: dict[str, Any] = given if isinstance(given, dict) else {}
    errors = pagerduty_errors(event, payload)
    summary = payload.get("summary")
    if errors:
        refusal = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
        return Reply(HTTPStatus.BAD_REQUEST, refusal, summary)
    key = event.get("dedup_key") or uuid.uuid4().hex
    taken = {"status": "success", "message": "Event processed", "dedup_key": key}
    return Reply(HTTPStatus.ACCEPTED, taken, summary)


def pagerduty_errors(event: dict[str, Any], payload: dict[str, Any]) -> list[str]:
    action, key = event.get("event_action"), event.get("dedup_key")
    checks = {
        "'routing_key' is missing or blank": is_text(event.get("routing_key")),
        "'event_action' is invalid (must be one of trigger, acknowledge, resolve)": action
        in ("trigger", "acknowledge", "resolve"),
        "'dedup_key' is missing, blank or too long": is_text(key, PAGERDUTY_DEDUP_KEY)
        or (key is None and action == "trigger"),
    }
    if action == "trigger":
        checks |= {
            "'payload.summary' is missing, blank or too long": is_text(payload.get("summary"), PAGERDUTY_SUMMARY),
            "'payload.source' is missing or blank": is_text(payload.get("source")),
            "'payload.severity' is invalid (must be one of critical, error, warning, info)": payload.get("severity")
            in PAGERDUTY_SEVERITIES,
        }
    return [error for error, passed in checks.items() if not passed]


def opsgenie(request: Request) -> Reply:
    """Opsgenie docs, "Alert API": .../{alias}/close and /acknowledge, anything else creates an alert."""
    document = request.document()
    verb = request.path.rpartition("/")[2]
    of_alert = verb in ("close", "acknowledge")
    text = document.get("note") if of_alert else document.get("message")
    request_id = {"took": 0.1, "requestId": str(uuid.uuid4())}
    if request.headers.get("authorization") != "GenieKey":
        return Reply(HTTPStatus.UNAUTHORIZED, {"message": "Could not authenticate"} | request_id, text)
    if json_or_none(request.body) is None:
        return Reply(HTTPStatus.BAD_REQUEST, {"message": "Json is not readable"} | request_id)
    errors = {
        name: f"{name} can not be longer than {longest} characters."
        for name, longest in OPSGENIE_LONGEST.items()
        if not is_text(document.get(name, "-"), longest)
    }
    if of_alert and "identifierType=alias" not in request.query.split("&"):
        errors["identifier"] = "No alert has this id: an alias needs identifierType=alias."
    if not of_alert and not is_text(document.get("message")):
        errors["message"] = "Message can not be empty."
    if errors:
        refusal = {"message": "Request body is not processable. Please check the errors.", "errors": errors}
        return Reply(HTTPStatus.UNPROCESSABLE_ENTITY, refusal | request_id, text)
    return Reply(HTTPStatus.ACCEPTED, {"result": "Request will be processed"} | request_id, text)


def webhook(request: Request) -> Reply:
    """A user's own: it takes any JSON. Its text is the body to the letter, which the signature is over."""
    text = request.body.decode(errors="replace")
    if json_or_none(request.body) is None:
        return Reply(HTTPStatus.BAD_REQUEST, {"error": "JSON is needed"}, text)
    return Reply(HTTPStatus.NO_CONTENT, None, text)


TOOLS: dict[str, Callable[[Request], Reply]] = {
    "slack": slack,
    "teams": teams,
    "pagerduty": pagerduty,
    "opsgenie": opsgenie,
    "webhook": webhook,
}


def is_text(value: Any, longest: int | None = None) -> bool:
    return isinstance(value, str) and bool(value.strip()) and (longest is None or len(value) <= longest)


def json_or_none(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
