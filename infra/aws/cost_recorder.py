"""Around the local AWS: notes who calls what, and what AWS would bill it as."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from calls import operation
from cost_units import Item, UnknownCallError, Usage, item_size, read_usage, usage_of, write_units, written_keys
from wsgi import Environ, StartResponse, WsgiApp, act, read_body

DYNAMODB = "DynamoDB_20120810."
READS = ("GetItem", "BatchGetItem", "Query")


class Recorder:
    """WSGI middleware. A caller is told by its access key id: each function signs with its own. Others do not count.

    `home`: the region of the table.
    """

    def __init__(self, app: WsgiApp, home: str, callers: set[str]) -> None:
        self.app = app
        self.home = home
        self.callers = callers
        self._lock = threading.Lock()
        self._usage: dict[str, Usage] = defaultdict(Usage)
        self._calls: dict[str, Usage] = defaultdict(Usage)
        self._unknown: list[str] = []

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        what = operation(environ)
        if what is None or caller(environ) not in self.callers:
            return self.app(environ, start_response)
        body = read_body(environ)
        if what.startswith(DYNAMODB):
            status, headers, answer, usage = self._dynamodb(what.removeprefix(DYNAMODB), body, environ)
        else:
            status, headers, answer = act(self.app, environ)
            usage = self._priced(what, body)
        with self._lock:
            self._usage[caller(environ)] += usage
            self._calls[caller(environ)][what.removeprefix(DYNAMODB)] += 1
        start_response(status, headers)
        return [answer]

    def take(self, name: str) -> tuple[Usage, Usage]:
        """What a caller used since the last time, and its calls by kind. Raises UnknownCallError."""
        with self._lock:
            if self._unknown:
                raise UnknownCallError(self._unknown[0])
            return self._usage.pop(name, Usage()), self._calls.pop(name, Usage())

    def _priced(self, what: str, body: bytes) -> Usage:
        try:
            return usage_of(what, body)
        except UnknownCallError as error:
            self._refuse(error)
            return Usage()

    def _dynamodb(
        self, name: str, body: bytes, environ: Environ
    ) -> tuple[str, list[tuple[str, str]], bytes, Usage]:
        request = json.loads(body)
        if name in READS:
            status, headers, answer = act(self.app, environ)
            return status, headers, answer, read_usage(name, request, json.loads(answer))
        try:
            named = written_keys(name, request)
        except UnknownCallError as error:
            self._refuse(error)
            named = []
        before = [self._size(*place) for place in named]
        status, headers, answer = act(self.app, environ)
        after = [self._size(*place) for place in named]
        sizes = zip(before, after, strict=True)
        units = sum(write_units(old, new, name == "TransactWriteItems") for old, new in sizes)
        return status, headers, answer, Usage(write_unit=units)

    def _refuse(self, error: UnknownCallError) -> None:
        with self._lock:
            self._unknown.append(str(error))

    def _size(self, table: str, key: Item) -> int:
        found: Any = dynamodb_backends[DEFAULT_ACCOUNT_ID][self.home].get_item(table, key)
        return item_size(found.to_json()["Attributes"]) if found else 0


def caller(environ: Environ) -> str:
    """The access key id of "Credential=ID/DATE/REGION/SERVICE/aws4_request"; empty: not signed."""
    _, _, credential = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")
    return credential.partition("/")[0]
