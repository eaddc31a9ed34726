"""The functions as they run in AWS, against a simulated bank and a local AWS that notes every call."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "local"))

import isolation  # noqa: E402, F401  (before boto3 and moto, which read the environment)

import json  # noqa: E402
import os  # noqa: E402
import subprocess  # noqa: E402
import threading  # noqa: E402
import urllib.request  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from contextlib import ExitStack, contextmanager  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from typing import IO, Any  # noqa: E402

from werkzeug.serving import make_server  # noqa: E402

import names  # noqa: E402
from aws import HOST, QuietHandler, compose  # noqa: E402
from bench import BenchError  # noqa: E402
from bench_alerts import emulator  # noqa: E402
from cost_recorder import Recorder  # noqa: E402
from document import PROJECT, Document, token_parameters  # noqa: E402
from home import Home, prepare_home  # noqa: E402
from regions import client  # noqa: E402
from s3 import REPORTS  # noqa: E402

AGGREGATOR = "aggregator"
PACKAGES = ("probe", AGGREGATOR, "cli")
STOP_SECONDS = 5
# Longer than a run with all its attempts.
ANSWER_SECONDS = 90
PASSWORD = "123456"


@dataclass(frozen=True)
class Cloud:
    """What the functions find."""

    url: str
    recorder: Recorder
    topics: dict[str, str]
    alert_topic: str


@dataclass(frozen=True)
class Bank:
    variables: dict[str, str]
    token: str


class Function:
    """A function under the emulator of the Lambda runtime; what it logs is kept."""

    def __init__(self, name: str, url: str, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        self.name = name
        self.url = url
        self._process = process
        self._log = log
        self._read = 0

    def invoke(self, event: dict[str, Any]) -> Any:
        """Raises BenchError when it does not answer, or with an error of its own."""
        try:
            answer = ask("POST", self.url, event)
        except (OSError, ValueError) as error:
            died = "; it has ended" if self._process.poll() is not None else ""
            raise BenchError(f"{self.name} did not answer ({error}){died}: {self.logged()[-500:].decode()}") from error
        if isinstance(answer, dict) and "errorType" in answer:
            raise BenchError(f"{self.name}: {answer.get('errorMessage', answer['errorType'])}")
        return answer

    def logged(self) -> bytes:
        """What it wrote since the last time."""
        self._log.flush()
        with open(self._log.name, "rb") as log:
            log.seek(self._read)
            new = log.read()
        self._read += len(new)
        return new


class Rig:
    """Everything that is started ends with the block that it was opened in."""

    def __init__(self, document: Document, config: Path, folder: Path) -> None:
        self.document = document
        self.config = config
        self.folder = folder
        self.executables = build()

    @contextmanager
    def cloud(self) -> Iterator[Cloud]:
        home = self.document["home_region"]
        recorder = Recorder(compose(), home, {AGGREGATOR, *self.document["regions"]})
        server = make_server(HOST, 0, recorder, threaded=True, request_handler=QuietHandler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://{HOST}:{server.server_port}"
        try:
            topics = {region: run_result_topic(region, url) for region in self.document["regions"]}
            alerts = prepare_home(Home(url, home, names.TABLE, names.ALERT_TOPIC, names.AGGREGATOR), topics, [])
            yield Cloud(url, recorder, topics, alerts)
        finally:
            server.shutdown()

    @contextmanager
    def bank(self, fault: str | None = None) -> Iterator[Bank]:
        """A simulated bank with certificates, as the real one has."""
        authority = self.folder / f"ca-{fault or 'well'}.pem".replace(":", "-")
        command = [self.executables["cli"], "playground", "--tls-ca-out", str(authority)]
        command += ["--fault", fault] if fault else []
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bank:
            try:
                ready = json.loads((bank.stdout.readline() if bank.stdout else "") or "{}")
                if not ready:
                    raise BenchError("the simulated bank did not start")
                variables = {
                    "XS2A_API_BASE_URL": ready["api_base_url"],
                    "XS2A_AUTH_BASE_URL": ready["auth_base_url"],
                    "XS2A_EXTRA_CA_FILE": str(authority),
                }
                yield Bank(variables, ready["token"])
            finally:
                stop(bank)

    @contextmanager
    def probes(self, cloud: Cloud, bank: Bank, label: str) -> Iterator[dict[str, Function]]:
        """One in each region. It signs with its region as access key id."""
        with ExitStack() as stack:
            probes = {}
            for region, topic in cloud.topics.items():
                self._put_secrets(cloud.url, region, bank.token)
                variables = bank.variables | {"RUN_RESULT_TOPIC_ARN": topic, "AWS_ACCESS_KEY_ID": region}
                variables["REPORT_BUCKET"] = REPORTS + region
                variables |= self._token_variable()
                place = (f"{label}-{region}", "probe", region)
                probes[region] = stack.enter_context(self._function(cloud, place, variables))
            yield probes

    @contextmanager
    def aggregator(self, cloud: Cloud) -> Iterator[Function]:
        """It signs with its name as access key id, and gets what the run-result topics deliver."""
        variables = {
            "AWS_ACCESS_KEY_ID": AGGREGATOR,
            "STATE_TABLE": names.TABLE,
            "ALERT_TOPIC_ARN": cloud.alert_topic,
            "RUN_RESULT_TOPIC_ARNS": ",".join(cloud.topics.values()),
            "REPORT_BUCKET": REPORTS + self.document["home_region"],
        }
        place = (AGGREGATOR, AGGREGATOR, self.document["home_region"])
        with self._function(cloud, place, variables) as function:
            steer(cloud.url, "PUT", f"functions/{names.AGGREGATOR}", {"url": function.url})
            yield function
            steer(cloud.url, "PUT", f"functions/{names.AGGREGATOR}", {"url": None})

    @contextmanager
    def _function(
        self, cloud: Cloud, place: tuple[str, str, str], variables: dict[str, str]
    ) -> Iterator[Function]:
        name, package, region = place
        environment = os.environ | {
            "AWS_REGION": region,
            "AWS_ENDPOINT_URL": cloud.url,
            "AWS_LAMBDA_FUNCTION_NAME": f"xs2a-monitor-{package}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "MONITOR_CONFIG": str(self.config.resolve()),
        }
        # One each: the emulator knows functions by their package, and so has one probe only.
        with emulator() as url, open(self.folder / f"{name}.log", "wb") as log:
            environment |= variables | {"AWS_LAMBDA_RUNTIME_API": f"{url}/.rt/{package}"}
            process = subprocess.Popen([self.executables[package]], env=environment, stdout=log, stderr=log)
            try:
                yield Function(name, f"{url}/2015-03-31/functions/{package}/invocations", process, log)
            finally:
                stop(process)

    def _put_secrets(self, url: str, region: str, token: str) -> None:
        ssm = client("ssm", region, url)
        passwords = {target["password_parameter"] for target in self.document["targets"]}
        for name in token_parameters(self.document):
            value = PASSWORD if name in passwords else token
            ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)

    def _token_variable(self) -> dict[str, str]:
        """As the regional stack sets it: where a target names no parameter of its own."""
        named = {target["token_parameter"] for target in self.document["targets"]}
        unnamed = set(token_parameters(self.document)) - named
        unnamed -= {target["password_parameter"] for target in self.document["targets"]}
        return {"KOSMA_AUTH_TOKEN_PARAMETER": name for name in unnamed}


def build() -> dict[str, str]:
    """The executables by package, from where cargo says they are."""
    options = [option for package in PACKAGES for option in ("--package", package)]
    command = ["cargo", "build", *options, "--message-format", "json-render-diagnostics"]
    built = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False)
    if built.returncode != 0:
        raise BenchError("the functions did not build (see above)")
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    found = {message["target"]["name"]: message["executable"] for message in messages if message.get("executable")}
    return {package: found["xs2a-monitor" if package == "cli" else package] for package in PACKAGES}


def run_result_topic(region: str, url: str) -> str:
    arn: str = client("sns", region, url).create_topic(Name="xs2a-monitor-run-results")["TopicArn"]
    return arn


def steer(url: str, method: str, path: str, document: Any = None) -> Any:
    """See infra/local/control.py."""
    return ask(method, f"{url}/local/{path}", document)


def ask(method: str, url: str, document: Any = None) -> Any:
    body = None if document is None else json.dumps(document).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, method=method), timeout=ANSWER_SECONDS) as answer:
        return json.load(answer)


def stop(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
