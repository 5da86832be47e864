"""What is to be written into the county's own system: committed as a row first, written second, marked third.

A crash in between repeats the write, and sinks are idempotent by key. The writes of one case keep their order; a case
whose write fails waits with a growing pause and blocks no other. Where somebody else's row stands in the way, that is
told once, and the pause is the longest at once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, insert, select, update

from adapters.boxes import outbox
from adapters.case import casebook
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.instants import from_millis, to_millis, too_far
from adapters.local import lineages, troublebook
from adapters.local.lineages import Origin
from adapters.local.mapping import CountyMapping, WriteContext
from adapters.local.mapping.document.directions import WRITABLE
from adapters.local.sinks import Sink
from adapters.local.sinks.occupied import TAKEN
from adapters.store import Store, tables
from schemas import codec
from schemas.errors import YunhuobanError, declare
from schemas.leaf import ADMITTED
from schemas.messages import TYPES

_log = structlog.get_logger(__name__)
NOT_WRITTEN: Final = declare(
    "E-SRC-105", "写入本地系统时出错，稍后重试。", "请检查 overrides.py，并把日志中 local.crashed 一行交给联盟运维。"
)
_LONGEST_PAUSE_SECONDS: Final = 300.0
_HUB: Final = "中枢"
"""In the county's own system, as the desk and the documents call it."""


def plan(
    tx: Connection,
    identity: Identity,
    *,
    message_id: str,
    message_type: str,
    case_no: str,
    source: str,
    payload: bytes,
    now: datetime,
) -> None:
    """Plan one message's traces in the local system, if its type can leave any; the same message is planned once."""
    if message_type not in WRITABLE:
        return  # no mapping can name it
    same = (tables.local_writes.c.message_id == message_id) & (tables.local_writes.c.type == message_type)
    if tx.execute(select(tables.local_writes.c.seq).where(same)).first() is None:
        tx.execute(
            insert(tables.local_writes).values(
                message_id=message_id,
                case_no=case_no,
                type=message_type,
                source=source,
                record_sealed=identity.storage.seal(payload, place=f"local/{message_id}"),
                done=False,
                tries=0,
                next_try_at=to_millis(now),
            )
        )


_columns = tables.local_writes.c
_PLANNED: Final = (
    select(_columns.seq, _columns.case_no, _columns.tries, _columns.next_try_at)
    .where(~_columns.done)
    .order_by(_columns.seq)
)


class LocalWriter:
    """Carries the planned writes out."""

    def __init__(self, *, store: Store, identity: Identity, mapping: CountyMapping, sink: Sink) -> None:
        """The sink is the county's own system."""
        self._store = store
        self._identity = identity
        self._mapping = mapping
        self._sink = sink

    def run_once(self, directory: DirectoryView | None, now: datetime) -> int:
        """Write what is due, oldest first; returns how many were written."""
        with self._store.read() as tx:
            planned = tx.execute(_PLANNED).all()
        moment, beyond = to_millis(now), too_far(now, _LONGEST_PAUSE_SECONDS)
        written, blocked = 0, set[str]()
        for each in planned:
            if each.case_no in blocked:
                continue
            waits = each.tries > 0 and moment < each.next_try_at <= beyond
            if waits or not self._write(each.seq, directory, now):
                blocked.add(each.case_no)
            else:
                written += 1
        return written

    def _write(self, seq: int, directory: DirectoryView | None, now: datetime) -> bool:
        with self._store.read() as tx:
            row = tx.execute(select(tables.local_writes).where(tables.local_writes.c.seq == seq)).one()
            case = casebook.find(tx, row.case_no)
        try:
            payload = self._identity.storage.open(row.record_sealed, place=f"local/{row.message_id}")
            record = codec.decode(payload, TYPES[row.type].record)
            origin = self._refused(row, record)
            context = WriteContext(
                case_no=row.case_no,
                local_case=case.local_case if case else None,
                source=row.source,
                source_name=self._name(row, directory),
                trial=case.trial if case else False,
                written_at=from_millis(to_millis(now)),
                local_field=origin.local_field,
                local_said=origin.said(),
            )
            self._sink.write(self._mapping.write(row.type, record, context))
        except YunhuobanError as error:
            self._later(row, error, now)
            return False
        except Exception:  # noqa: BLE001 -- the county's own functions may raise anything
            _log.exception("local.crashed", message_id=row.message_id, type=row.type)
            self._later(row, YunhuobanError(NOT_WRITTEN, place=row.type), now)
            return False
        with self._store.write() as tx:
            tx.execute(update(tables.local_writes).where(tables.local_writes.c.seq == row.seq).values(done=True))
            troublebook.clear(tx, f"local/{row.message_id}")
        _log.info("local.written", message_id=row.message_id, type=row.type, case_no=row.case_no)
        return True

    def _name(self, row: Any, directory: DirectoryView | None) -> str:
        """Who says it: the other county, or the hub where its own receipt is the refusal."""
        if row.type == "message.refused" and self._hub_refused(row.message_id):
            return _HUB
        return directory.name(row.source) if directory else str(row.source)

    def _hub_refused(self, message_id: str) -> bool:
        with self._store.read() as tx:
            sent = outbox.find(tx, message_id)
        if sent is None or sent.receipt is None:
            return False
        (entry,) = codec.decode(sent.receipt, "AdmissionReceipt")["entries"]
        return bool(entry["verdict"] != ADMITTED)

    def _refused(self, row: Any, record: Mapping[str, Any]) -> Origin:
        """What a refusal is about, in the county's own words."""
        if row.type != "message.refused":
            return troublebook.NOWHERE
        with self._store.read() as tx:
            return lineages.origin(tx, record["message_id"], record["field"])

    def _later(self, row: Any, error: YunhuobanError, now: datetime) -> None:
        about = f"local/{row.message_id}"
        taken = error.code == TAKEN  # a person has to look: asking again soon changes nothing
        pause = _LONGEST_PAUSE_SECONDS if taken else min(2.0 ** min(row.tries, 9), _LONGEST_PAUSE_SECONDS)
        with self._store.write() as tx:
            tx.execute(
                update(tables.local_writes)
                .where(tables.local_writes.c.seq == row.seq)
                .values(tries=row.tries + 1, next_try_at=to_millis(now + timedelta(seconds=pause)))
            )
            told = taken and troublebook.stands(tx, about, error.code, error.place)
            if not told:
                troublebook.note(tx, about, error, now, case_no=row.case_no)
        if not told:
            _log.warning("local.not_written", message_id=row.message_id, type=row.type, code=error.code)
