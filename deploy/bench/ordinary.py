"""Admission written the ordinary way: one transaction per message, one signature per receipt, SQLAlchemy on SQLite.

The same checks as `hub.intake.admission` in their order, with the same functions of `schemas` and `certs`, on the same
tables: what a Python team would write first, and write well. The journal is a chain of hashes, the receipt a signed
JSON document. Used by `deploy.bench.faststream_app`; not part of the product.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, update

from certs import signing
from certs.profiles import Role
from hub.bootstrap import Keys
from hub.instants import to_millis
from hub.intake.inspection import MAX_BODY_BYTES
from hub.printing import licensebook, printledger
from hub.registry import trust
from hub.registry.trust import Trust
from hub.store import Store, metadata, tables
from schemas.envelope import MAX_CLOCK_AHEAD, Envelope
from schemas.lifecycle import CaseState, advance
from schemas.messages import Parties, party_problem

_TRUST_SECONDS: Final = 1.0
_GENESIS: Final = bytes(32)


class RefusedError(Exception):
    """A message that is not admitted; its text says at which check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A message whose bytes are believed."""

    envelope: Envelope
    body: bytes
    sha256: bytes
    signature: str
    thumbprint: bytes
    now: datetime


class Ordinary:
    """Checks and remembers; not safe for two threads at once."""

    def __init__(self, path: Path, store: Store, keys: Keys) -> None:
        """A new database at `path`; who may send is read from the hub's `store`, again every second."""
        self._engine = _engine(path)
        metadata.METADATA.create_all(self._engine)
        self._store, self._keys = store, keys
        self._trust: Trust | None = None
        self._trusted_at = 0.0

    def check(self, body: bytes, properties: Mapping[str, Any]) -> Checked:
        """Checks 1 to 9, without memory. Raises RefusedError or YunhuobanError."""
        now = datetime.now(UTC)
        if len(body) > MAX_BODY_BYTES:  # 1
            raise RefusedError("size")
        signatures = properties["headers"].get("signatures")
        if not isinstance(signatures, list) or len(signatures) != 1 or len(properties["headers"]) != 1:  # 2
            raise RefusedError("headers")
        envelope = Envelope.parse(body)  # 3
        copies = (properties["message_id"], properties["type"], properties["user_id"])
        if copies != (envelope.id, envelope.type, envelope.source):  # 4
            raise RefusedError("copies")
        trusted = self._trusted()
        if trusted.states.get(envelope.source) != "active":  # 5
            raise RefusedError("source")
        signature = str(signatures[0])
        thumbprint = signing.read_header(signature).thumbprint
        signer = trusted.signers.get(thumbprint)
        if signer is None or signer.county != envelope.source:  # 6
            raise RefusedError("signer")
        trusted.chains.facts([signer.certificate], at=now).demand(Role.COUNTY_SIGNING)  # 7
        signing.verify(signature, body, certificate=signer.certificate, typ=signing.Typ.ENVELOPE)  # 8
        if envelope.time > now + MAX_CLOCK_AHEAD or envelope.expires <= now:  # 9
            raise RefusedError("time")
        return Checked(
            envelope=envelope,
            body=body,
            sha256=hashlib.sha256(body).digest(),
            signature=signature,
            thumbprint=thumbprint,
            now=now,
        )

    def admit(self, checked: Checked) -> tuple[bytes, str]:
        """Checks 10 to 16 and everything written down, in one transaction; returns the receipt and its signature.

        Raises RefusedError or YunhuobanError.
        """
        envelope, trusted = checked.envelope, self._trusted()
        with self._engine.begin() as tx:
            known = _message(tx, envelope.source, envelope.id)
            if known is not None:  # 10
                if known.envelope_sha256 != checked.sha256:
                    raise RefusedError("other bytes")
                return known.evidence, known.signature
            if trusted.states.get(envelope.destination) != "active":  # 11
                raise RefusedError("destination")
            if not trusted.opens(envelope.destination, envelope.encrypted_for or b"", checked.now):  # 12
                raise RefusedError("key")
            state, parties = _case(tx, envelope, trusted)  # 13
            _predecessors(tx, envelope)  # 14
            after = advance(state, envelope.type, envelope.facts)  # 15
            _ledger(tx, envelope, parties, checked.now)  # 16
            _write_case(tx, envelope, parties, after, to_millis(checked.now))
            return self._record(tx, checked)

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def _trusted(self) -> Trust:
        if self._trust is None or time.monotonic() - self._trusted_at > _TRUST_SECONDS:
            with self._store.read() as tx:
                if self._trust is None or trust.counter(tx) != self._trust.serial:
                    self._trust = trust.load(
                        tx, anchors=self._keys.anchors, intermediates=self._keys.issuing, trial=True
                    )
            self._trusted_at = time.monotonic()
        return self._trust

    def _record(self, tx: Connection, checked: Checked) -> tuple[bytes, str]:
        """Message row, journal row chained to the last one, signed receipt."""
        envelope, admitted_at = checked.envelope, to_millis(checked.now)
        journal = tables.journal.c
        last = tx.execute(
            select(journal.leaf_index, journal.leaf_hash).order_by(journal.leaf_index.desc()).limit(1)
        ).first()
        index, before = (last.leaf_index + 1, last.leaf_hash) if last else (0, _GENESIS)
        link = hashlib.sha256(before + checked.sha256 + admitted_at.to_bytes(8, "big")).digest()
        receipt = json.dumps(
            {
                "message_id": envelope.id,
                "envelope_sha256": checked.sha256.hex(),
                "admitted_at": admitted_at,
                "verdict": "admitted",
                "index": index,
                "link": link.hex(),
            }
        ).encode()
        log = self._keys.checkpoint
        signature = signing.sign(receipt, key=log.key, certificate=log.certificate, typ=signing.Typ.RECEIPT)
        tx.execute(
            insert(tables.messages).values(
                source=envelope.source,
                message_id=envelope.id,
                envelope_sha256=checked.sha256,
                state="admitted",
                type=envelope.type,
                destination=envelope.destination,
                case_no=envelope.case_no,
                prev=envelope.prev,
                in_reply_to=envelope.in_reply_to,
                sent_at=to_millis(envelope.time),
                expires_at=to_millis(envelope.expires),
                admitted_at=admitted_at,
                body=checked.body,
                signature=checked.signature,
                evidence=receipt,
                verdict="admitted",
            )
        )
        tx.execute(
            insert(tables.journal).values(
                leaf_index=index,
                leaf_hash=link,
                source=envelope.source,
                message_id=envelope.id,
                envelope_sha256=checked.sha256,
                signature=checked.signature.encode(),
                signer_thumbprint=checked.thumbprint,
                admitted_at=admitted_at,
                verdict="admitted",
                detail_sha256=_GENESIS,
            )
        )
        return receipt, signature


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return engine


