"""Joining at the terminal: what the hub said, both languages, and a line that moves while people decide."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console
from rich.markup import escape

from adapters.countyit.joining import hubsection
from adapters.countyit.joining.memory import Joining
from adapters.countyit.joining.online.waiting import GOES_ON, Pause, wait
from adapters.countyit.joining.standings import STANDINGS, standing
from adapters.settings import CountySettings
from pages import wording
from pages.wording import mark as _
from schemas.errors import YunhuobanError
from schemas.joining.wire import Problem, Told

WELL: Final = GOES_ON | {"active"}
"""Everything else ends a script that joins."""

if TYPE_CHECKING:
    from adapters.countyit.joining.web.countyjoining import CountyJoining


def converse(settings: CountySettings, console: Console, *, to_the_end: bool) -> bool:
    """Ask the joining page, once or until it is decided, and show the end; returns whether it is well so far.

    Raises E-JOIN-… of the way there.
    """
    from adapters.countyit.joining.online import steps  # noqa: PLC0415
    from adapters.countyit.joining.online.door import TRANSIENT, Door  # noqa: PLC0415
    from adapters.countyit.joining.web.countyjoining import CountyJoining  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415 -- the network is loaded only where it is used

    known = Joining.load(settings.certificates)
    source = CountyJoining(settings)
    with Door(known.address, known.hub_fingerprint) as door:

        def ask() -> Told:
            with source.lock:  # the page asks, too
                return steps.advance(settings, door, now=now())

        if not to_the_end:
            try:
                told = ask()
            except YunhuobanError as error:
                if error.code in TRANSIENT:
                    show_state(console, known)
                raise
            show(console, told)
            show_section(console, settings)
            return told.state in WELL
        with _page(settings, source, console), _Line(console) as line:
            try:
                told = wait(ask, transient=lambda error: error.code in TRANSIENT, pause=line.pause)
            except KeyboardInterrupt:
                _say(console, _("没有等完，什么也没有丢；以后运行 adapter join 接着等。"))
                return True
        show(console, told)
        show_section(console, settings)
        return told.state in WELL


@contextmanager
def _page(settings: CountySettings, source: "CountyJoining", console: Console) -> Iterator[None]:
    """The page of joining while we wait, for who has a terminal to take its address from; not beside a running node."""
    if not console.is_terminal:
        yield
        return
    from adapters.countyit.joining.web.joinpage import build_app  # noqa: PLC0415 -- the pages are loaded only where they are served
    from pages.access import Access  # noqa: PLC0415
    from pages.serving import PORT_TAKEN, Serving  # noqa: PLC0415

    access = Access()
    try:
        serving = Serving(build_app(source, access), port=settings.page_port)
    except YunhuobanError as error:
        if error.code is not PORT_TAKEN:
            raise
        yield
        return
    with serving:
        _say(console, _("也可以在浏览器里看（地址只能用一次）：{address}"), address=access.address(serving.port))
        yield


def show(console: Console, told: Told) -> None:
    """One state, its problems, and what to do."""
    at = STANDINGS[told.state]
    _say(console, at.label.text, sign=at.label.icon)
    if told.reason:
        _say(console, _("理由：{reason}"), reason=told.reason)
    for each in told.problems:
        show_problem(console, each)
    _say(console, at.next)


def show_problem(console: Console, problem: Problem) -> None:
    """One error as the hub says it."""
    for said in (f"{problem.sentence_zh} {problem.remedy_zh}", f"{problem.sentence_en} {problem.remedy_en}"):
        console.print(f"{problem.code} {said}", soft_wrap=True, markup=False, highlight=False)
    wanted = f"→ {problem.expected}" if problem.expected else ""
    details = " · ".join(part for part in (problem.place, problem.found, wanted) if part)
    if details:
        console.print(details, style="dim", soft_wrap=True, markup=False, highlight=False)


def show_state(console: Console, known: Joining) -> None:
    """What is known here, without asking."""
    at = standing(known)
    _say(console, at.label.text, sign=at.label.icon)
    if known.reason:
        _say(console, _("理由：{reason}"), reason=known.reason)
    _say(console, at.next)


def show_section(console: Console, settings: CountySettings) -> None:
    """What a person still has to change in `county.toml`, if anything."""
    section = Joining.load(settings.certificates).section
    if hubsection.lacks(CountySettings.load(settings.folder), section):
        _say(console, _("county.toml 里的 [hub] 与答复不同，没有改动；请核对后改为："))
        console.print(section, soft_wrap=True, markup=False, highlight=False)


class _Line:
    """The line that moves: where it stands, since when we wait, when we ask again; a line for each change in a log."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("")
        self._began = time.monotonic()
        self._last = ""

    def __enter__(self) -> Self:
        self._status.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.__exit__(None, None, None)

    def pause(self, pause: Pause) -> None:
        """Show, and let the seconds pass."""
        said = self._said(pause)
        if said != self._last and not self._console.is_terminal:
            self._console.print(said, soft_wrap=True, markup=False, highlight=False)
        self._last = said
        until = time.monotonic() + pause.seconds
        while (left := until - time.monotonic()) > 0:
            if self._console.is_terminal:
                waited = wording.say(
                    _("已等 {minutes} 分，{seconds} 秒后再问；Ctrl-C 可停，以后接着等"),
                    minutes=int((time.monotonic() - self._began) // 60),
                    seconds=int(left) + 1,
                )
                self._status.update(f"{escape(said)}\n[dim]{escape(waited)}[/dim]")
            time.sleep(min(left, 1.0))

    def _said(self, pause: Pause) -> str:
        if pause.trouble is not None:
            return f"{pause.trouble.code.code} {self._both(pause.trouble.code.sentence)}"
        problems = "".join(f"\n{each.code} {each.sentence_zh}" for each in (pause.told.problems if pause.told else ()))
        return self._both(STANDINGS[pause.told.state].label.text if pause.told else "") + problems

    def _both(self, text: str) -> str:
        return " / ".join(wording.say(text, language) for language in wording.LANGUAGES)


def _say(console: Console, text: str, sign: str = "", **params: object) -> None:
    for language in wording.LANGUAGES:
        said = wording.say(text, language, **params)
        console.print(f"{sign} {said}".strip(), soft_wrap=True, markup=False, highlight=False)
