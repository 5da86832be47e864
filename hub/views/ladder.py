"""The rungs of one case's ladder and its print authorisations, read from the hub's store. Pure reading.

Rungs stand in the order of the journal. A destination's signed `message.received` is no rung of its own: it is shown
beside the message that it answers, so that every line says when the hub admitted it and when the other county had it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from hub.instants import from_millis
from hub.store import tables
from schemas import codec
from schemas.clock import EFFECTS, Event
from schemas.envelope import Envelope
from schemas.errors import declare
from schemas.grants import answer_id
from schemas.leaf import ADMITTED
from schemas.messages import HUB

UNKNOWN_CASE: Final = declare("E-JRNL-010", "中枢没有办件 {found} 的任何报文。", "请核对办件编号。")
PARKED: Final = "parked"
GRANTED: Final = "granted"

# The one fact of each type that says how the step went.
STATED: Final = {
    "decision.made": "outcome",
    "application.not_accepted": "ground",
    "review.advanced": "stage",
    "procedure.opened": "procedure",
    "procedure.closed": "procedure",
    "case.terminated": "cause",
    "license.issued": "license_state",
    "license.state_changed": "license_state",
    "print.authorised": "authorisation_no",
    "print.revoked": "authorisation_no",
    "print.claimed": "authorisation_no",
    "print.settled": "result",
    "case.handed_over": "method",
    "case.closed": "result",
    "message.refused": "code",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of the ladder."""

    message_id: str
    type: str
    source: str
    """Division code of the sender, or `hub`."""
    destination: str
    at: datetime
    """When the hub admitted, refused or parked it; of a grant, when the hub signed it."""
    verdict: str
    """`admitted`, a refusal code, `parked`; of a grant `granted` or the code why not."""
    outcome: str
    """The fact that says how the step went (granted, printed, …), or nothing."""
    leaf_index: int | None
    """Its place in the journal; None for what has none: parked messages and grants."""
    seconds: float | None = None
    """Since the rung before; None for the first."""
    received_at: datetime | None = None
    """When the hub admitted the destination's signed word that it holds the message."""
    received_id: str | None = None
    """The message that says so."""

    @property
    def received_seconds(self) -> float | None:
        """From admission to the destination's signature."""
        return (self.received_at - self.at).total_seconds() if self.received_at else None

    @property
    def good(self) -> bool:
        """Whether the step was taken."""
        return self.verdict in (ADMITTED, GRANTED) and self.type != "message.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintLine:
    """One print authorisation and what became of it."""

    authorisation_no: str
    copy_kind: str
    copy_no: int
    stock_kind: str
    target_hall: str
    replaces: str | None
    state: str
    authorised_at: datetime
    expires_at: datetime
    claim_id: str | None
    station: str | None
    granted_at: datetime | None
    settled_at: datetime | None
    stock_serial: str | None


def leaf_index(evidence: bytes | None) -> int | None:
    """The leaf index in a message's stored evidence; None while it is parked."""
    if evidence is None:
        return None
    return int(codec.decode(evidence, "AdmissionReceipt")["entries"][0]["leaf_index"])


def clock_events(rows: Sequence[Any]) -> list[Event]:
    """What moves the clock of a case: its admitted steps, in the order of the journal."""
    steps = [row for row in rows if row.verdict == ADMITTED and row.type in EFFECTS]
    steps.sort(key=lambda row: leaf_index(row.evidence) or 0)
    return [Event(row.type, from_millis(row.admitted_at), Envelope.parse(row.body).facts) for row in steps]


def ladder(rows: Sequence[Any], answered_claims: Mapping[str, Rung]) -> list[Rung]:
    """Rungs in the order of the journal, what is parked last, each grant after its claim."""
    made = sorted((_rung(row) for row in rows), key=_place)
    known = {(each.source, each.message_id) for each in made}
    answers = {row.message_id: row.in_reply_to for row in rows if row.type == "message.received"}
    receipts: dict[tuple[str, str], str] = {}
    shown: list[Rung] = []
    for each in made:
        answered = (each.destination, answers.get(each.message_id) or "")
        if each.type == "message.received" and each.verdict == ADMITTED and answered in known:
            receipts.setdefault(answered, each.message_id)
            continue
        shown.append(each)
        if each.message_id in answered_claims:
            shown.append(answered_claims[each.message_id])
    before: datetime | None = None
    found = []
    for each in shown:
        span = (each.at - before).total_seconds() if before else None
        found.append(replace(each, seconds=span, received_id=receipts.get((each.source, each.message_id))))
        before = each.at
    return found


def _place(rung: Rung) -> tuple[bool, int, datetime]:
    return rung.leaf_index is None, rung.leaf_index or 0, rung.at


def _rung(row: Any) -> Rung:
    return Rung(
        message_id=row.message_id,
        type=row.type,
        source=row.source,
        destination=row.destination,
        at=from_millis(row.admitted_at),
        verdict=row.verdict or PARKED,
        outcome=_outcome(row),
        leaf_index=leaf_index(row.evidence),
        received_at=from_millis(row.received_at) if row.received_at is not None else None,
    )


def _outcome(row: Any) -> str:
    wanted = STATED.get(row.type)
    facts = Envelope.parse(row.body).facts if wanted else None
    return str(facts[wanted]) if facts and wanted else ""


def grants(tx: Connection, rows: Sequence[Any]) -> dict[str, Rung]:
    """The hub's signed answer to each claim, by the claim's message id."""
    made = [row for row in rows if row.type == "print.claimed"]
    claims = {answer_id(row.source, row.message_id): row.message_id for row in made}
    spoken = tables.outgoing
    found = {}
    for row in tx.execute(select(spoken).where(spoken.c.message_id.in_(claims), spoken.c.type == "print.granted")):
        grant = codec.decode(row.body, "Grant")
        found[claims[row.message_id]] = Rung(
            message_id=row.message_id,
            type=row.type,
            source=HUB,
            destination=row.destination,
            at=grant["granted_at"],
            verdict=GRANTED if grant["granted"] else grant["code"],
            outcome=grant["authorisation_no"],
            leaf_index=None,
        )
    return found


def prints(tx: Connection, case_no: str) -> list[PrintLine]:
    """The case's authorisations with claim, grant, outcome and sheet, in the order of their making."""
    ledger, granted = tables.print_authorisations, tables.grants
    joined = ledger.outerjoin(granted, ledger.c.authorisation_no == granted.c.authorisation_no)
    rows = tx.execute(
        select(ledger, granted.c.claim_id, granted.c.station, granted.c.granted_at)
        .select_from(joined)
        .where(ledger.c.case_no == case_no)
        .order_by(ledger.c.authorised_at, ledger.c.authorisation_no)
    )
    return [
        PrintLine(
            authorisation_no=row.authorisation_no,
            copy_kind=row.copy_kind,
            copy_no=row.copy_no,
            stock_kind=row.stock_kind,
            target_hall=row.target_hall,
            replaces=row.replaces,
            state=row.state,
            authorised_at=from_millis(row.authorised_at),
            expires_at=from_millis(row.expires_at),
            claim_id=row.claim_id,
            station=row.station,
            granted_at=from_millis(row.granted_at) if row.granted_at is not None else None,
            settled_at=from_millis(row.settled_at) if row.settled_at is not None else None,
            stock_serial=row.stock_serial or None,
        )
        for row in rows
    ]
