"""The time that SNS writes into its messages: the wall clock's, or one that was set for a rehearsal."""

import threading
from datetime import datetime, timezone


class Clock:
    """Stands still at the instant that it was set to; runs with the wall clock when it was set to None."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set_to: datetime | None = None

    def set(self, now: str | None) -> None:
        """`now` is RFC 3339. Raises ValueError for anything else."""
        instant = None if now is None else parse_instant(now)
        with self._lock:
            self._set_to = instant

    def timestamp(self) -> str:
        """Now, as SNS writes it: RFC 3339 in UTC with milliseconds."""
        with self._lock:
            now = self._set_to
        now = now or datetime.now(timezone.utc)
        return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset from UTC")
    return instant.astimezone(timezone.utc)
