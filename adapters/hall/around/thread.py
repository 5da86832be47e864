"""Everything that two counties said about one case or matter, in order, and what became of each message."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.boxes import inbox
from adapters.boxes.kept import is_kept
from adapters.case.around import KINDS
from adapters.hall.around import expiring, words
from adapters.hall.revealing import showing
from adapters.hall.taking.standing import Refusal, refusals
from adapters.identity import Identity
from adapters.instants import from_millis
from adapters.store import tables
from pages.labels import Label
from schemas import codec
from schemas.lifecycle import TURN
from schemas.messages import TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message."""

    message_id: str
    type: str
    ours: bool
    at: datetime
    """When the hub admitted it; of one of ours that it has not admitted, when it was written."""
    standing: Label
    counts: bool
    """Whether it was not refused."""
    fields: Sequence[showing.Field]
    tables: Sequence[showing.Rows]
    kept: bool
    """Whether its content is still kept."""
    code: str = ""
    """Why this county did not take it in."""
    refusals: Sequence[Refusal] = ()
    """Why the hub or the other county did not."""

    @property
    def by_node(self) -> bool:
        """Whether a node sent it without anybody's press."""
        named = (field.value for field in self.fields if field.path == "license_identifier")
        return self.type == expiring.REMINDER and any(expiring.is_by_node(self.message_id, each) for each in named)


_ORDER: Final = {kind: number for number, kind in enumerate(TURN)}


def entries(tx: Connection, identity: Identity, case_no: str, *, revealed: bool) -> list[Entry]:
    """The messages of both parties, oldest first; personal fields masked unless the look was noted."""
    ours = [_ours(tx, identity, row, revealed=revealed) for row in _rows(tx, tables.outbox, case_no)]
    there = {each.message_id for each in ours}  # a case within one county has each message in both boxes
    came = (row for row in _rows(tx, tables.inbox, case_no) if row.message_id not in there)
    theirs = [_theirs(identity, row, revealed=revealed) for row in came if row.state in words.CAME]
    return sorted([*ours, *theirs], key=lambda each: (each.at, _ORDER[each.type]))


def _rows(tx: Connection, box: Any, case_no: str) -> Iterable[Any]:
    wanted = select(box).where(box.c.case_no == case_no, box.c.type.in_(KINDS))
    return tx.execute(wanted.order_by(box.c.seq)).all()


def _ours(tx: Connection, identity: Identity, row: Any, *, revealed: bool) -> Entry:
    refused = row.state == "refused"
    fields, rows = _shown(identity, row, "outbox", revealed=revealed)
    return Entry(
        message_id=row.message_id,
        type=row.type,
        ours=True,
        at=from_millis(row.admitted_at or row.created_at),
        standing=words.GONE[row.state],
        counts=not refused,
        fields=fields,
        tables=rows,
        kept=is_kept(row),
        refusals=refusals(tx, row.case_no, row.message_id) if refused else (),
    )


def _theirs(identity: Identity, row: Any, *, revealed: bool) -> Entry:
    fields, rows = _shown(identity, row, "inbox", revealed=revealed)
    return Entry(
        message_id=row.message_id,
        type=row.type,
        ours=False,
        at=inbox.admitted_at(row.evidence),
        standing=words.CAME[row.state],
        counts=row.state == "applied",
        fields=fields,
        tables=rows,
        kept=is_kept(row),
        code=row.refusal_code or "",
    )


def _shown(
    identity: Identity, row: Any, box: str, *, revealed: bool
) -> tuple[Sequence[showing.Field], Sequence[showing.Rows]]:
    if not row.record_sealed:  # never opened, or cleared after its term
        return (), ()
    payload = identity.storage.open(row.record_sealed, place=f"{box}/{row.message_id}")
    record = codec.decode(payload, TYPES[row.type].record)
    return (
        showing.fields(row.type, record, revealed=revealed),
        showing.tables(row.type, record, revealed=revealed),
    )
