"""The pages that an outage leaves: the aggregator's overview, and runs that are compared. `make test` runs it."""

import json
import subprocess
import unittest
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from chromium import LOOKS, NARROW, WIDE, PageTest, browser, screenshot
from monitor import COMMAND_SECONDS, PROJECT, drilled, new_folder
from test_hostile_reports import ATTACKS, MARKS, SHAPE

# How many lines the text of an element takes.
LINES = """element => {
  const range = document.createRange();
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const bottoms = new Set();
  while (texts.nextNode()) {
    range.selectNodeContents(texts.currentNode);
    for (const { bottom } of range.getClientRects()) bottoms.add(bottom);
  }
  return bottoms.size;
}"""
NAME = "<script>window.pwned = 1</script>"


class Overview(PageTest):
    def test_it_says_how_things_are_and_what_was(self) -> None:
        page = self.open(drilled().overview)

        expect(page.get_by_role("heading", level=1)).to_contain_text(f"{NAME} is passing")
        for title in ("Incidents, last 7 days", "Notifications"):
            expect(page.get_by_role("heading", name=title)).to_be_visible()
        incident = page.get_by_role("row").filter(has_text="HTTP 503")
        expect(incident).to_have_count(1)
        for event in ("failure", "reminder", "recovery"):
            expect(page.get_by_role("row").filter(has_text=event).filter(has_text="webhook")).to_be_visible()

    def test_a_drill_leads_to_the_pages_on_this_machine(self) -> None:
        overview, runs, failed = drilled().overview, drilled().runs, drilled().failed
        page = self.open(overview, *runs)

        page.get_by_role("row").filter(has_text="HTTP 503").get_by_role("link", name="Report").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("failed bank")
        page.go_back()
        open_details(page)
        page.get_by_role("cell").locator(f"[href$='{failed.name}']").click()
        self.assertEqual(page.url, failed.as_uri())
        expect(page.get_by_role("heading", level=1)).to_contain_text("failed bank")

    def test_a_page_whose_link_runs_out_is_not_fetched_anew(self) -> None:
        for query, loads in (("?X-Amz-Signature=0", 1), ("", 2)):
            with self.subTest(query):
                context = browser().new_context(viewport=WIDE)
                self.addCleanup(context.close)
                page = context.new_page()
                loaded: list[bool] = []
                page.on("load", lambda _, loaded=loaded: loaded.append(True))
                page.clock.install()
                page.goto(drilled().overview.as_uri() + query)
                hint = page.get_by_text("The link that opened this page runs out")
                expect(hint).to_be_visible(visible=loads == 1)
                expect(page.locator("#refresh")).to_be_visible(visible=loads == 2)
                if loads == 2:
                    with page.expect_event("load"):
                        page.clock.fast_forward(301_000)
                else:
                    page.clock.fast_forward(301_000)
                self.assertEqual(len(loaded), loads)

    def test_what_others_wrote_stays_text(self) -> None:
        page = self.open(drilled().overview)

        self.assertEqual(page.evaluate("typeof window.pwned"), "undefined")
        self.assertEqual(page.evaluate("document.scripts.length"), 1)
        expect(page.locator("img, iframe, [onerror], [style]")).to_have_count(0)
        expect(page.get_by_text("<img src=x onerror=").first).to_be_visible()

    def test_its_details_open_without_scripts(self) -> None:
        page = self.open(drilled().overview, java_script_enabled=False)

        expect(page.get_by_role("button")).to_have_count(0)
        open_details(page)
        expect(page.locator("details table").first).to_be_visible()

    def test_axe_finds_nothing_and_nothing_sticks_out(self) -> None:
        for look, options in LOOKS.items():
            with self.subTest(look):
                page = self.open(drilled().overview, **options)
                open_details(page)
                screenshot(page, f"overview-{look}")
                self.assert_fits(page)
                self.assert_accessible(page)


