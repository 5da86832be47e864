"""A journey by keyboard alone, in each of four ways: language × screen; one of them in the dark.

A `Walker` has one page and nothing but its keyboard. A control is named by its Chinese msgid and looked up in the
page's own catalogue for another language, so that a journey is written once. Each stop on the way is looked at: what
has the focus is seen, not covered, and has a ring (WCAG 2.2: 2.4.7, 2.4.11). Each page that it arrives at is looked at
as a whole (`tests.pages.faults`), and kept as a picture where pictures are wanted.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Error, Page, TimeoutError, expect  # noqa: A004 -- Playwright's own name

from pages.access import LANGUAGE_COOKIE
from pages.wording import say
from tests.awaiting import until
from tests.pages import faults
from tests.pages.look import DESK, PHONE, Look

WAYS: Final = [
    Look(screen=DESK),
    Look(screen=PHONE),
    Look(screen=DESK, language="en"),
    Look(screen=PHONE, language="en", scheme="dark"),
]
PATIENCE_MILLISECONDS: Final = 60_000
_MOST_STOPS: Final = 150
_MOST_ARROWS: Final = 40
_MOST_PRESSES: Final = 3
_DIALOGUE_MILLISECONDS: Final = 5_000
_SCRIPT: Final = Path(__file__).with_suffix(".js")
_PAINTED: Final = "new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))"
_FOCUSED: Final = "document.activeElement"


class Walker:
    """Somebody before one page, with a keyboard."""

    def __init__(self, page: Page, look: Look, *, origin: str, keeps: Callable[[str, Page], str] | None) -> None:
        """`keeps` keeps a picture and returns its name; none where none are wanted."""
        self.page = page
        self.look = look
        self.origin = origin
        self.keys = 0
        self.pictures: list[str] = []
        self._keeps = keeps

    def word(self, text: str, **params: object) -> str:
        """What the page says for a msgid."""
        return say(text, self.look.language, **params)

    # --- keys ---------------------------------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """One key after the other; each counts."""
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Into the field that has the focus, in the place of what stood there, as an input method writes."""
        self.press("Control+a")
        self.keys += len(text)
        self.page.keyboard.insert_text(text)

    def go(self, path: str) -> None:
        """An address, typed where addresses are typed."""
        self.page.goto(self.origin + path)
        self._painted()

    def to(self, text: str = "", *, css: str = "", within: str = "", **params: object) -> None:
        """With Tab, or Shift and Tab, to the control of this name, or that the selector matches."""
        asked = [self.word(text, **params) if text else "", css, within]
        try:
            until(lambda: self._where(asked) != "nowhere")
        except AssertionError:
            names = self.page.evaluate("walking.names()")
            raise AssertionError(f"no control {asked} at {self.page.url}, but {names}") from None
        for at in range(_MOST_STOPS):
            where, stop = self.page.evaluate("asked => [walking.where(asked), walking.stop()]", asked)
            if at:
                self._sound(stop)
            if where == "here":
                return
            self.press("Shift+Tab" if where == "before" else "Tab")
        raise AssertionError(f"not reached with Tab: {asked} at {self.page.url}")

    def enter(self, text: str = "", *, css: str = "", within: str = "", **params: object) -> None:
        """To a link, a button or what unfolds, and Enter."""
        self.to(text, css=css, within=within, **params)
        self.press("Enter")

    def fill(self, text: str, value: str, *, within: str = "", css: str = "", **params: object) -> None:
        """To a field, and type; from a list with the arrows, a day or a moment in the order of this browser."""
        self.to(text, css=css, within=within, **params)
        kind = self.page.evaluate(f"{_FOCUSED}.type || ''")
        if kind == "select-one":
            self._choose(value)
        elif kind in ("date", "datetime-local"):
            self._on(value)
        else:
            self.type(value)

    def tick(self, text: str = "", *, css: str = "", within: str = "", **params: object) -> None:
        """To a box, and Space."""
        self.to(text, css=css, within=within, **params)
        self.press("Space")

    def offer(self, file: Path, *, text: str = "", css: str = "") -> None:
        """To a field for a file; Space opens the system's own dialogue, where the file is chosen.

        What the page has saved meanwhile may come between key down and key up: then one presses once more.
        """
        for _ in range(_MOST_PRESSES):
            self.to(text, css=css)
            try:
                with self.page.expect_file_chooser(timeout=_DIALOGUE_MILLISECONDS) as chooser:
                    self.press("Space")
            except TimeoutError:
                continue
            chooser.value.set_files(file)
            return
        raise AssertionError(f"no dialogue: {text} {css} at {self.page.url}")

    def _on(self, value: str) -> None:
        """A day, or a day and an hour, of twelve as this browser asks for it."""
        day, _, hour = value.partition("T")
        year, month, number = day.split("-")
        self._digits(month + number + year)
        if hour:
            self.press("ArrowRight")
            self._digits(f"{(int(hour[:2]) + 11) % 12 + 1:02}{hour[3:5]}")
            self.press("p" if int(hour[:2]) >= 12 else "a")
        assert self.page.evaluate(f"{_FOCUSED}.value") == value

    def _digits(self, text: str) -> None:
        self.keys += len(text)
        self.page.keyboard.type(text)

    def _choose(self, value: str) -> None:
        self.press("Home")
        for _ in range(_MOST_ARROWS):
            if self.page.evaluate(f"{_FOCUSED}.value") == value:
                return
            self.press("ArrowDown")
        raise AssertionError(f"the list has no {value}")

    # --- eyes ---------------------------------------------------------------------------------------------------------

    def reads(self, text: str, where: str = "main", **params: object) -> None:
        """The page comes to say so, in its language."""
        expect(self.page.locator(where).first).to_contain_text(self.word(text, **params))

    def finds(self, text: str, where: str = "main") -> None:
        """The page comes to say so, in these very words: a number, a name."""
        expect(self.page.locator(where).first).to_contain_text(text)

    def arrives(self, heading: str, *, css: str = "h1, h2", **params: object) -> None:
        """A page with this heading has come; as a whole it is looked at, and kept as a picture."""
        words = self.page.locator(css).filter(has_text=self.word(heading, **params))
        expect(words.first).to_be_visible()
        self.looks(heading)

    def looks(self, name: str) -> None:
        """The page as it stands has no fault; its picture has this name."""
        self._painted()
        found = faults.of(self.page)
        assert found == [], f"{found} at {self.page.url}"
        if self._keeps is not None:
            self.pictures.append(self._keeps(name, self.page))

    def _where(self, asked: list[str]) -> str:
        try:
            return str(self.page.evaluate("asked => walking.where(asked)", asked))
        except Error:  # between two pages
            return "nowhere"

    def _sound(self, stop: Mapping[str, Any] | None) -> None:
        """What has the focus, if anything of the page: between its last control and its first it is nothing."""
        if stop is not None:
            assert stop["ring"], f"no ring (WCAG 2.4.7): {stop['what']} at {self.page.url}"
            assert stop["seen"], f"covered (WCAG 2.4.11): {stop['what']} at {self.page.url}"

    def _painted(self) -> None:
        """Before its first frame is painted Chromium drops what is typed into a page."""
        self.page.wait_for_load_state("load")
        self.page.evaluate(_PAINTED)


