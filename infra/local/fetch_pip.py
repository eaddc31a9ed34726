"""Fetches pip for a Python that came without it: python3 infra/local/fetch_pip.py FILE

Takes the pinned release from the package index of PIP_INDEX_URL, else from PyPI, writes it to FILE (a wheel, which
Python runs as it is: python3 FILE/pip ...) and checks it against its known hash. Needs nothing but Python itself.
Exit 0 when FILE is whole, else 1 with the reason in one line on standard error.
"""

import hashlib
import html
import os
import re
import sys
import urllib.parse
import urllib.request
from pathlib import Path

WHEEL = "pip-25.3-py3-none-any.whl"
SHA256 = "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"
INDEX = "https://pypi.org/simple"
SECONDS = 60


def main() -> int:
    target = Path(sys.argv[1])
    index = os.environ.get("PIP_INDEX_URL") or INDEX
    try:
        content = fetch(link(f"{index.rstrip('/')}/pip/"))
    except (OSError, ValueError) as error:
        print(f"fetch_pip.py: {WHEEL} cannot be had from {without_login(index)}: {error}", file=sys.stderr)
        return 1
    if hashlib.sha256(content).hexdigest() != SHA256:
        print(f"fetch_pip.py: {WHEEL} from {without_login(index)} is not what it should be", file=sys.stderr)
        return 1
    target.write_bytes(content)
    return 0


def link(page: str) -> str:
    """Where the wheel lies, by the index's page about pip (PyPA, Simple repository API)."""
    text = fetch(page).decode()
    for found in re.findall(r'href\s*=\s*["\']([^"\']+)["\']', text):
        url = urllib.parse.urljoin(page, html.unescape(found))
        if urllib.parse.urlparse(url).path.endswith(f"/{WHEEL}"):
            return url
    raise ValueError("the index does not list it")


def fetch(url: str) -> bytes:
    request = urllib.request.Request(url, headers={"accept": "text/html"})
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        content: bytes = answer.read()
        return content


def without_login(url: str) -> str:
    """An index may need a login, which is no text for a screen."""
    return re.sub(r"//[^/@]*@", "//", url)


if __name__ == "__main__":
    sys.exit(main())
