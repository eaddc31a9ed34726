"""The pages that an outage leaves: the aggregator's overview, and runs that are compared. `make test` runs it."""

import unittest

from playwright.sync_api import Page, expect

from chromium import LOOKS, WIDE, PageTest, browser, screenshot
from monitor import drilled

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
        self.open_details(page)
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
        self.open_details(page)
        expect(page.locator("details table").first).to_be_visible()

    def test_axe_finds_nothing_and_nothing_sticks_out(self) -> None:
        for look, options in LOOKS.items():
            with self.subTest(look):
                page = self.open(drilled().overview, **options)
                self.open_details(page)
                screenshot(page, f"overview-{look}")
                self.assert_fits(page)
                self.assert_accessible(page)

    def open_details(self, page: Page) -> None:
        for details in page.locator("details > summary").all():
            details.click()


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


if __name__ == "__main__":
    unittest.main()
