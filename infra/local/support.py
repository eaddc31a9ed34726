"""What the tests of the local AWS share: the server, and how it is asked without an SDK."""

import isolation  # noqa: F401  (before boto3, which reads the environment)

import json
import os
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any, ClassVar, NamedTuple

import boto3
from botocore.config import Config

HERE = Path(__file__).parent
# What must not matter to our programs.
OF_A_DEVELOPER = os.environ | {
    "AWS_PROFILE": "of-a-developer",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "http_proxy": "http://127.0.0.1:1",
}
HOME = "us-east-1"


class Answer(NamedTuple):
    status: int
    headers: Any
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class LocalAwsTest(unittest.TestCase):
    """Tests against one local AWS of the class's own."""

    url: ClassVar[str]

    @classmethod
    def setUpClass(cls) -> None:
        server, cls.url = start_server()
        cls.addClassCleanup(stop, server)

    def client(self, service: str, region: str = HOME) -> Any:
        # Tries are what is counted here.
        config = Config(retries={"total_max_attempts": 1})
        return boto3.client(service, region_name=region, endpoint_url=self.url, config=config)

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """`body`: bytes as they are, anything else as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return ask(urllib.request.Request(self.url + path, data, headers or {}, method=method))

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.ask(method, f"/local/{path}", body)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()

    def inbox_end(self) -> int:
        return len(self.control("GET", "inbox")["messages"])

    def inbox(self, after: int) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.control("GET", f"inbox?after={after}")["messages"]
        return messages

    def document(self, script: str, regions: str, *arguments: str) -> dict[str, Any]:
        command = [sys.executable, str(HERE / script), "--endpoint-url", self.url, "--regions", regions, *arguments]
        document: dict[str, Any] = json.loads(subprocess.check_output(command, env=OF_A_DEVELOPER))
        return document


def ask(request: urllib.request.Request) -> Answer:
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return Answer(answer.status, answer.headers, answer.read())


def start_server() -> tuple[subprocess.Popen[bytes], str]:
    command = [sys.executable, str(HERE / "aws.py")]
    server = subprocess.Popen(command, env=OF_A_DEVELOPER, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return server, json.loads(pipe(server.stdout).readline())["endpoint_url"]


def stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    # Leaving closes its pipes and waits for its end.
    with process:
        pass


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream
