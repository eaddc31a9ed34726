"""The curl command of the page of a run: copied as a person does, and read and run by a shell. `make test` runs it."""

import copy
import os
import shutil
import subprocess
import unittest
from typing import Any

from playwright.sync_api import Page, expect

from chromium import PageTest
from monitor import new_folder, playground, played, rendered

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
# Stands in for curl: the arguments as the shell gives them, one a line.
NOTE_ARGUMENTS = "curl() { for it; do printf '%s\\n' \"$it\"; done; }\n"
OF_A_SHELL = "it's \"$(touch pwned)\" `touch pwned` $HOME \\ ; touch pwned & # ! ~ * {a,b} \\' '"


class Curl(PageTest):
    def test_the_copied_command_asks_the_bank_again(self) -> None:
        if not shutil.which("curl"):
            self.skipTest("curl is not installed")
        with playground() as bank:
            page = self.open(bank.run().page, **CLIPBOARD)
            for number, status in ((1, "201"), (11, "404")):
                command = copied(page, number)
                self.assertNotIn(bank.token, command)
                asked = shell(f"{command} --silent --output /dev/null --write-out '%{{http_code}}'", bank.variables)
                self.assertEqual(asked, status, command)

    def test_without_access_to_the_clipboard_the_command_is_copied_too(self) -> None:
        page = self.open(played().page, permissions=["clipboard-read"])
        page.evaluate("() => void (navigator.clipboard.writeText = () => Promise.reject(new Error('refused')))")

        self.assertIn("curl", copied(page, 2))

    def test_a_shell_takes_every_command(self) -> None:
        page = self.open(played("9:status=503").page)
        commands = page.get_by_role("group", name="curl command of", include_hidden=True).all_text_contents()

        self.assertEqual(len(commands), page.locator(".req, .again").count())
        for command in commands:
            self.assertEqual(shell(NOTE_ARGUMENTS + command, {"KOSMA_AUTH_TOKEN": "mine"}).split("\n")[2], "-X")

    def test_no_text_of_a_bank_reaches_the_shell_as_a_command(self) -> None:
        report = copy.deepcopy(played().report)
        asked: dict[str, Any] = report["steps"][0]["requests"][0]
        asked["url"] += f"?{OF_A_SHELL}"
        asked["request"] |= {"headers": [{"name": "x-hostile", "value": OF_A_SHELL}], "body": OF_A_SHELL}
        page = self.open(rendered(report), **CLIPBOARD)

        arguments = shell(NOTE_ARGUMENTS + copied(page, 1)).split("\n")
        for wanted in (asked["url"], f"x-hostile: {OF_A_SHELL}", OF_A_SHELL):
            self.assertIn(wanted, arguments)

    def test_no_text_of_a_bank_is_an_option_of_curl(self) -> None:
        """Nor a URL of another kind: `file:` would show a file, and `-o` write one."""
        report = copy.deepcopy(played().report)
        first, second, third = (report["steps"][step]["requests"][0] for step in range(3))
        first["url"] = "file:///etc/passwd"
        second["method"] = "-o/tmp/pwned"
        third["request"]["headers"] = [{"name": "@/etc/passwd", "value": ""}]
        page = self.open(rendered(report))

        for number in (1, 2):
            expect(command(page, number)).to_have_count(0)
        self.assertNotIn("passwd", command(page, 3).text_content() or "")


def copied(page: Page, number: int) -> str:
    """What the clipboard holds once a request was opened and its command copied."""
    row = page.locator(f"#r{number}")
    if row.get_attribute("open") is None:
        row.locator("> summary").click()
    row.get_by_role("button", name="Copy as curl").click()
    expect(page.get_by_role("status")).to_have_text("The curl command was copied.")
    return page.evaluate("navigator.clipboard.readText()")


def command(page: Page, number: int) -> Any:
    return page.get_by_role("group", name=f"curl command of r{number}", exact=True, include_hidden=True)


def shell(script: str, variables: dict[str, str] | None = None) -> str:
    """What a POSIX shell makes of it, in a folder of its own in which it must leave nothing. Fails with it."""
    folder = new_folder()
    environment = os.environ | (variables or {})
    ran = subprocess.run(["sh", "-eu", "-c", script], cwd=folder, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, f"{ran.returncode}: {ran.stderr}"
    assert not [*folder.iterdir()], "it left files"
    return ran.stdout


if __name__ == "__main__":
    unittest.main()
