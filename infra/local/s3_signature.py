"""Signature Version 4 as Amazon S3 checks it (Amazon S3 API Reference, "Authenticating Requests"): moto takes any.

Whether a link has expired is not checked: a rehearsal signs it in its own time.
"""

import hashlib
import hmac
import re
import time
import urllib.parse
from calendar import timegm
from typing import NamedTuple

from isolation import DUMMIES
from wsgi import Environ, told_headers

HEADER = re.compile(r"^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(.+)$")
DATE_FORM = "%Y%m%dT%H%M%SZ"
MOST_SKEW_SECONDS = 15 * 60
# What a body may be signed as without its hash.
UNSIGNED, WITHOUT_HASH = "UNSIGNED-PAYLOAD", ("UNSIGNED-PAYLOAD", "STREAMING-")
OF_LINKS = "X-Amz-Signature"
# What is not encoded in a signed path or query.
PLAIN = "-_.~"


class S3Error(NamedTuple):
    """A refusal, as the "Error responses" of the same reference list them."""

    status: int
    code: str
    message: str


class Signed(NamedTuple):
    """What a request says about its signature."""

    # ID/DATE/REGION/SERVICE/aws4_request
    credential: str
    header_names: list[str]
    signature: str
    date: str
    is_link: bool

    @property
    def region(self) -> str:
        return self.credential.split("/")[2]


def signed_by(environ: Environ) -> Signed | None:
    """None: it is not signed, or in no way that S3 knows."""
    header = HEADER.match(environ.get("HTTP_AUTHORIZATION", ""))
    if header:
        return Signed(header[1], header[2].split(";"), header[3], environ.get("HTTP_X_AMZ_DATE", ""), False)
    query = dict(parameters(environ))
    if OF_LINKS not in query:
        return None
    names = query.get("X-Amz-SignedHeaders", "").split(";")
    return Signed(query.get("X-Amz-Credential", ""), names, query[OF_LINKS], query.get("X-Amz-Date", ""), True)


def refused(environ: Environ, body: bytes, region: str) -> S3Error | None:
    """Why S3 would not take a request for a bucket of `region`."""
    signed = signed_by(environ)
    if signed is None or signed.credential.count("/") != 4:
        return S3Error(403, "AccessDenied", "Access Denied")
    if signed.region != region:
        code = "AuthorizationQueryParametersError" if signed.is_link else "AuthorizationHeaderMalformed"
        return S3Error(400, code, f"the region '{signed.region}' is wrong; expecting '{region}'")
    return wrong_hash(environ, body, signed) or wrong_time(signed) or wrong_signature(environ, signed)


def wrong_hash(environ: Environ, body: bytes, signed: Signed) -> S3Error | None:
    told = UNSIGNED if signed.is_link else environ.get("HTTP_X_AMZ_CONTENT_SHA256")
    if told is None:
        return S3Error(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    if told.startswith(WITHOUT_HASH) or told == sha256(body):
        return None
    message = "The provided 'x-amz-content-sha256' header does not match what was computed."
    return S3Error(400, "XAmzContentSHA256Mismatch", message)


def wrong_time(signed: Signed) -> S3Error | None:
    try:
        skew = abs(time.time() - timegm(time.strptime(signed.date, DATE_FORM)))
    except ValueError:
        return S3Error(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
    if signed.is_link or skew <= MOST_SKEW_SECONDS:
        return None
    return S3Error(403, "RequestTimeTooSkewed", "The difference between the request time and now is too large.")


def wrong_signature(environ: Environ, signed: Signed) -> S3Error | None:
    canonical = canonical_request(environ, signed)
    scope = signed.credential.partition("/")[2]
    text = "\n".join(("AWS4-HMAC-SHA256", signed.date, scope, sha256(canonical.encode())))
    key = ("AWS4" + DUMMIES["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    if hmac.compare_digest(key.hex(), signed.signature):
        return None
    message = f"The signature does not match. The canonical request is:\n{canonical}"
    return S3Error(403, "SignatureDoesNotMatch", message)


def canonical_request(environ: Environ, signed: Signed) -> str:
    headers = told_headers(environ)
    query = sorted((quoted(name), quoted(value)) for name, value in parameters(environ) if name != OF_LINKS)
    return "\n".join((
        environ["REQUEST_METHOD"],
        quoted(path(environ), "/"),
        "&".join(f"{name}={value}" for name, value in query),
        *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed.header_names),
        "",
        ";".join(signed.header_names),
        UNSIGNED if signed.is_link else environ["HTTP_X_AMZ_CONTENT_SHA256"],
    ))


def parameters(environ: Environ) -> list[tuple[str, str]]:
    return urllib.parse.parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)


def path(environ: Environ) -> str:
    """As it was sent, decoded. WSGI passes its bytes as Latin-1."""
    return str(environ.get("PATH_INFO", "")).encode("latin-1").decode(errors="replace")


def quoted(text: str, more: str = "") -> str:
    return urllib.parse.quote(text, safe=PLAIN + more)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
