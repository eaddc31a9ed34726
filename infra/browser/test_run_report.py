"""The page of a run, used as a person uses it. `make test` runs it."""

import copy
import re
import unittest
from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import Locator, Page, expect

from chromium import LOOKS, PageTest, screenshot
from monitor import drilled, played, rendered

FAILED = "9:status=503"
RECOVERED = "5:status=503*1"
POLLS = "7:state=PROCESSING*2"
# A failed run is what people look at; these have parts that it has not.
OTHERS = (("passed", (), "light"), ("recovered", (RECOVERED,), "narrow"), ("polls", (POLLS,), "dark"))


class Reading(PageTest):
    def test_a_failed_run_begins_with_what_happened_and_leads_there(self) -> None:
        run = played(FAILED)
        self.assertEqual(run.exit_code, 1)
        page = self.open(run.page)

        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("failed klarna-playground in local", re.I))
        expect(page.get_by_role("region").first).to_contain_text("HTTP 503")
        expect(page.get_by_role("region").first).to_contain_text("What to do:")
        page.get_by_role("link", name="Go to request 9").click()
        expect(request(page, 9)).to_be_in_viewport()
        expect(answer(page, 9)).to_contain_text("this fault was asked for")

    def test_a_passed_run_shows_its_eleven_requests_closed(self) -> None:
        page = self.open(played().page)

        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("passed klarna-playground", re.I))
        expect(page.get_by_role("heading", level=3)).to_have_count(9)
        for number in range(1, 12):
            expect(request(page, number)).to_be_visible()
            expect(answer(page, number)).to_be_hidden()

    def test_a_recovered_run_holds_both_attempts(self) -> None:
        page = self.open(played(RECOVERED).page)

        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("passed", re.I))
        expect(page.get_by_text("The whole journey worked on the second attempt.")).to_be_visible()
        page.get_by_role("heading", name="Attempt 1: failed").click()
        expect(page.get_by_text("this fault was asked for")).to_be_visible()

    def test_polls_stand_under_the_request_that_they_repeat(self) -> None:
        page = self.open(played(POLLS).page)

        names = [row.inner_text().split("\n")[0] for row in page.locator(".req > summary .name").all()]
        seventh = next(index for index, name in enumerate(names) if name.startswith("7 "))
        self.assertEqual([name.split()[0] for name in names[seventh : seventh + 4]], ["7", "7.1", "7.2", "8"])

    def test_a_session_that_stayed_open_is_told_at_the_top(self) -> None:
        page = self.open(played("cleanup:status=503").page)

        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("passed", re.I))
        expect(page.get_by_role("region").first).to_contain_text("A session may still be open at the bank")

    def test_those_who_listen_find_their_way_by_names(self) -> None:
        page = self.open(played(FAILED).page)

        for landmark in ("banner", "main", "contentinfo"):
            expect(page.get_by_role(landmark)).to_have_count(1)
        levels = [int(heading.evaluate("it => it.tagName")[1]) for heading in page.get_by_role("heading").all()]
        self.assertEqual(levels[0], 1)
        self.assertTrue(all(after - before <= 1 for before, after in zip(levels, levels[1:])), levels)
        names = [region.get_attribute("aria-labelledby") for region in page.get_by_role("region").all()]
        self.assertTrue(names and all(names))
        expect(request(page, 9)).to_contain_text("failed, status 503")
        for table in page.get_by_role("table").all():
            self.assertGreater(table.get_by_role("columnheader").count(), 1)

    def test_those_who_listen_tell_the_buttons_of_the_requests_apart(self) -> None:
        page = self.open(played(RECOVERED).page)
        page.get_by_role("button", name="Open all").click()

        for name in ("request 5, choose interface", "request 5, choose interface, attempt 1", "delete session"):
            button = page.get_by_role("button", name=f"Copy as curl of {name}", exact=True)
            expect(button).to_have_count(1)
            expect(button).to_be_visible()

    def test_a_failed_run_says_at_its_head_when_the_last_one_passed(self) -> None:
        page = self.open(drilled().failed, drilled().passed)

        facts = page.get_by_role("region").first.locator(".facts")
        expect(facts).to_contain_text(re.compile(r"Last passed\s*20\d\d-\d\d-\d\d \d\d:\d\d UTC, 1 min before"))
        screenshot(page, "failed-after-a-pass")

    def test_each_certificate_of_a_chain_is_shown_and_the_first_to_end_is_marked(self) -> None:
        page = self.open(rendered(with_chain(played().report)))

        table = page.get_by_role("table")
        expect(table.get_by_role("rowheader", name="bank.example", exact=True)).to_have_count(1)
        expect(table.get_by_role("row", name=re.compile("A local CA"))).to_contain_text("ends first")
        expect(table.get_by_role("row", name=re.compile("www.bank.example"))).not_to_contain_text("ends first")
        self.assert_accessible(page)
        for look in LOOKS:
            page = self.open(rendered(with_chain(played().report)), **LOOKS[look])
            screenshot(page, f"certificates-{look}")
            self.assert_fits(page)


