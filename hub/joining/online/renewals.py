"""Renewal at the joining page: the files of a county's renewing and `certs.renewal`, kept and handed out, not believed.

Whatever is not signed by an enrolled signing key of its county hears E-JOIN-040 as everybody else. A renewed card comes
sealed: its names and items are signed by no key of their own, and whoever has seen a card could send it in changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from certs import keys, signing
from certs.chain import REVOCATION_UNKNOWN, TrustStore
from hub.joining import renewal
from hub.joining.online.refusing import NOT_RECEIVED, problems
from hub.registry import county
from hub.renewing.counties import posted, proving
from hub.renewing.counties.posted import Kept
from hub.store import Store
from schemas.errors import YunhuobanError
from schemas.joining.files import Sealed
from schemas.joining.wire import Told
from schemas.renewing.files import MALFORMED

_UNPROVEN = frozenset(
    {
        MALFORMED,
        proving.NOT_ITS_KEY,
        signing.SIGNATURE_MALFORMED,
        signing.SIGNATURE_OTHER_TYPE,
        signing.SIGNATURE_OTHER_CERTIFICATE,
        signing.SIGNATURE_INVALID,
    }
)


@dataclass(frozen=True, slots=True)
class Renewals:
    """The joining page's doings with renewals, over a store."""

    store: Store
    chains: Callable[[], TrustStore]
    clock: Callable[[], datetime]

    def request(self, data: bytes) -> Told:
        """Keep a request, or say how it stands with it. Raises E-JOIN-040, or what passes."""
        try:
            kept = self._kept(data)
        except YunhuobanError as error:
            if error.code is NOT_RECEIVED or _passes(error):
                raise
            return Told(state="", problems=problems(error))
        return Told(state="answered" if kept.answer else "requested")

    def answer(self, data: bytes) -> bytes:
        """The answer to this very request. Raises as `request` does, E-JOIN-040 also while there is none."""
        try:
            kept = self._kept(data)
        except YunhuobanError as error:
            if _passes(error):
                raise
            raise YunhuobanError(NOT_RECEIVED) from error
        if not kept.answer:
            raise YunhuobanError(NOT_RECEIVED)
        return kept.answer

    def card(self, data: bytes) -> Told:
        """Take the card of a county's new certificates, by every renewed card's rule. Raises as `request` does."""
        now, chains = self.clock(), self.chains()
        try:
            sealed = Sealed.read(data, "signature")
            card = county.Card.parse(sealed.body.decode())
            with self.store.read() as tx:
                proving.demand(tx, card.division_code, sealed.body, sealed.proof, chains=chains, now=now)
                state = county.state_of(tx, card.division_code)
        except YunhuobanError as error:
            if _passes(error):
                raise
            raise YunhuobanError(NOT_RECEIVED) from error
        if state != "active":
            return Told(state=state)
        try:
            with self.store.write() as tx:
                renewal.see_to(  # also for a county that was never invited: nobody vouches for what comes this way
                    tx,
                    card.division_code,
                    signer=keys.certificate_from_der(card.signing_certificate),
                    statement=card.key_statement,
                    signature=card.renewal_signature,
                    chains=chains,
                    now=now,
                )
                county.enrol(tx, card, chains=chains, now=now)
        except YunhuobanError as error:
            if _passes(error):
                raise
            return Told(state="", problems=problems(error))
        return Told(state=state)

    def _kept(self, data: bytes) -> Kept:
        try:
            return posted.take(self.store, data, chains=self.chains(), now=self.clock())
        except YunhuobanError as error:
            if error.code in _UNPROVEN:
                raise YunhuobanError(NOT_RECEIVED) from error
            raise


def _passes(error: YunhuobanError) -> bool:
    """Whether it is our own trouble: a list that is late, a store that is busy. The county asks again."""
    return error.code is REVOCATION_UNKNOWN or error.code.code.startswith("E-STORE-")
