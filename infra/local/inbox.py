"""What people and tools were sent through the local AWS: e-mail, SMS, calls, webhooks. Kept in memory, in order."""

import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    # "email", "sms", "https", "phone" or a tool's kind.
    channel_type: str
    # The address or number; for a tool, the path that was called, with its query.
    to: str
    subject: str | None = None
    text: str | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    # The status of the answer: what was refused is kept too, but nobody got it.
    answered: int = 200


class Inbox:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: list[dict[str, Any]] = []

    def add(self, message: Message) -> None:
        with self._lock:
            number = len(self._messages) + 1
            self._messages.append({"n": number, "received_at": time.time()} | asdict(message))

    def after(self, number: int) -> list[dict[str, Any]]:
        """The messages with a higher number than this one, oldest first; the first of all has the number 1."""
        with self._lock:
            return self._messages[max(number, 0):]
