"""The HTTP archive in the developer tools that Chromium ships. `make test` runs it."""

import json
import tempfile
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from chromium import PageTest, profile_of_its_own, screenshot
from monitor import played


class DeveloperTools(PageTest):
    def test_every_request_is_listed_with_its_status(self) -> None:
        archive = played("9:status=503").har
        entries = json.loads(archive.read_text(encoding="utf-8"))["log"]["entries"]
        with network_panel(archive) as panel:
            expect(panel.get_by_text(f"{len(entries)} requests")).to_be_visible()
            screenshot(panel, "developer-tools")

            shown = [tuple(row.locator("td").all_inner_texts()[:2]) for row in rows(panel)]
            self.assertEqual(shown, [(last_part(entry), str(entry["response"]["status"])) for entry in entries])

    def test_a_request_shows_what_was_sent_what_came_back_and_where_the_time_went(self) -> None:
        archive = played("9:status=503").har
        entry = json.loads(archive.read_text(encoding="utf-8"))["log"]["entries"][8]
        with network_panel(archive) as panel:
            rows(panel)[8].locator("td").first.click()
            headers = panel.get_by_role("tabpanel")
            expect(headers.get_by_text(entry["request"]["url"])).to_be_visible()
            expect(headers.get_by_text("503 Service Unavailable")).to_be_visible()

            panel.get_by_role("tab", name="Response", exact=True).click()
            expect(panel.get_by_role("textbox").get_by_text("this fault was asked for")).to_be_visible()

            panel.get_by_role("tab", name="Timing", exact=True).click()
            waited = panel.get_by_role("row").filter(has_text="Waiting for server response")
            expect(waited).to_contain_text(f"{entry['timings']['wait']:.2f}\xa0ms")


@contextmanager
def network_panel(archive: Path) -> Iterator[Page]:
    """The Network panel with the archive imported, as its button does. It needs no page that it inspects."""
    with tempfile.TemporaryDirectory() as folder, profile_of_its_own(folder, "--remote-debugging-port=0") as context:
        # Its first line is the port on which Chromium serves its own tools.
        port = Path(folder, "DevToolsActivePort").read_text(encoding="utf-8").split()[0]
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/devtools/devtools_app.html?panel=network")
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Import HAR").click()
        chooser.value.set_files(archive)
        yield page


def rows(page: Page) -> list[Locator]:
    """The requests, without the heading."""
    found = page.get_by_role("row")
    expect(found.nth(1)).to_be_visible()
    return found.all()[1:]


def last_part(entry: dict[str, Any]) -> str:
    """What the panel calls a request."""
    return urlsplit(entry["request"]["url"]).path.rsplit("/", 1)[-1]


if __name__ == "__main__":
    unittest.main()
