"""The effect that a county's message has here, once it is opened and its turn has come.

In one transaction: the case moves, the print ledger or the outbox learns of it, and what is to be written into the
county's own system is planned. Nothing of this touches that system or the printer.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from adapters.attachments import receiving
from adapters.authority import windowaccepting, windowpowers
from adapters.authority.revoking import Revoker
from adapters.boxes import fate, outbox, refused
from adapters.boxes.opening import CASE_UNKNOWN, FACTS_DIFFER
from adapters.boxes.outbox import Outbox
from adapters.case import agency, around, casebook, groupbook, visits
from adapters.case.casebook import Case
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.local import localwrites
from adapters.printing import ledger
from adapters.printing.ledger import Authorisation
from adapters.printing.tables import CopyKind
from schemas import codec, lifecycle
from schemas.aroundhistory import Said
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.licensestates import NO_MORE_PRINTS
from schemas.lifecycle import CaseState
from schemas.messages import APPLICATION, Parties

# (transaction, case, the outcome's record, directory, now): authorises a spoiled sheet anew.
ReplaceSpoiled = Callable[[Connection, Case, Mapping[str, Any], DirectoryView | None, datetime], None]
_WORDS: Final = ("message.received", "message.refused")


class Applier:
    """Gives messages their effect; stateless."""

    def __init__(
        self,
        *,
        identity: Identity,
        box: Outbox,
        revoker: Revoker,
        replace_spoiled: ReplaceSpoiled,
        elsewhere: frozenset[str] = frozenset(),
    ) -> None:
        """`replace_spoiled` is the issuing side's answer to a spoiled sheet.

        `elsewhere` are the message types that the county's own system says.
        """
        self._elsewhere = elsewhere
        self._identity = identity
        self._box = box
        self._revoker = revoker
        self._replace_spoiled = replace_spoiled

    def apply(
        self,
        tx: Connection,
        envelope: Envelope,
        record: Mapping[str, Any],
        directory: DirectoryView | None,
        now: datetime,
    ) -> None:
        """Raises E-ADM-102 when it is not its turn, E-ENV-103/-104, E-PRINT-… or E-AROUND-… when it does not fit.

        E-POWER-… when a window has done what this county has given it no power for, E-AGENT-001 for an agent whose
        authorisation was over.
        """
        if envelope.type in _WORDS:
            self._word(tx, envelope, record, directory, now)
            return
        case = casebook.find(tx, envelope.case_no)
        opened = None
        if envelope.kind.opens and case is None:
            parties = Parties(window=envelope.source, issuing=envelope.destination)
            windowpowers.demand_said(directory, parties, envelope.service_item, envelope.type, record)
            if envelope.type == APPLICATION:
                agency.demand_authority(record)
            opened = _open(tx, envelope, now)
        elif case is None or (case.service_item, case.trial) != (envelope.service_item, envelope.trial):
            raise YunhuobanError(CASE_UNKNOWN, place="case_no", found=envelope.case_no)
        else:
            if envelope.source != self._identity.division_code:  # our own messages moved the case when they were made
                casebook.follow(tx, case, envelope)
                around.demand_fit(tx, self._identity, case, envelope.source, envelope.type, record)
                windowpowers.demand_said(directory, case.parties, case.service_item, envelope.type, record)
            self._beyond(tx, case, envelope, record, directory, now)
        receiving.expect(tx, self._identity.storage, envelope, record, now)
        localwrites.plan(
            tx,
            self._identity,
            message_id=envelope.id,
            message_type=envelope.type,
            case_no=envelope.case_no,
            source=envelope.source,
            payload=codec.encode(envelope.kind.record, record),
            now=now,
        )
        if opened is not None:
            windowaccepting.answer(tx, self._box, self._identity, opened, envelope, record, directory, now)

    def _beyond(
        self,
        tx: Connection,
        case: Case,
        envelope: Envelope,
        record: Mapping[str, Any],
        directory: DirectoryView | None,
        now: datetime,
    ) -> None:
        """What a message means beyond the move of its case."""
        if envelope.type == "print.authorised":
            if record["target_county"] != self._identity.division_code:
                raise YunhuobanError(FACTS_DIFFER, place="facts.target_county", found=record["target_county"])
            ledger.record(tx, _authorisation(record, case, envelope, replaces=_known(tx, record["replaces"])))
        elif envelope.type == "print.revoked":
            self._revoker.revoke(tx, record["authorisation_no"], directory, now)
        elif envelope.type == "license.state_changed" and record["license_state"] in NO_MORE_PRINTS:
            self._revoker.license_ended(tx, record["license_identifier"], directory, now)
        elif envelope.type in visits.HEARD:
            hearing = Said(envelope.source, envelope.type, record)
            visits.settle(
                tx, self._box, self._identity, case, directory, now, elsewhere=self._elsewhere, hearing=hearing
            )
        elif envelope.type == groupbook.JOINED:
            groupbook.joined(tx, case, record, now)
        elif envelope.type == "print.settled" and record["result"] == "spoiled":
            self._replace_spoiled(tx, case, record, directory, now)

    def _word(
        self,
        tx: Connection,
        envelope: Envelope,
        record: Mapping[str, Any],
        directory: DirectoryView | None,
        now: datetime,
    ) -> None:
        """A destination's word about a message of ours; about anything else it says nothing."""
        sent = outbox.find(tx, record["message_id"])
        about = (record["message_id"], envelope.case_no, envelope.source)
        if sent is None or about != (envelope.in_reply_to, sent.case_no, sent.destination):
            raise YunhuobanError(CASE_UNKNOWN, place="message_id")
        if envelope.type == "message.refused":
            refused.end(
                tx, sent, record, receipt=None, box=self._box, identity=self._identity, directory=directory, now=now
            )
        elif sent.envelope_sha256 == record["envelope_sha256"]:
            fate.received(tx, sent, now)
        else:
            raise YunhuobanError(FACTS_DIFFER, place="facts.envelope_sha256")


def _open(tx: Connection, envelope: Envelope, now: datetime) -> Case:
    return casebook.open_case(
        tx,
        case_no=envelope.case_no,
        parties=Parties(window=envelope.source, issuing=envelope.destination),
        service_item=envelope.service_item,
        trial=envelope.trial,
        local_case=None,
        now=now,
        state=lifecycle.advance(None, envelope.type, envelope.facts) or CaseState.SUBMITTED,
    )


def _known(tx: Connection, authorisation_no: str | None) -> str | None:
    """The authorisation that is replaced; none when this county had refused that one, and has no row of it."""
    if authorisation_no is None:
        return None
    try:
        return ledger.entry(tx, authorisation_no).authorisation.authorisation_no
    except YunhuobanError:
        return None


def _authorisation(record: Mapping[str, Any], case: Case, envelope: Envelope, *, replaces: str | None) -> Authorisation:
    return Authorisation(
        authorisation_no=record["authorisation_no"],
        case_no=case.case_no,
        issuing_county=envelope.source,
        target_county=record["target_county"],
        hall=record["target_hall"],
        license_identifier=record["license_identifier"],
        license_version=int(record["license_version"]),
        copy_kind=CopyKind(record["copy_kind"]),
        copy_no=record["copy_no"],
        stock_kind=record["stock_kind"],
        template=f"{record['template']}/{record['template_version']}",
        sealed_sha256=record["sealed_sha256"].hex(),
        print_file_sha256=record["print_file_sha256"].hex(),
        expires_at=record["expires_at"],
        trial=envelope.trial,
        supersedes=replaces,
    )
