"""What the tests of the deployment share: a local AWS of their own, and the commands with what leads out replaced."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "local"))

import isolation  # noqa: E402, F401  (before boto3, which reads the environment)

import io  # noqa: E402
import os  # noqa: E402
import tempfile  # noqa: E402
from collections.abc import Callable  # noqa: E402
from typing import Any, NamedTuple  # noqa: E402
from unittest import mock  # noqa: E402

from support import LocalAwsTest  # noqa: E402

import deploy  # noqa: E402
from account import Account  # noqa: E402
from deployment import Tools  # noqa: E402
from screen import Screen  # noqa: E402
from smoke import Run  # noqa: E402
from template_support import ACCOUNT, ARTICLE  # noqa: E402

REGIONS: list[str] = ARTICLE["regions"]
HOME: str = ARTICLE["home_region"]
TOKEN = "/xs2a-monitor/klarna-playground/token"
SECRET = "a-token-that-nobody-may-see"
OVERVIEW = (
    f"https://us-east-1.console.aws.amazon.com/s3/object/xs2a-monitor-reports-{ACCOUNT}-us-east-1"
    "?region=us-east-1&prefix=overview/index.html"
)
PASSED = Run("klarna-playground", "passed", 912.0, {"start_session": ("passed", 12.0)}, "", "")
OURS = Run("klarna-playground", "failed", 20.0, {}, "us", "the API does not take the token (401)")


class Ended(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


class DeployTest(LocalAwsTest):
    """Each test begins with an empty account, apart from the token."""

    def setUp(self) -> None:
        # moto knows a template's bucket only by this name.
        endpoint = self.url.replace("127.0.0.1", "localhost")
        environment = mock.patch.dict(os.environ, {"AWS_ENDPOINT_URL": endpoint})
        environment.start()
        self.addCleanup(environment.stop)
        # All that there are would take a second in each test.
        known = mock.patch.object(Account, "known_regions", lambda account: [*REGIONS, "eu-west-1"])
        known.start()
        self.addCleanup(known.stop)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.executable = self.folder / "bootstrap"
        self.executable.write_bytes(b"\x7fELF, or so")
        self.configuration: dict[str, Any] = ARTICLE
        self.runs: Callable[[Account, str], list[Run]] = lambda account, region: [PASSED]
        self.answer = "n"
        self.begin()

    def begin(self) -> None:
        self.ask("POST", "/moto-api/reset")
        for region in REGIONS:
            ssm = self.client("ssm", region)
            ssm.put_parameter(Name=TOKEN, Value=SECRET, Type="SecureString")

    def command(self, *arguments: str, stdin: str = "", **tools: Any) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with mock.patch("sys.stdin", io.StringIO(stdin)):
            code = deploy.main(list(arguments), self.tools()._replace(**tools), Screen(out, err))
        return Ended(code, out.getvalue(), err.getvalue())

    def tools(self) -> Tools:
        return Tools(
            read_document=lambda config: self.configuration,
            build=lambda architecture: {"probe": self.executable, "aggregator": self.executable},
            run=self.runs,
            ask=lambda question: self.answer,
        )

    def deploy(self, *arguments: str) -> Ended:
        """Fails the test when it does not succeed."""
        ended = self.command("deploy", *arguments)
        self.assertEqual(ended.code, 0, ended.err)
        return ended

    def stack_parameters(self, region: str, name: str) -> dict[str, str]:
        stack = self.client("cloudformation", region).describe_stacks(StackName=name)["Stacks"][0]
        return {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}

    def stacks(self, region: str) -> list[str]:
        listed = self.client("cloudformation", region).describe_stacks()["Stacks"]
        return sorted(stack["StackName"] for stack in listed)

    def left_behind(self) -> list[str]:
        """Everything of the kinds that we make, wherever it is; not the secrets."""
        found = [bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"]]
        found += [role["RoleName"] for role in self.client("iam").list_roles()["Roles"]]
        found += [each["DashboardName"] for each in self.client("cloudwatch").list_dashboards()["DashboardEntries"]]
        for region in REGIONS:
            found += self.stacks(region)
            found += [each["FunctionName"] for each in self.client("lambda", region).list_functions()["Functions"]]
            found += [each["TopicArn"] for each in self.client("sns", region).list_topics()["Topics"]]
            subscriptions = self.client("sns", region).list_subscriptions()["Subscriptions"]
            found += [each["SubscriptionArn"] for each in subscriptions]
            found += self.client("sqs", region).list_queues().get("QueueUrls", [])
            found += self.client("dynamodb", region).list_tables()["TableNames"]
            found += [each["logGroupName"] for each in self.client("logs", region).describe_log_groups()["logGroups"]]
        return found


__all__ = ["ACCOUNT", "ARTICLE", "HOME", "OURS", "PASSED", "REGIONS", "SECRET", "TOKEN", "DeployTest", "Ended"]
