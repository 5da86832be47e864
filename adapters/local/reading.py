"""Reads the county's own system and puts what it says into the outbox, in the transaction that moves the cursor.

A record that cannot be mapped stays where it is, noted with row, column, value found, value expected and remedy, and
blocks nothing else; corrected, it is read again. One that is in order but not in turn yet, or has nobody to go to yet,
waits (`waiting`); one whose turn can never come is noted, too. One whose message was refused is sent anew as soon as it
says something else.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, bindparam, insert, select, update

from adapters.authority import windowaccepting
from adapters.authority.authorising import Authoriser
from adapters.boxes import heldback, outbox, waiting
from adapters.boxes.kept import is_kept
from adapters.boxes.outbox import Outbox, may_come
from adapters.case import casebook, opening, papers, results, steps, visits
from adapters.case.casebook import Case
from adapters.countyit.conformance.expiry import EXPIRED, FILE
from adapters.directory import choosing
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.instants import to_millis
from adapters.local import lineages, troublebook
from adapters.local.mapping import CountyMapping, Translation
from adapters.local.mapping.canonical import ORDERED
from adapters.local.sources import Batch, LocalRecord, Source
from adapters.store import Store, tables
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import OUT_OF_TURN, TURN
from schemas.messages import TYPES

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 100
_TELL_EVERY: Final = timedelta(minutes=1)

NO_DESTINATION: Final = declare("E-SRC-101", "申请没有写明由哪个县办理的哪个事项。", "请在本地系统中填写实施编码。")
NO_CASE: Final = declare("E-SRC-102", "本地记录所属的办件不是跨省通办办件。", "请核对本地办件编号。")
ALREADY_OPEN: Final = declare(
    "E-SRC-104", "这个本地办件已经报送过申请。", "无需重复报送；要更正时请等前一次被退回，或另立办件。"
)

_MAY_WAIT: Final = (
    NO_CASE,
    EXPIRED,
    papers.NOT_RECEIVED,
    results.NOT_ARRIVED,
    *choosing.MAY_COME,
    *heldback.CODES.values(),
)


_CURSOR: Final = select(tables.source_cursors.c.cursor).where(tables.source_cursors.c.source == bindparam("name"))


class LocalReader:
    """Polls one source."""

    def __init__(
        self,
        *,
        store: Store,
        identity: Identity,
        mapping: CountyMapping,
        source: Source,
        outbox: Outbox,
        authoriser: Authoriser,
        expired: YunhuobanError | None = None,
        elsewhere: frozenset[str] = frozenset(),
    ) -> None:
        """Nothing is read before `run_once`. The authoriser makes what the county's people only order.

        `elsewhere` are the message types that the local system says.
        While the county's own result of `adapter test` has `expired`, applications wait; cases that are open go on.
        """
        self._store = store
        self._identity = identity
        self._mapping = mapping
        self._source = source
        self._outbox = outbox
        self._authoriser = authoriser
        self._expired = expired
        self._elsewhere = elsewhere
        self._told_at: datetime | None = None

    def run_once(self, directory: DirectoryView, now: datetime) -> int:
        """Read one batch; returns the number of messages put into the outbox."""
        name = self._source.name
        with self._store.read() as tx:
            cursor = tx.execute(_CURSOR, {"name": name}).scalar()
            some_wait = waiting.any_due(tx, name, now)
        batch = self._poll(cursor, now)
        if not batch.records and not batch.failures and batch.cursor == cursor and not some_wait:
            return 0
        put = 0
        with self._store.write() as tx:
            for failure in batch.failures:
                troublebook.note(tx, f"{name}/{failure.place}", failure, now)
            found = list(self._translated(tx, batch.records, now))
            moved = {translation.local_case for _, _, translation in found}
            fresh = {key for key, _, _ in found}
            old = [each for each in waiting.due(tx, self._identity, name, now, moved=moved) if each[0] not in fresh]
            for key, place, translation in sorted(old + found, key=lambda each: TURN.index(each[2].message_type)):
                put += self._take(tx, key, place, translation, directory, now)
            if batch.cursor != cursor:
                _keep_cursor(tx, name, batch.cursor)
        return put

    def _poll(self, cursor: str | None, now: datetime) -> Batch:
        """What the source has; nothing while it cannot be reached, which a person is told once a minute."""
        key = f"{self._source.name}/"
        try:
            batch = self._source.poll(cursor, _AT_ONCE)
        except YunhuobanError as error:
            if self._told_at is None or now >= self._told_at + _TELL_EVERY:
                _log.warning("source.not_reached", place=error.place, code=error.code)
                with self._store.write() as tx:
                    troublebook.note(tx, key, error, now)
                self._told_at = now
            return Batch(records=(), cursor=cursor or "")
        if self._told_at is not None:
            with self._store.write() as tx:
                troublebook.clear(tx, key)
            self._told_at = None
        return batch

    def _translated(
        self, tx: Connection, records: Iterable[LocalRecord], now: datetime
    ) -> Iterable[tuple[str, str, Translation]]:
        """What can be mapped: key, place and translation; what cannot is noted."""
        for record in records:
            key = f"{self._source.name}/{record.key}"
            try:
                translation = self._mapping.read(record)
            except YunhuobanError as error:
                troublebook.note(tx, key, error, now)
                _log.warning("record.not_mapped", place=record.place, code=error.code)
                continue
            if translation is None:
                troublebook.clear(tx, key)  # it was corrected to be none of ours
            else:
                yield record.key, record.place, translation

    def _take(
        self, tx: Connection, key: str, place: str, said: Translation, directory: DirectoryView, now: datetime
    ) -> int:
        """Put one record's message into the outbox; 0 when it was sent before, cannot be sent, or has to wait."""
        name = self._source.name
        savepoint = tx.begin_nested()
        translation = choosing.completed(said, directory, window=self._identity.division_code, now=now)
        try:
            earlier = self._earlier(tx, key)
            if earlier is not None and not self._corrected(tx, earlier, translation):
                savepoint.rollback()
                return 0
            message_id = self._put(tx, translation, directory, earlier, now)
        except YunhuobanError as error:
            savepoint.rollback()
            if error.code.area == "STORE":
                raise
            error.place = f"{place} {error.place}".strip()
            troublebook.note(tx, f"{name}/{key}", error, now)
            if _may_wait(tx, said, error):
                lineages.remember(tx, said)
                waiting.keep(tx, self._identity, name, key, place, said, now)  # an alliance is chosen anew
            else:
                waiting.drop(tx, name, key)
            _log.warning("record.not_taken", place=place, code=error.code)
            return 0
        lineages.made(tx, message_id, translation, place)
        savepoint.commit()
        troublebook.clear(tx, f"{name}/{key}")
        if earlier is not None:
            troublebook.clear(tx, f"message/{earlier.message_id}")
        waiting.drop(tx, name, key)
        _remember(tx, name, key, message_id, now)
        return 1

    def _earlier(self, tx: Connection, key: str) -> Any:
        """The outbox row of the message that this record has caused before, or None."""
        here = (tables.source_records.c.source == self._source.name) & (tables.source_records.c.key == key)
        message_id = tx.execute(select(tables.source_records.c.message_id).where(here)).scalar()
        return outbox.find(tx, message_id) if message_id else None

    def _corrected(self, tx: Connection, earlier: Any, translation: Translation) -> bool:
        """Whether the record's message was refused, and the record says something else now or was no matter of it."""
        if earlier.state != "refused":
            return False
        if earlier.refusal_code in heldback.CODES:
            return True  # nothing was wrong with it
        if not is_kept(earlier):
            return False  # the case ended long ago, and what it said is not known any more
        opens = TYPES[translation.message_type].opens
        other_mark = opens and Envelope.parse(earlier.body).trial != translation.trial
        said = self._outbox.record(tx, earlier.message_id)
        return other_mark or any(said[name] != value for name, value in translation.canonical.items())

    def _put(
        self, tx: Connection, translation: Translation, directory: DirectoryView, earlier: Any, now: datetime
    ) -> str:
        if translation.message_type in ORDERED:
            case = self._case_of(tx, translation)
            return self._authoriser.replace_ordered(tx, case, translation.canonical["replaces"], directory, now)
        if translation.message_type == "application.submitted":
            case = self._open(tx, translation, directory, now)
        else:
            case = self._case_of(tx, translation)
            if translation.message_type == windowaccepting.ACCEPTED:
                answered = windowaccepting.answered(tx, case)
                if answered is not None:
                    return answered
            steps.take(tx, case, translation.message_type, translation.canonical, directory, now)
        message_id = steps.put(
            tx,
            self._outbox,
            case,
            translation.message_type,
            translation.canonical,
            directory,
            now,
            county=self._identity.division_code,
            supersedes=earlier.message_id if earlier is not None else None,
        )
        if translation.message_type in visits.AFTER:
            visits.settle(tx, self._outbox, self._identity, case, directory, now, elsewhere=self._elsewhere)
        return message_id

    def _case_of(self, tx: Connection, translation: Translation) -> Case:
        """The case of a step that is this county's to take. Raises E-SRC-102, E-ADM-101."""
        case = casebook.find_local(tx, translation.local_case)
        if case is None:
            raise YunhuobanError(NO_CASE, found=translation.local_case)
        steps.demand_party(case, self._identity.division_code, translation.message_type)
        return case

    def _open(self, tx: Connection, translation: Translation, directory: DirectoryView, now: datetime) -> Case:
        if not translation.destination or not translation.service_item:
            raise YunhuobanError(NO_DESTINATION, place="service_item")
        if self._expired is not None:
            raise YunhuobanError(EXPIRED, place=FILE, **self._expired.params)
        here = self._identity.division_code
        opening.judge(tx, translation, directory, window=here, now=now)
        known = casebook.find_local(tx, translation.local_case)
        if known is not None and outbox.newest_good(tx, known.case_no, "application.submitted") is not None:
            raise YunhuobanError(ALREADY_OPEN, found=known.case_no)
        return opening.open_case(tx, translation, window=here, local_case=translation.local_case, now=now)


def _may_wait(tx: Connection, said: Translation, error: YunhuobanError) -> bool:
    """Whether time may let this record through; if not, only a person can, by correcting it or ordering once more."""
    if said.message_type in ORDERED:
        return False
    if error.code == OUT_OF_TURN:
        case = casebook.find_local(tx, said.local_case)
        return case is not None and casebook.may_still_come(tx, case, said.message_type)
    return may_come(error) or error.code in _MAY_WAIT


def _remember(tx: Connection, source: str, key: str, message_id: str, now: datetime) -> None:
    here = (tables.source_records.c.source == source) & (tables.source_records.c.key == key)
    values = {"message_id": message_id, "read_at": to_millis(now)}
    if tx.execute(update(tables.source_records).where(here).values(**values)).rowcount == 0:
        tx.execute(insert(tables.source_records).values(source=source, key=key, **values))


def _keep_cursor(tx: Connection, source: str, cursor: str) -> None:
    here = tables.source_cursors.c.source == source
    if tx.execute(update(tables.source_cursors).where(here).values(cursor=cursor)).rowcount == 0:
        tx.execute(insert(tables.source_cursors).values(source=source, cursor=cursor))
