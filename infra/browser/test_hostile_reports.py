"""Pages of reports in which every text is an attack on whoever opens them. `make test` runs it."""

import copy
import unittest
from typing import Any

from playwright.sync_api import Page, expect

from chromium import NARROW, WIDE, PageTest, screenshot
from monitor import new_folder, played, rendered

# What a bank, a provider or a configuration writes; other texts of a report are of closed sets.
FOREIGN = {
    "run_id", "monitor_version", "host", "fingerprint", "message", "method", "url", "url_template", "remote_address",
    "tls_version", "value", "body", "form", "expected", "subject",
}
SCRIPT = "window.pwned = 1; parent.postMessage('pwned', '*')"
ATTACKS = {
    "script": f"<script>{SCRIPT}</script>",
    "attribute": f"\"' autofocus onfocus=\"{SCRIPT}\" onmouseover='{SCRIPT}' x=\"",
    "image": f"\"'><img src=x onerror=\"{SCRIPT}\"><svg onload=\"{SCRIPT}\"><details open ontoggle=\"{SCRIPT}\">",
    "end of the style": f"</style></title></textarea></pre></script><script>{SCRIPT}</script>",
    "comment": f"--></template></noscript><!--><script>{SCRIPT}</script><![CDATA[]]><script>{SCRIPT}</script>",
    "frame": f"<iframe srcdoc=\"<script>parent.{SCRIPT}</script>\"></iframe><object data='data:text/html,x'></object>",
    "redirect": "<meta http-equiv=refresh content='0;url=https://example.com/'><base href='https://example.com/'>",
    "form": "<form action='https://example.com/'><button autofocus>Log in</button></form>",
    "link": f"javascript:{SCRIPT}",
    "web link": f"https://example.com/\"><script>{SCRIPT}</script>",
    "entities": f"&lt;script&gt;{SCRIPT}&lt;/script&gt;&#60;script&#62;{SCRIPT}&#60;/script&#62;",
    "JSON": f"{{\"</b><script>{SCRIPT}</script>\": \"</pre><script>{SCRIPT}</script>\"",
    "hidden characters": "a\u202ebank\u2066\u200b\u200d\ufeff\x00\x1b[31m\x07\u2028\x85z",
    "one long word": "W" * 2000,
}
# Of a request, but not of its polls.
OF_THE_REQUEST = ("number", "name", "polls", "assertions", "error")
# What an attack must not add to a page: each kind of element with the names of its attributes.
SHAPE = """() => [...new Set([...document.querySelectorAll("*")].map(
    (element) => [element.localName, ...element.getAttributeNames().sort()].join(" ")))]"""
# A character that cannot be seen, as it is shown.
MARKS = {"b class"}


class HostileReports(PageTest):
    def test_no_text_becomes_more_than_text(self) -> None:
        plain = self.shape(self.opened("plain")) | MARKS
        for name, attack in ATTACKS.items():
            with self.subTest(name):
                page = self.opened(attack)

                self.assertEqual(self.shape(page) - plain, set())
                self.assertEqual(page.evaluate("[document.scripts.length, document.styleSheets.length]"), [1, 1])
                expect(page.locator("a:not([href^='#'])")).to_have_count(0)
                self.assertEqual(page.evaluate("typeof window.pwned"), "undefined")
                expect(page.get_by_role("heading", level=1)).to_contain_text("failed klarna-playground in local")
                expect(page.get_by_role("heading", level=2)).to_have_count(4)
                self.assertEqual(self.noted, [])

    def test_the_policy_of_the_page_holds_where_its_escaping_does_not(self) -> None:
        attacks = "".join(ATTACKS[name] for name in ("script", "image", "frame"))
        html = played().page.read_text(encoding="utf-8").replace("</main>", f"{attacks}</main>")
        file = new_folder() / "unescaped.html"
        file.write_text(html, encoding="utf-8")
        page = self.open(file)

        self.assertEqual(page.evaluate("document.scripts.length"), 2)
        self.assertEqual(page.evaluate("typeof window.pwned"), "undefined")
        stopped = [note for note in self.noted if "violates the following Content Security Policy directive" in note]
        self.assertGreater(len(stopped), 2, self.noted)
        self.noted.clear()

    def test_characters_that_cannot_be_seen_are_shown(self) -> None:
        hidden = ATTACKS["hidden characters"]
        page = self.opened(hidden)

        expect(page.locator("#r9-p1 .error")).to_contain_text("U+202E")
        screenshot(page, "hidden-characters")
        text = page.locator("body").inner_text()
        self.assertEqual([hex(ord(it)) for it in hidden if not it.isprintable() and it in text], [])

    def test_a_long_body_is_cut(self) -> None:
        report = copy.deepcopy(played("9:status=503").report)
        long = "\U0001f600<b>\u202e" * 4000
        report["steps"][6]["requests"][0]["response"]["body"] = long
        page = self.open(rendered(report))

        expect(page.locator("#r9")).to_contain_text("bytes are not shown")
        shown = page.get_by_role("group", name="Body of the answer of r9", exact=True).inner_text()
        self.assertTrue(shown.startswith("\U0001f600<b>U+202E\U0001f600<b>"), shown[:80])
        self.assertLess(page.evaluate("document.documentElement.outerHTML.length"), 400_000)

    def test_such_pages_are_as_easy_to_use_as_others(self) -> None:
        for name in ("entities", "hidden characters", "one long word"):
            for width, viewport in (("wide", WIDE), ("narrow", NARROW)):
                with self.subTest(name, width=width):
                    page = self.opened(ATTACKS[name], viewport=viewport)
                    self.assert_fits(page)
                    self.assert_accessible(page)

    def opened(self, attack: str, **options: Any) -> Page:
        """The page of the hostile report with all requests opened."""
        page = self.open(rendered(hostile(attack)), **options)
        page.get_by_role("button", name="Open all").click()
        return page

    def shape(self, page: Page) -> set[str]:
        return {*page.evaluate(SHAPE)}


def hostile(attack: str) -> dict[str, Any]:
    """The report of a failed run that has something of everything, each foreign text replaced."""
    report = copy.deepcopy(played("9:status=503").report)
    dates = {"not_before": "2026-01-01T00:00:00Z", "not_after": "2027-01-01T00:00:00Z"}
    report["certificates"] = [{"host": "", "fingerprint": "", **dates}]
    presented = {"subject": "", "fingerprint": "", **dates}
    for request in (report["steps"][3]["requests"][0], report["steps"][6]["requests"][0]):
        exchange = {name: value for name, value in request.items() if name not in OF_THE_REQUEST}
        request["polls"] = [exchange]
        request["assertions"] = [{"expected": "", "passed": passed} for passed in (True, False)]
        for message in (request["request"], request["response"]):
            message["headers"] = [{"name": "", "value": ""}]
        request["certificate_chain"] = [presented, presented]
    return attacked(report, attack)


def attacked(value: Any, attack: str) -> Any:
    if isinstance(value, list):
        return [attacked(item, attack) for item in value]
    if not isinstance(value, dict):
        return value
    foreign = FOREIGN | {"name"} if {*value} == {"name", "value"} else FOREIGN
    return {
        name: attack if name in foreign and isinstance(item, str) else attacked(item, attack)
        for name, item in value.items()
    }


if __name__ == "__main__":
    unittest.main()
