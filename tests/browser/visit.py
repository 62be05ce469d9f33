"""A visit of a page in a browser, and what a test waits for on it."""

import re

from playwright.sync_api import BrowserContext, Download, Locator, Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.waiting import PATIENCE, until

WIDE, NARROW = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}
AT_REST = """async () => {
    for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame)
    const app = document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]")
    const busy = "[data-testid=stProgress], [data-testid=stSkeleton], [data-stale=true], .st-key-tick"
    return app && !document.querySelector(busy) && document.getAnimations().every((one) => one.playState !== "running")
}"""
BACKGROUND = "app => getComputedStyle(app).backgroundColor"
_visits: dict[Page, "Visit"] = {}


class Visit:
    """A page, what it asked of other hosts, its requests and whole runs, and if the server still owes it an answer."""

    def __init__(self, context: BrowserContext, base: str, viewport=WIDE, theme="light"):
        self.page: Page = context.new_page()
        self.page.set_viewport_size(viewport)
        self.page.emulate_media(color_scheme=theme)
        self.page.set_default_timeout(PATIENCE * 1000)
        self.base, self.theme, self.elsewhere, self.waiting = base, theme, [], False
        self.page_runs = self.requests = 0
        self.page.on("request", self._note)
        self.page.on("websocket", self._listen)
        _visits[self.page] = self

    def _note(self, request):
        local = request.url.startswith((self.base, self.base.replace("http", "ws"), "data:", "blob:"))
        if not local:
            self.elsewhere.append(request.url)

    def _listen(self, websocket):
        websocket.on("framesent", self._sent)
        websocket.on("framereceived", self._received)

    def _sent(self, message):
        request = BackMsg.FromString(message) if isinstance(message, bytes) else BackMsg()
        if request.HasField("rerun_script"):
            self.waiting = True
            self.requests += 1
            self.page_runs += not request.rerun_script.fragment_id

    def _received(self, message):
        answer = ForwardMsg.FromString(message) if isinstance(message, bytes) else ForwardMsg()
        if answer.HasField("script_finished") and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self.waiting = False

    def open(self, path="/") -> Page:
        self.page.goto(self.base + path)
        self.page.wait_for_selector("h1")
        return self.page

    def change_theme(self):
        """Let the system turn dark or light, and wait until the page has followed."""
        app = self.page.get_by_test_id("stApp")
        before = app.evaluate(BACKGROUND)
        self.theme = "dark" if self.theme == "light" else "light"
        self.page.emulate_media(color_scheme=self.theme)
        until(lambda: app.evaluate(BACKGROUND) != before, lambda: f"{self.page.url} does not turn {self.theme}")
        settled(self.page)

    def close(self):
        del _visits[self.page]
        self.page.close()


def settled(page: Page):
    """Wait until the server has answered all that was done on the page, no job is under way, and nothing moves."""
    visit = _visits[page]
    until(lambda: page.evaluate(AT_REST) and not visit.waiting, lambda: f"{page.url} does not come to rest")


def headline(page: Page, text: str | re.Pattern):
    expect(page.locator("h1").filter(has_text=text)).to_be_visible()


def status(page: Page, text: str | re.Pattern):
    """What stands below the title of Explore."""
    expect(page.locator(".st-key-status").get_by_text(text)).to_be_visible()


def ask_seed(page: Page, seed: int):
    page.get_by_label("Seed", exact=True).fill(str(seed))
    page.get_by_label("Seed", exact=True).press("Enter")


def button(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key} button")


def fits(page: Page):
    """Nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def download(page: Page, menu: Locator, label: str) -> Download:
    """Take a file from a menu, which is closed again."""
    settled(page)
    menu.click()
    option = page.get_by_role("button", name=label)
    with page.expect_download() as caught:
        option.click()
    assert caught.value.failure() is None
    page.keyboard.press("Escape")
    expect(option).to_have_count(0)
    return caught.value
