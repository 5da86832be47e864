"""What the joining page does, without the network: a file or a question in, what the hub has to say out.

Nobody learns anything here who has not shown what makes it his business: a request with the HMAC of an invitation's
code, a card with the opened challenge, or a question signed with an enrolled connection key. Everybody else hears
E-JOIN-040, whatever the reason. It needs none of the hub's keys: requests are checked as those carried by hand, answers
were signed before, when the certificates came.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from certs import invitation, keys, signing
from certs.chain import TrustStore
from certs.profiles import Role
from hub.instants import from_millis
from hub.joining import requests
from hub.joining.invitations import State, reason, seen, standing
from hub.joining.online.refusing import NOT_RECEIVED, problems
from hub.joining.online.renewals import Renewals
from hub.registry import county
from hub.store import Store, tables
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.division import DivisionCode
from schemas.joining import codes
from schemas.joining.fields import RequestUnfit
from schemas.joining.files import Request, Sealed
from schemas.joining.wire import Question, Told

OTHER_ACCEPTED: Final = declare(
    "E-JOIN-041",
    "凭这个邀请码的另一份申请已经受理，这一份不受理。",
    "请用原来的县节点文件夹继续；文件夹没有了，请中枢退回那份申请并重新邀请。",
)
_FRESH: Final = timedelta(minutes=10)
"""A question may be so old, or so far ahead: a county's clock is set, but not by us."""


@dataclass(frozen=True, slots=True)
class Doorstep:
    """The joining page's doings over a store."""

    store: Store
    root: bytes
    """The transport root over the hub's certificates, DER: what an invitation's fingerprint is of."""
    chains: Callable[[], TrustStore]
    """By which a card's certificates are judged now."""
    provide: Callable[[str], None]
    """Gives a county that is active its user, permissions and queues, and reads them back. Raises E-BROKER-…."""
    clock: Callable[[], datetime]

    @property
    def renewals(self) -> Renewals:
        """The same page for counties that have joined and change their keys."""
        return Renewals(self.store, self.chains, self.clock)

    def request(self, data: bytes) -> Told:
        """Take a request in, or say how it stands with one that was taken. Raises E-JOIN-040."""
        sealed, request = _request(data)
        row = self._invited(sealed, request)
        if row is not None and standing(row, self.clock()) != State.INVITED:
            return self._stands(row, sealed)
        try:
            requests.take(self.store, data, now=self.clock())
        except RequestUnfit as unfit:
            return Told(state=State.INVITED.value, problems=problems(unfit))
        except YunhuobanError as error:
            raise YunhuobanError(NOT_RECEIVED) from error
        return Told(state=State.REQUESTED.value)

    def answer(self, data: bytes) -> bytes:
        """The answer file to this very request. Raises E-JOIN-040, also while there is none."""
        sealed, request = _request(data)
        row = self._invited(sealed, request)
        if row is None or row.state != State.APPROVED or row.request_sha256 != sealed.sha256:
            raise YunhuobanError(NOT_RECEIVED)
        if not row.answer:
            raise YunhuobanError(NOT_RECEIVED)
        return bytes(row.answer)

    def card(self, data: bytes) -> Told:
        """Take the card that ends a county's joining, and provide for it. Raises E-JOIN-040."""
        try:
            card = county.Card.parse(data.decode())
        except (UnicodeDecodeError, YunhuobanError) as error:
            raise YunhuobanError(NOT_RECEIVED) from error
        with self.store.read() as tx:
            row = seen(tx, card.division_code)
        proven = row is not None and row.state in (State.APPROVED, State.ACTIVE) and bool(row.challenge_sha256)
        if not proven or not hmac.compare_digest(hashlib.sha256(card.challenge).digest(), row.challenge_sha256):
            raise YunhuobanError(NOT_RECEIVED)
        try:
            with self.store.write() as tx:
                county.enrol(tx, card, chains=self.chains(), now=self.clock())
                state = county.state_of(tx, card.division_code)
            if state == "active":
                self.provide(card.division_code)
        except YunhuobanError as error:
            return Told(state=State.APPROVED.value, problems=problems(error))
        return Told(state=state)

    def standing(self, data: bytes) -> Told:
        """How a county stands that proves its connection key, also a revoked one. Raises E-JOIN-040."""
        try:
            sealed = Sealed.read(data, "signature")
            question = Question.read(sealed.body)
            named = signing.read_header(sealed.proof).thumbprint
            certificate = keys.certificate_from_der(self._connection(question.division_code, named))
            signing.verify(sealed.proof, sealed.body, certificate=certificate, typ=signing.Typ.JOIN)
        except YunhuobanError as error:
            raise YunhuobanError(NOT_RECEIVED) from error
        fresh = abs(self.clock() - from_millis(question.asked_at)) <= _FRESH
        if not fresh or not codes.same(question.hub_fingerprint, codes.write_root(self.root)):
            raise YunhuobanError(NOT_RECEIVED)
        with self.store.read() as tx:
            state = county.state_of(tx, question.division_code)
        code = self.chains().facts([certificate], at=self.clock()).reason_for(Role.COUNTY_CONNECTION)
        wrong = problems(YunhuobanError(code, place="connection")) if code else ()
        return Told(state=state, problems=wrong)

    def _invited(self, sealed: Sealed, request: Request) -> Any:
        """The invitation whose code authenticates these bytes, or None.

        One that was replaced is looked at too: a county that still asks under the old code must not burn the new one.
        """
        table = tables.invitations
        of_county = select(table).where(table.c.county == request.division_code).order_by(table.c.made_at.desc())
        with self.store.read() as tx:
            rows = tx.execute(of_county).all()
        return next((row for row in rows if invitation.is_mac(row.verifier, sealed.body, sealed.proof)), None)

    def _stands(self, row: Any, sealed: Sealed) -> Told:
        stands = standing(row, self.clock())
        if stands in (State.REFUSED, State.EXPIRED, State.BURNT):
            return Told(state=stands, reason=reason(row))
        if row.request_sha256 != sealed.sha256:
            return Told(state=stands, problems=problems(YunhuobanError(OTHER_ACCEPTED)))
        if row.state == State.ACTIVE:
            with self.store.read() as tx:
                return Told(state=county.state_of(tx, row.county))
        return Told(state="answered" if row.state == State.APPROVED and row.answer else str(row.state))

    def _connection(self, code: str, thumbprint: bytes) -> bytes:
        """The enrolled connection certificate that a question names. Raises E-JOIN-040."""
        table = tables.county_certificates.c
        found = select(table.der).where(table.thumbprint == thumbprint, table.division_code == code)
        with self.store.read() as tx:
            der = tx.execute(found.where(table.role == Role.COUNTY_CONNECTION.value)).scalar()
        if der is None:
            raise YunhuobanError(NOT_RECEIVED)
        return bytes(der)


def _request(data: bytes) -> tuple[Sealed, Request]:
    try:
        sealed = Sealed.read(data, "mac")
        request = Request.read(sealed.body)
        DivisionCode.parse(request.division_code)
    except YunhuobanError as error:
        raise YunhuobanError(NOT_RECEIVED) from error
    return sealed, request
