"""Secrets, packages, and what is told while one waits. `make test` runs it."""

import os
import sys
import unittest
import zipfile
from io import BytesIO
from typing import Any
from unittest import mock

import package
from deploy_support import ARTICLE, REGIONS, SECRET, TOKEN, DeployTest
from document import DEFAULT_CONFIG, read_document
from refusal import Refusal
from stack_events import Events
from template_support import ALL_CHANNELS, TARGET


class Configuration(unittest.TestCase):
    def test_a_wish_of_make_is_no_variable_of_the_command_that_reads_it(self) -> None:
        show = "import json, os; print(json.dumps([os.environ.get(name) for name in ('REPORT_LINK_HOURS', 'KEPT')]))"
        command = mock.patch("document.COMMAND", (sys.executable, "-c", show))
        with command, mock.patch.dict(os.environ, {"REPORT_LINK_HOURS": "0", "KEPT": "1"}):
            self.assertEqual(read_document(DEFAULT_CONFIG), [None, "1"])


class Secrets(DeployTest):
    def test_a_token_is_in_every_region_and_nowhere_else(self) -> None:
        ended = self.command("secret", stdin=f"{SECRET}-2\n")

        self.assertEqual(ended.code, 0, ended.err)
        for region in REGIONS:
            parameter = self.client("ssm", region).get_parameter(Name=TOKEN, WithDecryption=True)["Parameter"]
            self.assertEqual((parameter["Type"], parameter["Value"]), ("SecureString", f"{SECRET}-2"))
        self.assertNotIn(SECRET, ended.out + ended.err)
        self.assertIn(f"{TOKEN} is in us-east-1, us-east-2, us-west-1.", ended.out)

    def test_a_channels_secret_is_in_the_home_region_only(self) -> None:
        self.configuration = ARTICLE | {"channels": ALL_CHANNELS}

        name = "/xs2a-monitor/channels/slack"
        ended = self.command("secret", "--parameter", name, stdin="https://hooks.example.org/x")

        self.assertIn("is in us-east-1.", ended.out)

    def test_what_cannot_be_right_is_refused(self) -> None:
        cases = {
            "": "the secret is empty",
            "two\nlines": "has a line break in it",
            " blank": "begins or ends with a blank",
            "x" * 4097: "longer than 4096 bytes",
        }
        for value, reason in cases.items():
            with self.subTest(reason):
                ended = self.command("secret", stdin=value)

                self.assertEqual(ended.code, 1)
                self.assertIn(reason, ended.err)
        unknown = self.command("secret", "--parameter", "/other/thing", stdin="x")
        self.assertIn("nothing in the configuration reads /other/thing", unknown.err)

    def test_with_several_targets_it_has_to_be_said_whose(self) -> None:
        targets = [TARGET | {"id": name, "token_parameter": f"/banks/{name}"} for name in ("one", "two")]
        self.configuration = ARTICLE | {"targets": targets}

        unsaid = self.command("secret", stdin="x")
        said = self.command("secret", "--target", "two", stdin="x")

        self.assertIn("TARGET= one of one, two", unsaid.err)
        self.assertIn("/banks/two is in", said.out)


class Packages(DeployTest):
    def test_the_same_files_make_the_same_bytes(self) -> None:
        config = self.folder / "mine.toml"
        config.write_text('home_region = "us-east-1"\n')

        first = package.pack(self.executable, config)
        self.executable.touch()
        second = package.pack(self.executable, config)
        config.write_text('home_region = "us-east-2"\n')
        other = package.pack(self.executable, config)

        self.assertEqual(first, second)
        self.assertNotEqual(first.key, other.key)
        with zipfile.ZipFile(BytesIO(first.content)) as archive:
            modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        permissions = {name: mode & 0o777 for name, mode in modes.items()}
        self.assertEqual(permissions, {"bootstrap": 0o755, "monitor.toml": 0o644})

    def test_what_lambda_could_not_run_is_refused(self) -> None:
        cases = {
            "built for arm64": (elf(62), "arm64"),
            "built for x86_64": (b"#!/bin/sh", "x86_64"),
            "needs glibc 2.38": (elf(62) + b"GLIBC_2.17\0GLIBC_2.38\0", "x86_64"),
        }
        for reason, (content, architecture) in cases.items():
            with self.subTest(reason):
                self.executable.write_bytes(content)

                with self.assertRaisesRegex(Refusal, reason):
                    package.checked(self.executable, architecture)

        self.executable.write_bytes(elf(183) + b"GLIBC_2.34\0")
        self.assertEqual(package.checked(self.executable, "arm64"), self.executable)


class Waiting(unittest.TestCase):
    def test_what_is_made_and_why_it_fails_is_told_once(self) -> None:
        told: list[str] = []
        stack = FakeStack()
        events = Events(stack, "arn", told.append)
        stack.add("Probe", "CREATE_IN_PROGRESS")
        stack.add("Topic", "CREATE_COMPLETE")
        events.tell_new()
        stack.add("Probe", "CREATE_FAILED", "the bucket is not there")
        stack.add("Role", "CREATE_FAILED", "Resource creation cancelled")

        events.tell_new()
        events.tell_new()

        self.assertEqual(told, [
            "Lambda Function Topic: made",
            "Lambda Function Probe: CREATE_FAILED: the bucket is not there",
            "Lambda Function Role: CREATE_FAILED",
        ])
        self.assertEqual(events.first_failure(), "Probe: the bucket is not there")


class FakeStack:
    """CloudFormation, as far as events go."""

    def __init__(self) -> None:
        self.events: list[dict[str, str]] = []

    def add(self, name: str, status: str, reason: str = "") -> None:
        self.events.insert(0, {
            "EventId": str(len(self.events)),
            "StackId": "arn",
            "LogicalResourceId": name,
            "PhysicalResourceId": name,
            "ResourceType": "AWS::Lambda::Function",
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
        })

    def describe_stack_events(self, StackName: str) -> dict[str, Any]:  # noqa: N803 (boto3's spelling)
        del StackName
        return {"StackEvents": list(self.events)}


def elf(machine: int) -> bytes:
    return b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little") + bytes(44)


if __name__ == "__main__":
    unittest.main()