def _message(tx: Connection, source: str, message_id: str) -> Any:
    columns = tables.messages.c
    return tx.execute(
        select(
            columns.envelope_sha256, columns.evidence, columns.signature, columns.case_no, columns.destination
        ).where(columns.source == source, columns.message_id == message_id)
    ).first()


def _case(tx: Connection, envelope: Envelope, trusted: Trust) -> tuple[CaseState | None, Parties]:
    columns = tables.cases.c
    row = tx.execute(select(tables.cases).where(columns.case_no == envelope.case_no)).first()
    if envelope.kind.opens:
        if row is not None or not envelope.case_no.startswith(f"{envelope.source}-"):
            raise RefusedError("case")
        if (envelope.destination, envelope.service_item) not in trusted.offers:
            raise RefusedError("item")
        return None, Parties(window=envelope.source, issuing=envelope.destination)
    if row is None:
        raise RefusedError("case unknown")
    parties = Parties(window=row.window_county, issuing=row.issuing_county)
    if party_problem(envelope.kind, envelope.source, envelope.destination, parties) is not None:
        raise RefusedError("party")
    if (row.service_item, row.trial) != (envelope.service_item, envelope.trial):
        raise RefusedError("case fields")
    return CaseState(row.state), parties


def _predecessors(tx: Connection, envelope: Envelope) -> None:
    if envelope.prev is not None:
        before = _message(tx, envelope.source, envelope.prev)
        if before is None or (before.case_no, before.destination) != (envelope.case_no, envelope.destination):
            raise RefusedError("prev")
    if envelope.in_reply_to is not None:
        answered = _message(tx, envelope.destination, envelope.in_reply_to)
        if answered is None or answered.case_no != envelope.case_no:
            raise RefusedError("in_reply_to")
        if envelope.type == "message.received":
            if (envelope.facts or {}).get("envelope_sha256") != answered.envelope_sha256:
                raise RefusedError("received")
            columns = tables.messages.c
            tx.execute(
                update(tables.messages)
                .where(columns.source == envelope.destination, columns.message_id == envelope.in_reply_to)
                .values(received_at=to_millis(datetime.now(UTC)))
            )


def _ledger(tx: Connection, envelope: Envelope, parties: Parties, now: datetime) -> None:
    if envelope.type == "license.issued":
        licensebook.issued(tx, envelope, envelope.facts or {}, now)
    elif envelope.type == "print.authorised":
        printledger.authorise(tx, envelope, envelope.facts or {}, parties, now)


def _write_case(tx: Connection, envelope: Envelope, parties: Parties, after: CaseState | None, moment: int) -> None:
    if envelope.kind.opens:
        tx.execute(
            insert(tables.cases).values(
                case_no=envelope.case_no,
                window_county=parties.window,
                issuing_county=parties.issuing,
                service_item=envelope.service_item,
                state=after,
                trial=envelope.trial,
                opened_at=moment,
                changed_at=moment,
            )
        )
    elif envelope.kind.chained and after is not None:
        columns = tables.cases.c
        tx.execute(
            update(tables.cases).where(columns.case_no == envelope.case_no).values(state=after, changed_at=moment)
        )
