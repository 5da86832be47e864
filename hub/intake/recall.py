"""What the store says about the messages and cases that a batch refers to, with the batch's own verdicts added.

Read in two queries per batch and written in four at most, whatever the size of the batch. Lives as long as one
transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from hub.instants import to_millis
from hub.intake.inspection import Inspected
from hub.store import lock_cases, tables
from hub.store.bulk import insert_rows, rows_by_keys
from schemas.envelope import Envelope
from schemas.lifecycle import CaseState
from schemas.messages import Parties

Parked = tuple[str, str, bytes, str]
"""Source, message id, exact bytes and signature."""
_AT_ONCE: Final = 200
_ANY_PARKED: Final = select(tables.messages.c.message_id).where(tables.messages.c.state == "parked").limit(1)
_MARK_RECEIVED: Final = (
    update(tables.messages)
    .where(tables.messages.c.source == bindparam("b_source"), tables.messages.c.message_id == bindparam("b_id"))
    .where(tables.messages.c.received_at.is_(None))
    .values(received_at=bindparam("b_at"))
)
_MOVE_CASE: Final = (
    update(tables.cases)
    .where(tables.cases.c.case_no == bindparam("b_case_no"))
    .values(state=bindparam("state"), changed_at=bindparam("changed_at"))
)
PATIENT: Final = "patient"
"""In the column `verdict` of a parked message: it waits for an earlier step of its case, after a restore."""


@dataclass(frozen=True, slots=True)
class Known:
    """The part of a message's row that checks 10 and 14 look at."""

    envelope_sha256: bytes
    state: str
    case_no: str
    destination: str


@dataclass(slots=True)
class Case:
    """A case as the checks see it."""

    parties: Parties
    service_item: str
    trial: bool
    state: CaseState


class Recall:
    """The memory of one transaction."""

    def __init__(self, tx: Connection, now: datetime) -> None:
        """`now` becomes the time of every change."""
        self._tx = tx
        self._now = to_millis(now)
        self._messages: dict[tuple[str, str], Known] = {}
        self._cases: dict[str, Case] = {}
        self._opened: set[str] = set()
        self._moved: set[str] = set()
        self._received: list[tuple[str, str]] = []

    def load(self, batch: Sequence[Inspected]) -> None:
        """Read all rows that these messages refer to and that are not known yet; lock their cases first."""
        wanted: set[tuple[str, str]] = set()
        case_nos: set[str] = set()
        for seen in batch:
            wanted.add((seen.source, seen.message_id))
            if seen.envelope is not None:
                case_nos.add(seen.envelope.case_no)
                wanted.update(predecessor[1] for predecessor in predecessors(seen.envelope))
                if seen.envelope.supersedes is not None:
                    wanted.add((seen.source, seen.envelope.supersedes))
        lock_cases(self._tx, case_nos - self._cases.keys())
        messages, cases = tables.messages.c, tables.cases.c
        facts = (messages.envelope_sha256, messages.state, messages.case_no, messages.destination)
        key = (messages.source, messages.message_id)
        for row in rows_by_keys(self._tx, (*key, *facts), key, wanted - self._messages.keys()):
            known = Known(row.envelope_sha256, row.state, row.case_no, row.destination)
            self._messages[(row.source, row.message_id)] = known
        unknown = [(case_no,) for case_no in case_nos - self._cases.keys()]
        for row in rows_by_keys(self._tx, tuple(cases), (cases.case_no,), unknown):
            parties = Parties(window=row.window_county, issuing=row.issuing_county)
            self._cases[row.case_no] = Case(parties, row.service_item, bool(row.trial), CaseState(row.state))

    def message(self, source: str, message_id: str) -> Known | None:
        """What is known of a message."""
        return self._messages.get((source, message_id))

    def case(self, case_no: str) -> Case | None:
        """What is known of a case."""
        return self._cases.get(case_no)

    def remember(self, seen: Inspected, state: str) -> None:
        """The batch's own verdict counts for the messages after it."""
        envelope = seen.envelope
        case_no, destination = (envelope.case_no, envelope.destination) if envelope else ("", "")
        self._messages[(seen.source, seen.message_id)] = Known(seen.sha256, state, case_no, destination)

    def open_case(self, case_no: str, case: Case) -> None:
        """A case begins."""
        self._cases[case_no] = case
        self._opened.add(case_no)

    def move_case(self, case_no: str, state: CaseState) -> None:
        """A case goes on."""
        case = self._cases[case_no]
        if case.state is not state:
            case.state = state
            self._moved.add(case_no)

    def mark_received(self, source: str, message_id: str) -> None:
        """The destination has signed that it holds this message."""
        self._received.append((source, message_id))

    def write(self) -> None:
        """Write what has changed about cases and receptions."""
        insert_rows(self._tx, tables.cases, [self._case_row(case_no) for case_no in sorted(self._opened)])
        moved = [
            {"b_case_no": case_no, "state": self._cases[case_no].state.value, "changed_at": self._now}
            for case_no in sorted(self._moved - self._opened)
        ]
        if moved:
            self._tx.execute(_MOVE_CASE, moved)
        self.write_received()
        self._opened, self._moved = set(), set()

    def write_received(self) -> None:
        """Write receptions; again after the batch's own rows are there, because a restore may bring both at once."""
        if self._received:
            self._tx.execute(
                _MARK_RECEIVED,
                [
                    {"b_source": source, "b_id": message_id, "b_at": self._now}
                    for source, message_id in sorted(set(self._received))
                ],
            )

    def _case_row(self, case_no: str) -> dict[str, Any]:
        case = self._cases[case_no]
        return {
            "case_no": case_no,
            "window_county": case.parties.window,
            "issuing_county": case.parties.issuing,
            "service_item": case.service_item,
            "state": case.state.value,
            "trial": case.trial,
            "opened_at": self._now,
            "changed_at": self._now,
        }


