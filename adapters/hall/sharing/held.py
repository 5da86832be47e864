"""The licenses that this node holds, received or issued, found by the number of whoever holds them.

A license is large, so each is opened once per run of the node: what remains of it in memory is its identifier and a
keyed digest of its holder's number, under a key that ends with the process. Source: 国办发〔2020〕35号 (no paper is
asked for where sharing can check it); domain.md §1.6, §4.8.
"""

import hashlib
import secrets
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, func, select

from adapters.authority import ownlicenses
from adapters.boxes import inbox
from adapters.boxes.outbox import Outbox
from adapters.hall.privacy.subject.number import masked
from adapters.identity import Identity
from adapters.instants import from_millis
from adapters.store import tables
from adapters.window import documents
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.license import LicenseIdentifier
from schemas.identifiers.masking import masked_name
from schemas.workdays.hours import beijing_day

NOT_USABLE: Final = declare(
    "E-SHARE-001",
    "本县节点没有这份证照，或者它现在不是有效状态，不能用它代替材料。",
    "请重新查找并另选一份；没有有效的，请收取材料。",
)
NO_NUMBER: Final = declare(
    "E-SHARE-002", "没有写持证人的证件号码。", "请先填申请人的证件号码，或者写持证人的证件号码再查找。"
)
VALID: Final = "valid"
_ISSUED: Final = "license.issued"
_CREDIT: Final = "001"
_OUT, _IN = tables.outbox.c, tables.inbox.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One license, as the node knows it now."""

    identifier: str
    name: str
    holder: str
    """Masked where it is a person."""
    holder_number: str
    """Masked where it is a person's."""
    issuing_county: str
    authority: str
    valid_until: date | None
    state: str
    state_at: datetime
    """When the issuing county last said so."""
    case_no: str
    record: Mapping[str, Any] = field(repr=False)

    def is_usable(self, now: datetime) -> bool:
        """Whether it stands for anything today."""
        return self.state == VALID and (self.valid_until is None or beijing_day(now) <= self.valid_until)


class HeldLicenses:
    """The search over one node's store; threads share it."""

    def __init__(self, identity: Identity, county: str) -> None:
        """`county` is this one: whatever it sent, it issued."""
        self._identity = identity
        self._county = county
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, int], tuple[str, bytes]] = {}

    def of_holder(self, tx: Connection, number: str, *, trial: bool) -> Sequence[Held]:
        """The newest version of each license of whoever has this number; of trials only for a trial.

        Raises E-SHARE-002 without a number.
        """
        wanted = _plain(number)
        if not wanted:
            raise YunhuobanError(NO_NUMBER, place="number")
        digest = self._digest(wanted)
        with self._lock:
            rows = [
                (table, row)
                for table, row in _rows(tx, trial=trial)
                if secrets.compare_digest(self._opened(tx, table, row)[1], digest)
            ]
        found = {each.identifier: each for each in (self._held(tx, table, row) for table, row in rows)}
        newest: dict[str, Held] = {}
        for each in sorted(found.values(), key=lambda held: LicenseIdentifier.parse(held.identifier).version):
            newest[_line(each.identifier)] = each
        return sorted(newest.values(), key=lambda held: (held.state != VALID, held.name, held.identifier))

    def demand(self, tx: Connection, identifier: str, *, trial: bool, now: datetime) -> Held:
        """One license that may be used today. Raises E-SHARE-001."""
        with self._lock:
            rows = [
                (table, row) for table, row in _rows(tx, trial=trial) if self._opened(tx, table, row)[0] == identifier
            ]
        for table, row in rows:
            held = self._held(tx, table, row)
            if held.is_usable(now):
                return held
        raise YunhuobanError(NOT_USABLE, place="license", found=identifier)

    def _opened(self, tx: Connection, table: Table, row: Any) -> tuple[str, bytes]:
        """Identifier and digest of the holder's number."""
        key = (table.name, row.seq)
        known = self._seen.get(key)
        if known is None:
            record = self._record(tx, table, row)
            known = self._seen[key] = (record["identifier"], self._digest(_plain(record["holder_code"])))
        return known

    def _record(self, tx: Connection, table: Table, row: Any) -> Mapping[str, Any]:
        if table is tables.inbox:
            return inbox.record_of(tx, self._identity, row.seq)
        return Outbox(self._identity).record(tx, row.message_id)

    def _held(self, tx: Connection, table: Table, row: Any) -> Held:
        record = self._record(tx, table, row)
        identifier = str(record["identifier"])
        said: tuple[str, datetime] | None
        if table is tables.inbox:
            admitted = inbox.admitted_at(bytes(row.evidence))
            said = documents.state_of(tx, row.case_no, identifier) or (str(record["state"]), admitted)
            issuer = str(row.source)
        else:
            own, issuer = ownlicenses.find(tx, identifier), self._county
            said = (str(own.state), from_millis(own.changed_at)) if own is not None else None
        state, at = said or ("", from_millis(row.at))
        body = record["holder_code_kind"] == _CREDIT
        return Held(
            identifier=identifier,
            name=record["name"],
            holder=record["holder"] if body else masked_name(record["holder"]),
            holder_number=record["holder_code"] if body else masked(record["holder_code"]),
            issuing_county=issuer,
            authority=record["issuing_authority"],
            valid_until=record["valid_until"],
            state=state,
            state_at=at,
            case_no=row.case_no,
            record=record,
        )

    def _digest(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=32).digest()


def _rows(tx: Connection, *, trial: bool) -> Iterator[tuple[Table, Any]]:
    """Of every license whose content is kept and that the hub admitted, the oldest first."""
    cases = tables.cases.c
    tried = select(cases.case_no).where(cases.trial)

    def kept(table: Table) -> ColumnElement[bool]:
        here: ColumnElement[bool] = (table.c.type == _ISSUED) & (func.length(table.c.record_sealed) > 0)
        return here if trial else here & table.c.case_no.not_in(tried)

    sent = select(_OUT.seq, _OUT.message_id, _OUT.case_no, _OUT.created_at.label("at"))
    admitted = _OUT.admitted_at.is_not(None) & (_OUT.state != "refused")
    for row in tx.execute(sent.where(kept(tables.outbox), admitted).order_by(_OUT.seq)).all():
        yield tables.outbox, row
    came = select(_IN.seq, _IN.source, _IN.case_no, _IN.evidence, _IN.arrived_at.label("at"))
    for each in tx.execute(came.where(kept(tables.inbox), _IN.state == "applied").order_by(_IN.seq)).all():
        yield tables.inbox, each


def _plain(number: str) -> str:
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


def _line(identifier: str) -> str:
    """What all versions of one license have in common."""
    return identifier.rpartition(".")[0].rpartition(".")[0]