class Using(PageTest):
    def test_a_request_opens_by_the_mouse(self) -> None:
        page = self.open(played().page)

        request(page, 4).click()
        expect(answer(page, 4)).to_be_visible()
        request(page, 4).click()
        expect(answer(page, 4)).to_be_hidden()

    def test_a_request_opens_by_the_keyboard(self) -> None:
        page = self.open(played().page)

        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the report")).to_be_focused()
        for _ in range(20):
            page.keyboard.press("Tab")
            if request(page, 2).evaluate("it => it === document.activeElement"):
                break
        expect(request(page, 2)).to_be_focused()
        page.keyboard.press("Enter")
        expect(answer(page, 2)).to_be_visible()

    def test_j_and_k_walk_over_the_requests(self) -> None:
        page = self.open(played().page)

        page.keyboard.press("j")
        self.assertEqual(page.evaluate("document.activeElement.tagName"), "BODY", "letters act on requests only")
        page.locator(".req > summary").first.focus()
        for key, number in (("j", 2), ("j", 3), ("k", 2)):
            page.keyboard.press(key)
            expect(request(page, number)).to_be_focused()
        page.keyboard.press("Enter")
        expect(answer(page, 2)).to_be_visible()

    def test_all_requests_open_and_close_at_once(self) -> None:
        page = self.open(played(FAILED).page)

        page.get_by_role("button", name="Open all").click()
        self.assertEqual(hidden_bodies(page), [])
        screenshot(page, "failed-open")
        page.get_by_role("button", name="Close all").click()
        expect(page.locator("pre:visible")).to_have_count(0)

    def test_the_theme_follows_the_system_until_the_button_is_pressed(self) -> None:
        for system, other in (("light", "dark"), ("dark", "light")):
            page = self.open(played(FAILED).page, color_scheme=system)
            self.assertEqual(theme(page), system)
            page.get_by_role("button", name="Light or dark").click()
            self.assertEqual(theme(page), other)
            page.reload()
            self.assertEqual(theme(page), other)

    def test_it_can_be_read_without_scripts(self) -> None:
        page = self.open(played(FAILED).page, java_script_enabled=False)

        expect(page.get_by_role("button")).to_have_count(0)
        request(page, 3).click()
        expect(answer(page, 3)).to_be_visible()

    def test_paper_shows_every_request_opened(self) -> None:
        for scripts in (True, False):
            page = self.open(played(FAILED).page, java_script_enabled=scripts, color_scheme="dark")
            page.emulate_media(media="print")
            self.assertEqual(hidden_bodies(page), [])
            self.assertEqual(theme(page), "light")
        screenshot(page, "failed-print")


class Looks(PageTest):
    def test_axe_finds_nothing_and_nothing_sticks_out(self) -> None:
        for name, faults, look in [*(("failed", (FAILED,), look) for look in LOOKS), *OTHERS]:
            with self.subTest(run=name, look=look):
                page = self.open(played(*faults).page, **LOOKS[look])
                screenshot(page, f"{name}-{look}")
                self.assert_fits(page)
                page.get_by_role("button", name="Open all").click()
                self.assert_fits(page)
                self.assert_accessible(page)

    def test_axe_finds_nothing_while_requests_are_closed(self) -> None:
        self.assert_accessible(self.open(played(FAILED).page))


def with_chain(played: dict[str, Any]) -> dict[str, Any]:
    """The report as if its bank, which is simulated without TLS, had presented certificates."""
    report = copy.deepcopy(played)
    end = {"not_after": later(report, days=20)}
    leaf = {"fingerprint": "ab" * 32, "not_before": "2026-01-01T00:00:00Z"}
    report["certificates"] = [
        {"host": "bank.example", **leaf, **end},
        {"host": "other.example", "fingerprint": "ef" * 32, "not_before": "2026-01-01T00:00:00Z", **end},
    ]
    report["steps"][0]["requests"][0]["certificate_chain"] = [
        {"subject": "www.bank.example", **leaf, "not_after": later(report, days=60)},
        {"subject": "A local CA", **leaf, "fingerprint": "cd" * 32, **end},
        {"subject": None, **leaf, "fingerprint": "01" * 32, "not_after": later(report, days=900)},
    ]
    return report


def later(report: dict[str, Any], days: int) -> str:
    """So many days and an hour after the run."""
    return (datetime.fromisoformat(report["started_at"]) + timedelta(days=days, hours=1)).isoformat()


def request(page: Page, number: int) -> Locator:
    """The line that opens a request of the attempt that decided."""
    return page.locator(f"#r{number} > summary")


def answer(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Body of the answer of r{number}", exact=True, include_hidden=True)


def hidden_bodies(page: Page) -> list[str]:
    """The bodies and forms that are not to be seen, by name."""
    names = page.locator("pre").evaluate_all("all => all.filter(it => !it.checkVisibility()).map(it => it.ariaLabel)")
    return [name for name in names if not name.startswith("curl command of")]


def theme(page: Page) -> str:
    """Light or dark, by what is on the screen."""
    text, ground = (luminance(page, name) for name in ("color", "backgroundColor"))
    return "dark" if text > ground else "light"


def luminance(page: Page, name: str) -> int:
    colour = page.locator("body").evaluate("(it, name) => getComputedStyle(it)[name]", name)
    return sum(map(int, re.findall(r"\d+", colour)[:3]))


if __name__ == "__main__":
    unittest.main()
