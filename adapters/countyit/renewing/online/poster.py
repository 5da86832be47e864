"""The running node's way to the hub's joining page with its renewal: what a person would carry, sent and fetched.

    asked     the request is posted; the hub keeps it for the authority's person, and says so each time it is asked
    answered  at the hub: the answer is fetched and put where a person would put it; `Renewer` checks it as one carried
    card      the new card is posted, sealed by the key that it follows; the directory says when it counts

Only a county that joined by the page does any of it, and it believes nothing that comes: an answer is checked against
its own keys and root. Whatever goes wrong here is no trouble of the node's; the files lie in `renewal/` all the same.
"""

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from adapters.countyit.joining import memory
from adapters.countyit.joining.memory import Joining
from adapters.countyit.joining.online.door import Door
from adapters.countyit.renewing import nextkeys
from adapters.countyit.renewing.online.posted import Posted
from adapters.countyit.renewing.renewer import Stage, standing
from adapters.countyit.renewing.request import ANSWER, CARD, REQUEST
from adapters.identity import Identity
from adapters.instants import from_millis, to_millis
from adapters.settings import CountySettings
from certs import files, signing
from schemas.errors import YunhuobanError
from schemas.joining.files import Sealed
from schemas.joining.wire import Told
from schemas.renewing.files import SignedRequest

_log = structlog.get_logger(__name__)
FIRST_SECONDS: Final = 5.0
EVERY_SECONDS: Final = 600.0
"""After what was just done the hub is asked soon, then ever more seldom: people at the authority take hours."""
CARD_AGAIN: Final = timedelta(days=1)
"""A card that was taken counts from the next directory, minutes later; after a day something has lost it."""


class Poster:
    """One node's."""

    def __init__(
        self,
        *,
        settings: CountySettings,
        identity: Identity,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`identity` is the one that the node's parts hold."""
        self._settings = settings
        self._identity = identity
        self._clock = clock
        self._monotonic = monotonic
        self._next = 0.0
        self._pause = FIRST_SECONDS
        self._about = ""

    def run_once(self) -> int:
        """Post or ask, when there is something to be said and it is time; returns how much was fetched or handed in.

        Raises E-JOIN-006 or -057 to -059; what it was is kept for the status, and it is tried again.
        """
        settings, now = self._settings, self._clock()
        address, fingerprint = _page(settings)
        if not address:
            return 0
        kept = settings.certificates / nextkeys.NEXT / REQUEST
        stage = standing(settings, now).stage
        if stage not in {Stage.ASKED, Stage.ANSWERED} or not kept.exists():
            return 0
        request = files.read(kept)
        known = Posted.load(settings.certificates, SignedRequest.read(request).sha256.hex())
        card = self._card(known, now) if stage is Stage.ANSWERED else b""
        if stage is Stage.ANSWERED and not card:
            return 0
        if not self._due(f"{stage} {hashlib.sha256(card or request).hexdigest()}"):
            return 0
        try:
            with Door(address, fingerprint) as door:
                known, done = self._hand_in(door, known, card, now) if card else self._ask(door, known, request, now)
        except YunhuobanError as error:
            replace(known, trouble=error.code.code).save(settings.certificates)
            raise
        known.save(settings.certificates)
        return done

    def _ask(self, door: Door, known: Posted, request: bytes, now: datetime) -> tuple[Posted, int]:
        told = door.renewal(request)
        if told.state not in {"requested", "answered"}:
            return replace(known, kept_at=0, trouble=_code(told)), 0
        if not known.kept_at:
            _log.info("renewal.posted")
        known = replace(known, kept_at=known.kept_at or to_millis(now), trouble="")
        if told.state == "requested":
            return known, 0
        answer = door.renewal_answer(request)
        if isinstance(answer, Told):  # another came in its place at this moment
            return known, 0
        return known, self._put(answer)

    def _put(self, answer: bytes) -> int:
        """Where a person would put it; one that was refused here before is not put there again."""
        came = self._settings.renewal / ANSWER
        refused = came.with_name(f"refused-{ANSWER}")
        if came.exists() or (refused.exists() and files.read(refused) == answer):
            return 0
        files.write_atomically(came, answer)
        _log.info("renewal.fetched")
        return 1

    def _card(self, known: Posted, now: datetime) -> bytes:
        """The card that is to be handed in; empty when there is none, or the hub has it."""
        place = self._settings.renewal / CARD
        if not place.exists():
            return b""
        card = files.read(place)
        taken = known.card_sha256 == hashlib.sha256(card).hexdigest()
        return b"" if taken and now < from_millis(known.card_at) + CARD_AGAIN else card

    def _hand_in(self, door: Door, known: Posted, card: bytes, now: datetime) -> tuple[Posted, int]:
        key, certificate = self._identity.signer()
        proof = signing.sign(card, key=key, certificate=certificate, typ=signing.Typ.RENEWAL)
        told = door.renewed_card(Sealed(card, proof).write("signature"))
        if told.state != "active" or told.problems:
            return replace(known, trouble=_code(told)), 0
        _log.info("renewal.handed_in")
        return replace(known, card_sha256=hashlib.sha256(card).hexdigest(), card_at=to_millis(now), trouble=""), 1

    def _due(self, about: str) -> bool:
        """At once what was not said yet, and again now and then."""
        at = self._monotonic()
        if about == self._about and at < self._next:
            return False
        self._pause = FIRST_SECONDS if about != self._about else min(EVERY_SECONDS, self._pause * 2)
        self._about = about
        self._next = at + self._pause * random.uniform(0.8, 1.2)  # noqa: S311 -- spreads load only
        return True


def _page(settings: CountySettings) -> tuple[str, str]:
    """Address and fingerprint of the page this county joined by; empty for one whose files are carried."""
    if not memory.begun(settings.certificates):
        return "", ""
    known = Joining.load(settings.certificates)
    return (known.address, known.hub_fingerprint) if known.state == "active" else ("", "")


def _code(told: Told) -> str:
    """What the hub complains of; one that says only that we are suspended is known by that word."""
    return told.problems[0].code if told.problems else told.state
