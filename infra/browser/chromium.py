"""The Chromium of this machine, started once for all tests, and the pages that it opens."""

import atexit
import os
import shutil
import sys
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from monitor import PROJECT

MISSING = "no Chromium here: install one, or set CHROMIUM to its path"
# As find_chromium of infra/local/setup does.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever a page or the browser asks for, no name is looked up.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": WIDE},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
    "narrow": {"viewport": NARROW},
    "narrow-dark": {"viewport": NARROW, "color_scheme": "dark"},
}
SCREENSHOTS = PROJECT / "target" / "screenshots"
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
# The rules of WCAG 2.2 AA that axe leaves out by itself, too.
AXE_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


class PageTest(unittest.TestCase):
    """Tests of pages. Each one ends by checking that its pages asked for nothing and complained about nothing."""

    noted: list[str]

    @classmethod
    def setUpClass(cls) -> None:
        if executable():
            return
        if os.environ.get("CI") == "true":
            raise AssertionError(MISSING)
        print(f"{cls.__name__} is skipped: {MISSING}", file=sys.stderr)
        raise unittest.SkipTest(MISSING)

    def setUp(self) -> None:
        self.noted = []
        self.addCleanup(lambda: self.assertEqual(self.noted, []))

    def open(self, file: Path, *others: Path, **options: Any) -> Page:
        """The page of a file in a fresh profile, which may ask for other files; the options are those of Playwright's
        `Browser.new_context`.
        """
        context = browser().new_context(**{"viewport": WIDE, "offline": True, "service_workers": "block"} | options)
        self.addCleanup(context.close)
        self.watch(context, {it.as_uri() for it in (file, *others)})
        page = context.new_page()
        page.goto(file.as_uri())
        return page

    def watch(self, context: BrowserContext, addresses: set[str]) -> None:
        """Lets a context have these addresses only, and notes what its pages must not do."""
        note = self.noted.append
        context.route("**/*", lambda route: route.continue_() if route.request.url in addresses else route.abort())
        context.on("request", lambda it: it.url.split("#")[0] in addresses or note(f"asked for {it.url}"))
        context.on("console", lambda it: note(f"{it.type} on the console: {it.text}"))
        context.on("weberror", lambda it: note(f"error of a script: {it.error}"))
        context.on("page", lambda page: page.on("popup", lambda it: note(f"opened a window: {it.url}")))
        context.on("page", lambda page: page.on("download", lambda it: note(f"downloaded {it.url}")))
        context.on("dialog", lambda dialog: (note(f"opened a dialog: {dialog.message}"), dialog.dismiss()))

    def assert_accessible(self, page: Page) -> None:
        """No rule of axe-core is broken."""
        page.evaluate(AXE.read_text(encoding="utf-8"))
        rules = page.evaluate("options => axe.run(document, options)", AXE_OPTIONS)["violations"]
        broken = [(rule["id"], node["target"], node["failureSummary"]) for rule in rules for node in rule["nodes"]]
        self.assertEqual(broken, [])

    def assert_fits(self, page: Page) -> None:
        """The page does not have to be moved sideways."""
        content, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        self.assertLessEqual(content, window)


def screenshot(page: Page, name: str) -> None:
    """For a person to look at: the whole page in target/screenshots/."""
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


@cache
def executable() -> str | None:
    """The path of Chromium or Chrome: the variable CHROMIUM, or the first on the PATH."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    return next(filter(None, map(shutil.which, NAMES)), None)


@cache
def browser() -> Browser:
    started = driver().chromium.launch(**launch_options())
    atexit.register(started.close)
    return started


@contextmanager
def profile_of_its_own(folder: str, *flags: str) -> Iterator[BrowserContext]:
    """Another Chromium, with its profile in a folder."""
    options = launch_options()
    options["args"] += flags
    with driver().chromium.launch_persistent_context(folder, viewport=WIDE, **options) as context:
        yield context


@cache
def driver() -> Playwright:
    started = sync_playwright().start()
    atexit.register(started.stop)
    return started


def launch_options() -> dict[str, Any]:
    # Chromium's sandbox does not work for root.
    return {"executable_path": executable(), "chromium_sandbox": os.geteuid() != 0, "args": [*FLAGS]}