class HostileOverview(PageTest):
    """Every text that it shows of a bank, a provider or a person is an attack, and every URL one of `javascript:`."""

    def test_no_text_becomes_more_than_text(self) -> None:
        plain = self.opened("plain")
        shape, headings = self.shape(plain) | MARKS, plain.get_by_role("heading").count()
        for name, attack in ATTACKS.items():
            with self.subTest(name):
                page = self.opened(attack)

                self.assertEqual(self.shape(page) - shape, set())
                self.assertEqual(page.evaluate("document.scripts.length"), 1)
                self.assertEqual(page.evaluate("typeof window.pwned"), "undefined")
                expect(page.locator("a:not([href^='#'])")).to_have_count(0)
                expect(page.get_by_role("heading")).to_have_count(headings)
                self.assertEqual(self.noted, [])

    def test_each_text_is_there_to_be_read(self) -> None:
        attack = ATTACKS["image"]
        page = self.opened(attack)
        screenshot(page, "overview-hostile")

        expect(page.get_by_role("heading", name=f"{attack} failing", exact=True)).to_be_visible()
        for place in (
            page.locator(".tag").first,
            page.locator(".muted-note q"),
            page.locator(".incident p").first,
            page.get_by_role("row").filter(has_text="HTTP 503").last.get_by_role("cell").last,
        ):
            expect(place).to_contain_text(attack)
            expect(place).to_be_visible()

    def test_such_pages_are_as_easy_to_use_as_others(self) -> None:
        for name in ("entities", "hidden characters", "one long word"):
            for width, viewport in (("wide", WIDE), ("narrow", NARROW)):
                with self.subTest(name, width=width):
                    page = self.opened(ATTACKS[name], viewport=viewport)
                    self.assert_fits(page)
                    self.assert_accessible(page)

    def test_a_short_id_of_a_channel_is_not_broken(self) -> None:
        # The least width at which the table is one: its other columns take what there is.
        width = {"width": 660, "height": 900}
        for text, is_whole in (("pagerduty", True), ("phone-on-call", True), ("a" * 32, False)):
            with self.subTest(text):
                table = self.opened(text, viewport=width).get_by_role("region", name="Notifications")
                channel = table.get_by_role("row").last.get_by_role("cell").nth(2)
                self.assertEqual(channel.evaluate(LINES) == 1, is_whole)

    def opened(self, attack: str, **options: Any) -> Page:
        page = self.open(rendered(attack), **options)
        open_details(page)
        return page

    def shape(self, page: Page) -> set[str]:
        return {*page.evaluate(SHAPE)}


class Comparison(PageTest):
    def test_a_failed_run_says_what_changed_and_leads_to_the_run_before(self) -> None:
        failed, passed = drilled().failed, drilled().passed
        page = self.open(failed, passed)

        changes = page.get_by_role("region", name="What changed since the last passing run")
        expect(changes).to_contain_text("Request 5")
        screenshot(page, "failed-compared")
        self.assert_accessible(page)
        changes.get_by_role("link", name="the run of").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("passed bank")
        self.assertEqual(page.url, passed.as_uri())


def open_details(page: Page) -> None:
    for details in page.locator("details > summary").all():
        details.click()


def rendered(attack: str) -> Path:
    """The overview of a bad day with this text in every place where others write."""
    page = new_folder() / "overview.html"
    with page.open("wb") as file:
        subprocess.run([program()], input=attack.encode(), stdout=file, check=True, timeout=COMMAND_SECONDS)
    return page


@cache
def program() -> str:
    """What makes such pages, built, from where cargo says it is."""
    name = "hostile_overview"
    command = ["cargo", "build", "--quiet", "--package", "report", "--example", name]
    command += ["--message-format", "json-render-diagnostics"]
    built = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    path: str = next(message["executable"] for message in messages if message.get("target", {}).get("name") == name)
    return path


if __name__ == "__main__":
    unittest.main()
