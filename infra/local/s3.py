"""Amazon S3 where moto is kinder than it, or two threads fit between a condition and its write; and its wanted faults.

Only reading and writing whole objects, which is what the functions do; all else is moto's.
"""

import threading
from collections.abc import Iterable
from http import HTTPStatus
from xml.sax.saxutils import escape

import boto3
from moto.s3.models import s3_backends

from calls import operation
from faults import Faults, wanted
from home import ACCOUNT
from s3_signature import S3Error, path, refused
from wsgi import Environ, StartResponse, WsgiApp, act, answer, read_body

REPORTS = "xs2a-monitor-reports-"
PARTITION = "aws"
PUT, GET = "S3.PutObject", "S3.GetObject"
# Amazon S3 API Reference, "Error responses".
CODES = {403: "AccessDenied", 404: "NoSuchKey", 409: "ConditionalRequestConflict", 503: "SlowDown"}


def make_report_buckets() -> None:
    """One in each region. A second time it does nothing."""
    backend = s3_backends[ACCOUNT][PARTITION]
    for region in boto3.session.Session().get_available_regions("s3"):
        if REPORTS + region not in backend.buckets:
            backend.create_bucket(REPORTS + region, region)


class S3:
    """WSGI middleware: refuses what S3 would refuse, writes one object after the other, leaves all else to `app`."""

    def __init__(self, app: WsgiApp, faults: Faults) -> None:
        self.app = app
        self.faults = faults
        self.lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        what = operation(environ)
        if what not in (PUT, GET):
            return self.app(environ, start_response)
        # Before the lock: a caller that dies while it sends must not hold up the others.
        body = read_body(environ)
        region = region_of(environ)
        error = self._wanted(what) or (refused(environ, body, region) if region else None)
        if error is not None:
            return answer(start_response, error.status, xml(error), "application/xml")
        if what == GET:
            return self.app(environ, start_response)
        with self.lock:
            status, headers, body = act(self.app, environ)
        start_response(status, headers)
        return [body]

    def _wanted(self, what: str) -> S3Error | None:
        status = self.faults.take(what)
        if status is None:
            return None
        other = "InternalError" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "InvalidRequest"
        return S3Error(status, CODES.get(status, other), wanted(status))


def region_of(environ: Environ) -> str | None:
    """The region of the bucket that is meant, None when there is no such bucket."""
    bucket = s3_backends[ACCOUNT][PARTITION].buckets.get(path(environ).split("/")[1])
    return None if bucket is None else str(bucket.region_name)


def xml(error: S3Error) -> bytes:
    body = f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message><RequestId>0</RequestId>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{body}</Error>'.encode()
