"""A pytest plugin: of each test with an open page, its picture and one row of the index, whatever its result.

`-p tests.pages.recording --pages-folder FOLDER`. A test that failed before it had a page has a row without a picture,
with how it was to be looked at; so has a page that gives no picture in time, and that page has failed. A walk
(`tests.pages.walking`) has the pictures of its way in its row, and its keys.
"""

import hashlib
import json
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final, TypedDict
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, Page, TimeoutError  # noqa: A004 -- Playwright's own name

from tests.pages.look import Look
from tests.pages.walking import Walkers

INDEX: Final = "index.json"
LANGUAGE_TAGS: Final = {"zh": "zh-CN", "en": "en"}


class Row(TypedDict):
    """One page as one journey left it."""

    journey: str
    page: str
    language: str
    width: int
    scheme: str
    type: str
    result: str
    seconds: float
    screenshot: str
    pictures: list[str]
    """Of the way there, in order."""
    keys: int
    """Pressed on the way, where it was walked by keyboard alone."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where pictures and index go."""
    parser.addoption("--pages-folder", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    """One recorder a run."""
    config.pluginmanager.register(Recorder(config.getoption("pages_folder")))


class Recorder:
    """Takes the pictures, and keeps the rows until the end."""

    def __init__(self, folder: Path) -> None:
        """The folder is emptied of what an earlier run left."""
        self._folder = folder
        self._rows: list[Row] = []
        folder.mkdir(parents=True, exist_ok=True)
        for old in (*folder.glob("*.png"), folder / INDEX):
            old.unlink(missing_ok=True)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """After the body of a test, while its pages are still open; of what was not run, or ended badly, too."""
        report = yield
        if call.when == "call" or report.outcome != "passed":
            result = {"passed": "passed", "skipped": "skipped"}.get(report.outcome, "failed")
            self.record(item, result, call.duration)
        return report

    def pytest_sessionfinish(self) -> None:
        """The index, whole or not at all."""
        temporary = self._folder / f"{INDEX}.tmp"
        temporary.write_text(json.dumps(self._rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        temporary.rename(self._folder / INDEX)

    def record(self, item: pytest.Item, result: str, seconds: float) -> None:
        """A row for each page that a test has open, or one without a page."""
        arguments: dict[str, Any] = getattr(item, "funcargs", {})
        pages = [(name, each) for name, each in arguments.items() if isinstance(each, Page)]
        where = arguments.get("where", ("", ""))[1]
        journey = item.nodeid.removeprefix("tests/")
        look = arguments.get("look", Look())
        nothing = Row(
            journey=journey,
            page=where,
            language=LANGUAGE_TAGS[look.language],
            width=look.screen[0],
            scheme=look.scheme,
            type=look.type,
            result="",
            seconds=0,
            screenshot="",
            pictures=[],
            keys=0,
        )
        seen = [row for name, each in pages if (row := self._seen(nothing, name, each)) is not None]
        for walkers in (each for each in arguments.values() if isinstance(each, Walkers)):
            for at, each in enumerate(walkers.all, 1):
                if (row := self._seen(nothing, f"walker-{at}", each.page)) is not None:
                    seen.append(row | {"keys": each.keys, "pictures": each.pictures})
        for row in seen or [nothing]:
            self._rows.append(row | {"result": row["result"] or result, "seconds": round(seconds, 2)})

    def _seen(self, nothing: Row, name: str, page: Page) -> Row | None:
        """A page's row; none when it is closed, and failed when it does not show itself in time."""
        journey, where = nothing["journey"], nothing["page"]
        digest = hashlib.sha256(f"{journey} {name}".encode()).hexdigest()[:8]
        words = re.sub(r"[^a-z0-9]+", "-", journey.rpartition("::")[2].lower()).strip("-")
        file = f"{where or name}-{words[:80]}-{digest}.png"
        try:
            page.screenshot(path=self._folder / file, full_page=True)
            said = page.evaluate(
                "[document.documentElement.lang, innerWidth, matchMedia('(prefers-color-scheme: dark)').matches,"
                " document.documentElement.dataset.type ?? 'normal']"
            )
        except (TimeoutError, pytest.fail.Exception):  # Playwright's, or the test's own time is over (pytest-timeout)
            return nothing | {"page": where or urlsplit(page.url).path, "result": "failed"}
        except Error:  # the journey closed it
            return None
        language, width, dark, size = said
        return Row(
            journey=journey,
            page=where or urlsplit(page.url).path,
            language=language,
            width=width,
            scheme="dark" if dark else "light",
            type=size,
            result="",
            seconds=0,
            screenshot=file,
            pictures=[],
            keys=0,
        )
