"""What a person sees while it works: one line each, from several regions at once."""

import sys
import threading
from typing import TextIO

from refusal import Refusal


class Screen:
    """Answers go to standard output, progress and complaints to standard error."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._lock = threading.Lock()

    def answer(self, text: str = "") -> None:
        self._write(self._out, text)

    def progress(self, region: str, text: str) -> None:
        self._write(self._err, f"{region:<14}  {text}")

    def tell(self, text: str) -> None:
        self._write(self._err, text)

    def complain(self, command: str, refusal: Refusal) -> None:
        self.tell(f"{command}: {refusal.reason}")
        if refusal.advice:
            self.tell(f"{command}: what to do: {refusal.advice}")

    def _write(self, stream: TextIO, text: str) -> None:
        with self._lock:
            print(text, file=stream, flush=True)