def predecessors(envelope: Envelope) -> list[tuple[str, tuple[str, str], str]]:
    """What must be settled before this: (field, (its source, its id), its destination)."""
    found = []
    if envelope.prev is not None:
        found.append(("prev", (envelope.source, envelope.prev), envelope.destination))
    if envelope.in_reply_to is not None:
        found.append(("in_reply_to", (envelope.destination, envelope.in_reply_to), envelope.source))
    return found


def waiting_for(tx: Connection, message_ids: Iterable[str], case_nos: Iterable[str] = ()) -> list[Parked]:
    """Parked messages that name one of these as `prev` or `in_reply_to`, or wait for any step of these cases."""
    columns = tables.messages.c
    if tx.execute(_ANY_PARKED).first() is None:
        return []
    ids = sorted(set(message_ids))
    found = tx.execute(
        select(columns.source, columns.message_id, columns.body, columns.signature)
        .where(columns.state == "parked")
        .where(
            or_(
                columns.prev.in_(ids),
                columns.in_reply_to.in_(ids),
                and_(columns.verdict == PATIENT, columns.case_no.in_(sorted(case_nos))),
            )
        )
        .order_by(columns.admitted_at, columns.message_id)
        .limit(_AT_ONCE)
    )
    return [(row.source, row.message_id, row.body, row.signature) for row in found]


_mine = tables.messages
_prev, _answered = _mine.alias("prev"), _mine.alias("answered")
_SETTLED: Final = ("admitted", "refused")
_SLOW: Final = _mine.c.source.in_(select(tables.slowed_counties.c.division_code))
"""What it waits for may lie in its sender's slow queue, for as long as an operator keeps that shut."""
_READY: Final = (  # every turn of every worker executes it: built once
    select(
        _mine.c.source, _mine.c.message_id, _mine.c.body, _mine.c.signature, _mine.c.admitted_at, _SLOW.label("slow")
    )
    .outerjoin(_prev, (_prev.c.source == _mine.c.source) & (_prev.c.message_id == _mine.c.prev))
    .outerjoin(_answered, (_answered.c.source == _mine.c.destination) & (_answered.c.message_id == _mine.c.in_reply_to))
    .where(_mine.c.state == "parked")
    .where(
        or_(
            (_mine.c.admitted_at < bindparam("before")) & ~_SLOW,
            _prev.c.state == "refused",
            _answered.c.state == "refused",
            (_mine.c.prev.is_(None) | _prev.c.state.in_(_SETTLED))
            & (_mine.c.in_reply_to.is_(None) | _answered.c.state.in_(_SETTLED)),
        )
    )
    .order_by(_mine.c.admitted_at, _mine.c.message_id)
    .limit(_AT_ONCE)
)


def ready(tx: Connection, *, overdue_before: datetime) -> tuple[list[Parked], list[Parked]]:
    """Parked messages with nothing left to wait for, and those that have been waiting since before a time.

    The first kind is what a full transaction, a concurrent worker or an unknown revocation has left behind. Nobody has
    waited too long whose sender is slowed or stopped.
    """
    before = to_millis(overdue_before)
    found = tx.execute(_READY, {"before": before})
    in_time: list[Parked] = []
    overdue: list[Parked] = []
    for row in found:
        late = row.admitted_at < before and not row.slow
        (overdue if late else in_time).append((row.source, row.message_id, row.body, row.signature))
    return in_time, overdue
