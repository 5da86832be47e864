"""An open overview page: signed in, following the live stream, and remembering when each line stood there."""

import html
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from pages import addresses
from schemas.errors import YunhuobanError

_SECTION: Final = re.compile(r'<section id="attention".*?</section>', re.DOTALL)
_LINE: Final = re.compile(r'<span class="what">(.*?)</li>', re.DOTALL)
_TAG: Final = re.compile(r"<[^>]+>")
_AGAIN_SECONDS: Final = 1.0


@dataclass(slots=True)
class Line:
    """One line that needs a person, and when it was there (`time.monotonic`)."""

    text: str
    first_at: float
    last_at: float


class Reader:
    """Reads what `/events` sends, as the browser does."""

    def __init__(self, hub: Path) -> None:
        """`hub` is the hub's folder: the page's address lies there."""
        self._hub = hub
        self._lines: dict[str, Line] = {}
        self._shown: frozenset[str] = frozenset()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._read, name="reader", daemon=True)
        self.parted = 0
        """How often the stream ended and was opened anew."""

    def start(self) -> None:
        """Open the page."""
        self._thread.start()

    def stop(self) -> None:
        """Close it."""
        self._ending.set()

    def shown(self) -> frozenset[str]:
        """The lines that stand there now."""
        return self._shown

    def said(self, wanted: re.Pattern[str], since: float) -> Line | None:
        """The first line of these words that appeared since then."""
        fitting = [each for each in list(self._lines.values()) if wanted.search(each.text) and each.first_at >= since]
        return min(fitting, key=lambda each: each.first_at, default=None)

    def _read(self) -> None:
        while not self._ending.is_set():
            try:
                self._follow()
            except (httpx.HTTPError, YunhuobanError):
                self.parted += 1
            self._ending.wait(_AGAIN_SECONDS)

    def _follow(self) -> None:
        with httpx.Client(follow_redirects=True, trust_env=False, timeout=httpx.Timeout(30.0, read=120.0)) as client:
            answer = client.get(addresses.ask(self._hub / "web.address", timeout_seconds=30.0))
            answer.raise_for_status()
            self._take(answer.text)
            place = f"{answer.url.scheme}://{answer.url.host}:{answer.url.port}/events"
            with client.stream("GET", place, headers={"Accept": "text/event-stream"}) as stream:
                stream.raise_for_status()
                event: list[str] = []
                for line in stream.iter_lines():
                    if self._ending.is_set():
                        return
                    if line.startswith("data:"):
                        event.append(line.removeprefix("data:").removeprefix(" "))
                    elif not line:
                        self._take("\n".join(event))
                        event = []

    def _take(self, text: str) -> None:
        section = _SECTION.search(text)
        now = time.monotonic()
        if section is not None:
            self._shown = frozenset(lines(section[0]))
            for each in self._shown:
                known = self._lines.get(each)
                if known is None or known.last_at < 0:
                    self._lines[each] = Line(each, now, now)
        for each in self._shown:
            self._lines[each].last_at = now
        for each, known in list(self._lines.items()):
            if each not in self._shown:
                del self._lines[each]
                self._lines[f"{each}\0{known.first_at}"] = known


def lines(section: str) -> list[str]:
    """Each line's words as a person reads them, without the time and the telephone behind them."""
    found = []
    for each in _LINE.findall(section):
        words = each.split("<small>")[0].split("<a ")[0].split('<span class="phone"')[0]
        found.append(re.sub(r"\s+", " ", html.unescape(_TAG.sub("", words))).strip())
    return found