class Walkers:
    """Everybody who takes part in one journey; whatever one of their browsers reports as an error fails it."""

    def __init__(self, browser: Browser, look: Look, *, journey: str, folder: Path | None) -> None:
        """`folder` takes the pictures; none: nobody wants them."""
        self.look = look
        self.all: list[Walker] = []
        self._browser, self._journey, self._folder = browser, journey, folder
        self._wrong: list[str] = []
        self._pictures = 0

    def at(self, origin: str, *, address: str = "", cookies: Mapping[str, str] | None = None) -> Walker:
        """Another one, in a browser of its own, at an application; `address` is opened at once."""
        width, height = self.look.screen
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if self.look.scheme == "dark" else "light",
            reduced_motion="reduce",
            ignore_https_errors=True,
            accept_downloads=True,
        )
        kept = {LANGUAGE_COOKIE: self.look.language} | dict(cookies or {})
        context.add_cookies([{"name": name, "value": value, "url": origin} for name, value in kept.items()])
        context.add_init_script(path=_SCRIPT)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.on("pageerror", lambda error: self._wrong.append(str(error)))
        page.on("console", lambda line: self._wrong.append(line.text) if "Content Security" in line.text else None)
        made = Walker(page, self.look, origin=origin, keeps=self._keep if self._folder is not None else None)
        self.all.append(made)
        if address:
            page.goto(address)
            page.evaluate(_PAINTED)
        return made

    def close(self) -> None:
        """All of their windows."""
        for each in self.all:
            each.page.context.close()
        assert not self._wrong, self._wrong

    def _keep(self, name: str, page: Page) -> str:
        assert self._folder is not None
        self._pictures += 1
        words = re.sub(r"[^a-z0-9]+", "-", self._journey.rpartition("::")[2].lower()).strip("-")
        digest = hashlib.sha256(f"{self._journey} {self._pictures} {name}".encode()).hexdigest()[:6]
        file = f"{words[:80]}-{self._pictures:02}-{digest}.png"
        # A hidden caret would leave a style with each field, which htmx carries over and the page's policy refuses.
        page.screenshot(path=self._folder / file, full_page=True, caret="initial")
        return file
