"""What the public pages answer, without the network: a locator or a link in, bytes for the page's script out.

A locator that is unknown, or none at all, gets an answer of the same length as a known one, with random bytes for a
face. Progress comes as a fragment of the page; whatever is wrong with its link has one and the same.
"""

import base64
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from certs.chain import TrustStore
from hub.registry.calendars import CurrentCalendar
from hub.scanning import finding, progress
from hub.scanning.counts import Counts
from hub.store import Store
from pages import clockface
from pages.frame import Frame, span
from pages.labels import CASE_STATES, label
from pages.wording import mark as _
from pages.wording import say, sentence
from schemas.errors import YunhuobanError
from schemas.scanning import SEALED_BYTES
from schemas.workdays.hours import beijing_day

ANSWER_BYTES: Final = 4096
"""Every answer about a license, padded with blanks."""
_LOCATOR: Final = re.compile(rb"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """The public pages' doings over a store."""

    store: Store
    chains: Callable[[], TrustStore]
    """By which a link's certificate is judged now."""
    clock: Callable[[], datetime]
    frame: Frame
    counts: Counts
    calendar: CurrentCalendar = field(default_factory=CurrentCalendar)

    def license(self, body: bytes, language: str) -> bytes:
        """The license under a locator in 64 hexadecimal digits, as JSON of one length. Raises E-STORE-…."""
        found = None
        if _LOCATOR.fullmatch(body):
            with self.store.read() as tx:
                found = finding.find(tx, bytes.fromhex(body.decode("ascii")))
        self.counts.add("known" if found else "unknown")
        now = self.clock()
        said = {
            "face": base64.b64encode(found.face if found else secrets.token_bytes(SEALED_BYTES)).decode("ascii"),
            "state": found.state if found else "",
            "said": _said(found.said_at, now, language) if found else "",
            "county": found.county if found else "",
            "trial": found.trial if found else False,
            "today": beijing_day(now).isoformat(),
        }
        return json.dumps(said).encode().ljust(ANSWER_BYTES)

    def progress(self, body: bytes, language: str) -> str:
        """How far the case of a link is, as a fragment of the page. Raises E-STORE-…."""
        try:
            with self.store.read() as tx:
                link = body.decode("ascii", errors="replace")
                found = progress.progress(tx, link, chains=self.chains, calendar=self.calendar, now=self.clock())
        except YunhuobanError as error:
            if error.code is not progress.REFUSED:
                raise
            self.counts.add("refused")
            return self.frame.fragment(language, "refusal.html", shown=sentence(YunhuobanError(error.code), language))
        self.counts.add("progress")
        return self.frame.fragment(
            language,
            "steps.html",
            found=found,
            state=label(CASE_STATES, found.state),
            lines=clockface.lines(found.clock),
        )


def _said(at: datetime, now: datetime, language: str) -> str:
    ago = span(max(1, int((now - at).total_seconds())), language=language)
    return say(_("{at}（{ago}前）"), language, at=clockface.moment(at), ago=ago)
