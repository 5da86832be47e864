"""The page's source over a county's folder. Two questions at once would write over each other, hence the lock."""

import random
import threading
import time
from collections.abc import Callable
from typing import Final

from adapters.countyit.joining import hubsection, memory, standings
from adapters.countyit.joining.memory import Joining
from adapters.countyit.joining.online import steps
from adapters.countyit.joining.web.joinpage import JoinView
from adapters.instants import from_millis, now
from adapters.settings import CountySettings
from schemas.errors import Code, YunhuobanError

EVERY_SECONDS: Final = 600.0
"""How often a running node asks: a suspension stops its traffic at once, this is only the word for it."""


class CountyJoining:
    """`JoiningSource` over the real folder. Safe to use from several threads."""

    def __init__(self, settings: CountySettings, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Reads nothing yet."""
        self._settings = settings
        self.lock = threading.Lock()
        """Held while the hub is asked."""
        self._monotonic = monotonic
        self._next = monotonic()
        self._trouble: Code | None = None

    def view(self) -> JoinView | None:
        """What is known here; none also where the record is damaged: the desk beside it goes on."""
        try:
            known = Joining.load(self._settings.certificates)
        except YunhuobanError:
            return None
        told = standings.told(known)
        return JoinView(
            county=self._settings.division_code,
            name=self._settings.name,
            standing=standings.standing(known),
            keys_fingerprint=known.keys_fingerprint,
            reason=known.reason,
            problems=told.problems if told else (),
            address=known.address,
            told_at=from_millis(known.told_at) if told else None,
            section=known.section if hubsection.lacks(self._settings, known.section) else "",
            trouble=self._trouble,
        )

    def ask(self) -> None:
        """Ask the joining page, where there is one, and do the next step.

        That the page is off, or busy, is nothing to be alarmed at: the view says so. Raises E-JOIN-… for the rest.
        """
        with self.lock:
            known = Joining.load(self._settings.certificates)
            if not known.address or known.state == "refused":
                return
            from adapters.countyit.joining.online.door import TRANSIENT, Door  # noqa: PLC0415 -- most nodes never ask

            self._trouble = None
            try:
                with Door(known.address, known.hub_fingerprint) as door:
                    steps.advance(self._settings, door, now=now())
            except YunhuobanError as error:
                if error.code not in TRANSIENT:
                    raise
                self._trouble = error.code

    def watch(self) -> int:
        """A running node's step: now and then ask how we stand, where there is a joining page. Nothing is left to do.

        Raises E-JOIN-…; the next time is as far away as otherwise.
        """
        if self._monotonic() >= self._next and memory.begun(self._settings.certificates):
            self._next = self._monotonic() + EVERY_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311 -- spreads load only
            self.ask()
        return 0
