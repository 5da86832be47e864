"""Contents of a case, some time after it has ended: both boxes, what was written locally, signatures, files that came.

A row keeps its digest, signature, receipt, times and the envelope's codes: they prove what happened and name nobody.
Nothing of a case is touched while it is open, while a message of it is not settled or a sheet not accounted for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select, update

from adapters.attachments import sealing
from adapters.attachments.tables import received
from adapters.hall.handwriting.tables import handwriting
from adapters.hall.privacy.retaining.rule import before
from adapters.local.mapping import canonical
from adapters.printing.states import PrintState
from adapters.printing.tables import PRINTS
from adapters.store import tables
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.lifecycle import ENDED
from schemas.messages import TYPES

LICENSE: Final = "license.issued"
_OUT, _IN, _LOCAL = tables.outbox.c, tables.inbox.c, tables.local_writes.c
_OPEN_SHEETS: Final = (PrintState.AUTHORISED, PrintState.CLAIMED, PrintState.PRINTING, PrintState.UNKNOWN)
_TABLES: Final = {each.name: each for each in (tables.outbox, tables.inbox, tables.local_writes)}


@dataclass(frozen=True, slots=True)
class Bodies:
    """Of all messages but licenses, or of licenses alone."""

    name: str
    days: int
    licenses: bool

    def due(self, tx: Connection, now: datetime, most: int) -> Sequence[str]:
        """Keys `table/seq`."""
        at = before(now, self.days)
        over = ended(at)
        found = list[str]()
        for table, readable in (
            (tables.outbox, func.length(_OUT.record_sealed) > 0),
            (tables.inbox, _readable_arrival()),
            (tables.local_writes, func.length(_LOCAL.record_sealed) > 0),
        ):
            kinds = {LICENSE} if self.licenses else personal() - {LICENSE}
            ours: ColumnElement[bool] = table.c.case_no.in_(over) & table.c.type.in_(kinds)
            if table is tables.inbox and not self.licenses:
                ours = or_(ours, _refused_for_good(at))
            wanted = select(table.c.seq).where(readable, ours).order_by(table.c.seq).limit(most - len(found))
            found += [f"{table.name}/{seq}" for seq in tx.execute(wanted).scalars()]
        return found

    def erase(self, tx: Connection, keys: Sequence[str], now: datetime) -> None:  # noqa: ARG002 -- as every rule
        """Take out the records, and of the envelopes what is encrypted: this county's key opens it."""
        for table, seq in _parted(keys):
            here = table.c.seq == seq
            values: dict[str, Any] = {"record_sealed": b""}
            if table is not tables.local_writes:
                values["body"] = emptied(bytes(tx.execute(select(table.c.body).where(here)).scalar_one()))
            tx.execute(update(table).where(here).values(**values))


@dataclass(frozen=True, slots=True)
class Signatures:
    """Drawn signatures of cases that have ended; the row stays."""

    name: str
    days: int

    def due(self, tx: Connection, now: datetime, most: int) -> Sequence[str]:
        """Their message ids."""
        at = before(now, self.days)
        columns = handwriting.c
        wanted = select(columns.message_id).where(func.length(columns.picture_sealed) > 0, columns.drawn_at < at)
        return list(tx.execute(wanted.where(columns.case_no.in_(ended(at))).limit(most)).scalars())

    def erase(self, tx: Connection, keys: Sequence[str], now: datetime) -> None:  # noqa: ARG002 -- as every rule
        """Take out the pictures."""
        tx.execute(update(handwriting).where(handwriting.c.message_id.in_(keys)).values(picture_sealed=b""))


@dataclass(frozen=True, slots=True)
class Attachments:
    """Files that came from another county, of cases that have ended; the row stays."""

    name: str
    days: int

    def due(self, tx: Connection, now: datetime, most: int) -> Sequence[str]:
        """Their ids."""
        columns = received.c
        wanted = select(columns.file_id).where(func.length(columns.about_sealed) > 0)
        return list(tx.execute(wanted.where(columns.case_no.in_(ended(before(now, self.days)))).limit(most)).scalars())

    def erase(self, tx: Connection, keys: Sequence[str], now: datetime) -> None:  # noqa: ARG002 -- as every rule
        """Take out the parts, and with the key what any copy of them would open with."""
        sealing.forget(tx, keys)
        tx.execute(update(received).where(received.c.file_id.in_(keys)).values(about_sealed=b""))


@cache
def personal() -> frozenset[str]:
    """The types whose content holds anything personal, as the contract says; the others stay as they are."""
    found = set()
    for kind in TYPES:
        shape = canonical.shape(kind)
        leaves = [*shape.leaves.values(), *(leaf for each in shape.repeated.values() for leaf in each.leaves.values())]
        if any(leaf.personal for leaf in leaves):
            found.add(kind)
    return frozenset(found)


def ended(at: int) -> Any:
    """Numbers of the cases in which nothing is open and nothing has happened since that time."""
    cases = tables.cases.c

    def any_of(table: Table, *where: ColumnElement[bool]) -> ColumnElement[bool]:
        return select(table.c.case_no).where(table.c.case_no == cases.case_no, *where).exists()

    unsettled = or_(_OUT.created_at >= at, ~_OUT.state.in_(("received", "refused")), _OUT.offer_epoch.is_not(None))
    unapplied = or_(_IN.arrived_at >= at, ~_IN.state.in_(("applied", "refused")))
    return select(cases.case_no).where(
        cases.state.in_([each.value for each in ENDED]),
        cases.opened_at < at,
        ~any_of(tables.outbox, unsettled),
        ~any_of(tables.inbox, unapplied),
        ~any_of(tables.local_writes, ~_LOCAL.done),
        ~any_of(PRINTS, PRINTS.c.state.in_(_OPEN_SHEETS)),
    )


def emptied(body: bytes) -> bytes:
    """The envelope without what is encrypted in it; nothing when it is none."""
    try:
        return replace(Envelope.parse(body), data=b"").to_bytes()
    except YunhuobanError:
        return b""


def _readable_arrival() -> ColumnElement[bool]:
    return or_(_IN.record_sealed.is_(None), func.length(_IN.record_sealed) > 0)


def _refused_for_good(at: int) -> ColumnElement[bool]:
    """Arrivals that were refused here, of no case that is open: they, too, are encrypted for this county."""
    cases = tables.cases.c
    open_case = cases.state.not_in([each.value for each in ENDED])
    of_open = select(cases.case_no).where(cases.case_no == _IN.case_no, open_case).exists()
    return (_IN.state == "refused") & (_IN.arrived_at < at) & ~of_open


def _parted(keys: Sequence[str]) -> Iterator[tuple[Table, int]]:
    for key in keys:
        name, _, seq = key.partition("/")
        yield _TABLES[name], int(seq)
