"""Reads the county's own system and puts what it says into the outbox, in the transaction that moves the cursor.

A record that cannot be mapped stays where it is, noted with row, column, value found, value expected and remedy, and
blocks nothing else; corrected, it is read again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, insert, select, update

from adapters import casebook, troublebook
from adapters.casebook import Case
from adapters.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.instants import to_millis
from adapters.mapping import CountyMapping, Translation
from adapters.outbox import Draft, Outbox
from adapters.sources import LocalRecord, Source
from adapters.store import Store, tables
from schemas.errors import YunhuobanError, declare
from schemas.messages import Parties

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 100

NO_DESTINATION: Final = declare("E-SRC-101", "申请没有写明由哪个县办理的哪个事项。", "请在本地系统中填写实施编码。")
NO_CASE: Final = declare("E-SRC-102", "本地记录所属的办件不是跨省通办办件。", "请核对本地办件编号。")
NOT_OFFERED: Final = declare("E-SRC-103", "目录中该县没有开通这一事项。", "请核对实施编码，或查看目录中该县开通的事项。")

# The order in which records of one case are taken when one poll brings several.
_TURN: Final = ("application.submitted", "application.accepted", "decision.made", "case.handed_over")


class LocalReader:
    """Polls one source."""

    def __init__(
        self, *, store: Store, identity: Identity, mapping: CountyMapping, source: Source, outbox: Outbox, trial: bool
    ) -> None:
        """`trial` marks every case opened here as a trial case."""
        self._store = store
        self._identity = identity
        self._mapping = mapping
        self._source = source
        self._outbox = outbox
        self._trial = trial

    def run_once(self, directory: DirectoryView, now: datetime) -> int:
        """Read one batch; returns the number of messages put into the outbox."""
        name = self._source.name
        with self._store.read() as tx:
            cursor = tx.execute(select(tables.source_cursors.c.cursor).where(tables.source_cursors.c.source == name)).scalar()
        batch = self._source.poll(cursor, _AT_ONCE)
        if not batch.records and not batch.failures and batch.cursor == cursor:
            return 0
        put = 0
        with self._store.write() as tx:
            for failure in batch.failures:
                troublebook.note(tx, f"{name}/{failure.place}", failure, now)
            for record, translation in self._translated(tx, batch.records, now):
                put += self._take(tx, record, translation, directory, now)
            _keep_cursor(tx, name, batch.cursor)
        return put

    def _translated(
        self, tx: Connection, records: Any, now: datetime
    ) -> list[tuple[LocalRecord, Translation]]:
        """What can be mapped, in the order of the process; what cannot is noted."""
        found = []
        for record in records:
            if self._known(tx, record.key):
                continue
            try:
                translation = self._mapping.read(record)
            except YunhuobanError as error:
                for each in getattr(error, "problems", (error,)):
                    troublebook.note(tx, f"{self._source.name}/{record.key}", each, now)
                _log.warning("record.not_mapped", place=record.place, code=str(error.code))
                continue
            if translation is not None:
                found.append((record, translation))
        return sorted(found, key=lambda pair: _TURN.index(pair[1].message_type))

    def _take(
        self, tx: Connection, record: LocalRecord, translation: Translation, directory: DirectoryView, now: datetime
    ) -> int:
        key = f"{self._source.name}/{record.key}"
        savepoint = tx.begin_nested()
        try:
            message_id = self._put(tx, translation, directory, now)
        except YunhuobanError as error:
            savepoint.rollback()
            if error.code.area == "LINK":  # nobody to encrypt to yet: nothing has moved, the record is read again
                raise
            error.place = f"{record.place} {error.place}".strip()
            troublebook.note(tx, key, error, now)
            _log.warning("record.not_taken", place=record.place, code=str(error.code))
            return 0
        savepoint.commit()
        troublebook.clear(tx, key)
        tx.execute(
            insert(tables.source_records).values(
                source=self._source.name, key=record.key, message_id=message_id, read_at=to_millis(now)
            )
        )
        return 1

    def _put(self, tx: Connection, translation: Translation, directory: DirectoryView, now: datetime) -> str:
        if translation.message_type == "application.submitted":
            case = self._open(tx, translation, directory, now)
            in_reply_to = None
        else:
            found = casebook.find_local(tx, translation.local_case)
            if found is None:
                raise YunhuobanError(NO_CASE, found=translation.local_case)
            case = found
            in_reply_to = _application_of(tx, case) if translation.message_type != "case.handed_over" else None
        facts = facts_of(translation.message_type, translation.canonical)
        if translation.message_type != "application.submitted":
            casebook.move(tx, case, translation.message_type, facts)
        return self._outbox.put(
            tx,
            Draft(
                type=translation.message_type,
                case_no=case.case_no,
                destination=case.other(self._identity.division_code),
                service_item=case.service_item,
                trial=case.trial,
                record=translation.canonical,
                facts=facts,
                in_reply_to=in_reply_to,
            ),
            directory,
            now,
        )

    def _open(self, tx: Connection, translation: Translation, directory: DirectoryView, now: datetime) -> Case:
        if not translation.destination or not translation.service_item:
            raise YunhuobanError(NO_DESTINATION, place="service_item")
        if (translation.destination, translation.service_item) not in directory.offers:
            offered = sorted(item for county, item in directory.offers if county == translation.destination)
            raise YunhuobanError(
                NOT_OFFERED, place="service_item", found=translation.service_item, expected=", ".join(offered[:3]) or "-"
            )
        return casebook.open_case(
            tx,
            case_no=casebook.mint(tx, self._identity.division_code, now),
            parties=Parties(window=self._identity.division_code, issuing=translation.destination),
            service_item=translation.service_item,
            trial=self._trial,
            local_case=translation.local_case,
            now=now,
        )

    def _known(self, tx: Connection, key: str) -> bool:
        here = (tables.source_records.c.source == self._source.name) & (tables.source_records.c.key == key)
        return tx.execute(select(tables.source_records.c.key).where(here)).first() is not None


def facts_of(message_type: str, record: Mapping[str, Any]) -> dict[str, Any] | None:
    """The clear facts of the messages that a local system can cause."""
    match message_type:
        case "application.accepted":
            return {"promised_on": record["promised_on"]}
        case "decision.made":
            return {"outcome": record["outcome"]}
        case "case.handed_over":
            return {"method": record["method"]}
        case _:
            return None


def _application_of(tx: Connection, case: Case) -> str | None:
    return tx.execute(
        select(tables.inbox.c.message_id).where(
            tables.inbox.c.case_no == case.case_no, tables.inbox.c.type == "application.submitted"
        )
    ).scalar()


def _keep_cursor(tx: Connection, source: str, cursor: str) -> None:
    here = tables.source_cursors.c.source == source
    if tx.execute(update(tables.source_cursors).where(here).values(cursor=cursor)).rowcount == 0:
        tx.execute(insert(tables.source_cursors).values(source=source, cursor=cursor))


