"""What each arrival means here: receipts settle the outbox, the directory and grants are kept, messages are applied.

One arrival, one transaction: opened, receipted and, once the sender's message before it was applied, given its effect.
Nothing of this touches the local system or the printer; those have loops of their own, driven by what is committed
here.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, insert, select, update

from adapters import casebook, directoryview, evidence, inbox, localwrites, outbox, troublebook
from adapters.casebook import Case
from adapters.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.inbox import Opened
from adapters.instants import to_millis
from adapters.outbox import Draft, Outbox
from adapters.printing import ledger
from adapters.printing.ledger import Authorisation
from adapters.printing.tables import CopyKind
from adapters.store import Store, tables
from certs import signing
from certs.profiles import Role
from pages import wording
from schemas import codec
from schemas.envelope import Envelope, derived_id
from schemas.errors import YunhuobanError, declare
from schemas.leaf import ADMITTED
from schemas.messages import Parties

_log = structlog.get_logger(__name__)
GRANT_REFUSED: Final = declare("E-PRINT-301", "中枢没有放行这次打印（{code}）。", "请按代码查明原因；不要另行打印。")
OUT_OF_ORDER: Final = declare("E-ENV-110", "报文所依据的前一报文尚未到达。", "无需处理，到达后自动继续。")

# What may be cured by time: our directory is behind, or the opening message is still on its way.
_CURABLE: Final = (inbox.NOT_ITS_COUNTY, evidence.UNKNOWN_LOG, directoryview.NO_DIRECTORY, directoryview.COUNTY_UNKNOWN, OUT_OF_ORDER)
_CURABLE_TRIES: Final = 60


class Handler:
    """Interprets stored arrivals; one per node."""

    def __init__(
        self,
        *,
        store: Store,
        identity: Identity,
        box: Outbox,
        trial: bool,
        directory: Callable[[Connection], DirectoryView | None],
        granted: Callable[[str, str, bytes], None],
        replace_spoiled: Callable[[Connection, Case, Mapping[str, Any], DirectoryView, datetime], None],
    ) -> None:
        """`granted(authorisation_no, claim_id, grant)` hands a checked grant to the station."""
        self._store = store
        self._identity = identity
        self._box = box
        self._trial = trial
        self._directory = directory
        self._granted = granted
        self._replace_spoiled = replace_spoiled

    def run_once(self, now: datetime, limit: int = 50) -> int:
        """Handle what is due; returns how many arrivals were looked at."""
        with self._store.read() as tx:
            rows = inbox.open_next(tx, now, limit)
        for row in rows:
            self._handle(row, now)
        return len(rows)

    def _handle(self, row: Any, now: datetime) -> None:
        try:
            if row.type == "directory.published":
                self._keep_directory(row, now)
            elif row.type == "admission.receipt":
                self._settle_outbox(row, now)
            elif row.type == "print.granted":
                self._keep_grant(row, now)
            else:
                self._county_message(row, now)
        except YunhuobanError as error:
            self._trouble(row, error, now)

    def _keep_directory(self, row: Any, now: datetime) -> None:
        with self._store.write() as tx:
            directoryview.accept(
                tx, row.body, row.signature, anchors=self._identity.anchors, trial=self._trial, now=now
            )
            inbox.mark_applied(tx, row, now)

    def _settle_outbox(self, row: Any, now: datetime) -> None:
        receipt = codec.decode(row.body, "AdmissionReceipt")
        with self._store.write() as tx:
            directory = self._need_directory(tx)
            checkpoint = evidence.open_checkpoint(receipt, directory)
            for entry in receipt["entries"]:
                self._apply_entry(tx, entry, receipt, checkpoint, now)
            _keep_checkpoint(tx, checkpoint, now)
            inbox.mark_applied(tx, row, now)

    def _apply_entry(
        self,
        tx: Connection,
        entry: Mapping[str, Any],
        receipt: Mapping[str, Any],
        checkpoint: evidence.SignedCheckpoint,
        now: datetime,
    ) -> None:
        sent = outbox.find(tx, entry["message_id"])
        if sent is None or sent.envelope_sha256 != entry["envelope_sha256"]:
            return  # about something we no longer hold, or never sent: it settles nothing here
        evidence.check_entry(entry, checkpoint, envelope_sha256=sent.envelope_sha256, signature=sent.signature)
        alone = codec.encode("AdmissionReceipt", {**receipt, "entries": [entry]})
        if entry["verdict"] == ADMITTED:
            outbox.admitted(tx, sent, receipt=alone, at=entry["admitted_at"])
        elif sent.state in ("waiting", "sent", "admitted"):
            outbox.refused(tx, sent, code=entry["verdict"], receipt=alone)
            refusal = codec.decode(entry["refusal"], "Refusal")
            self._tell_refusal(tx, sent, refusal, entry["refusal"], now)

    def _tell_refusal(
        self, tx: Connection, sent: Any, refusal: Mapping[str, Any], payload: bytes, now: datetime
    ) -> None:
        troublebook.keep(
            tx,
            key=f"message/{sent.message_id}",
            code=refusal["code"],
            place=f"{sent.type} {refusal['field']}".strip(),
            found=refusal["found"],
            expected=refusal["expected"],
            sentence=refusal["sentence_zh"],
            remedy=refusal["remedy_zh"],
            case_no=sent.case_no,
            now=now,
        )
        localwrites.plan(
            tx,
            self._identity,
            message_id=sent.message_id,
            message_type="message.refused",
            case_no=sent.case_no,
            source=sent.destination,
            payload=payload,
            now=now,
        )

    def _keep_grant(self, row: Any, now: datetime) -> None:
        grant = codec.decode(row.body, "Grant")
        with self._store.read() as tx:
            directory = self._need_directory(tx)
        certificate = directory.hub.get(signing.read_header(row.signature).thumbprint)
        if certificate is None:
            raise YunhuobanError(evidence.UNKNOWN_LOG, place="grant")
        directory.chains.facts([certificate], at=now).demand(Role.HUB_SIGNING)
        signing.verify(row.signature, row.body, certificate=certificate, typ=signing.Typ.GRANT)
        if grant["granted"]:
            self._granted(grant["authorisation_no"], grant["claim_id"], row.body)
        with self._store.write() as tx:
            if not grant["granted"]:
                ledger.claim_refused(tx, grant["authorisation_no"], claim_id=grant["claim_id"])
                error = YunhuobanError(GRANT_REFUSED, place=grant["authorisation_no"], code=grant["code"])
                troublebook.note(tx, f"grant/{grant['claim_id']}", error, now)
            inbox.mark_applied(tx, row, now)

    def _county_message(self, row: Any, now: datetime) -> None:
        opened: Opened | None = None
        if row.state == "new":
            with self._store.read() as tx:
                directory = self._need_directory(tx)
                parties = self._parties(tx, row)
            opened = inbox.open_message(row, identity=self._identity, directory=directory, parties=parties)
        with self._store.write() as tx:
            directory = self._need_directory(tx)
            if opened is not None:
                sealed = self._identity.storage.seal(opened.payload, place=f"inbox/{row.message_id}")
                inbox.mark_opened(tx, row, opened, sealed)
                self._sign_for(tx, row, opened, directory, now)
            prev = opened.envelope.prev if opened else row.prev
            if not inbox.predecessor_applied(tx, row.source, prev):
                inbox.try_later(tx, row, now)
                return
            envelope = opened.envelope if opened else Envelope.parse(row.body)
            record = opened.record if opened else inbox.record_of(tx, self._identity, row.seq)
            self._apply(tx, row, envelope, record, directory, now)
            inbox.mark_applied(tx, row, now)
            inbox.wake_successors(tx, row.source, row.message_id, now)
        _log.info("message.applied", message_id=row.message_id, type=row.type, source=row.source, case_no=envelope.case_no)

    def _parties(self, tx: Connection, row: Any) -> Parties | None:
        envelope = Envelope.parse(row.body)
        case = casebook.find(tx, envelope.case_no)
        if case is None and not envelope.kind.opens and not inbox.predecessor_applied(tx, row.source, envelope.prev):
            raise YunhuobanError(OUT_OF_ORDER, place="prev")
        return case.parties if case else None

    def _sign_for(self, tx: Connection, row: Any, opened: Opened, directory: DirectoryView, now: datetime) -> None:
        """The signed *received* that lets the sender close its outbox row; notices are not receipted."""
        envelope = opened.envelope
        if not envelope.kind.chained:
            return
        self._box.put(
            tx,
            Draft(
                type="message.received",
                case_no=envelope.case_no,
                destination=envelope.source,
                service_item=envelope.service_item,
                trial=envelope.trial,
                record={"message_id": envelope.id, "envelope_sha256": row.envelope_sha256, "received_at": now},
                facts={"envelope_sha256": row.envelope_sha256},
                in_reply_to=envelope.id,
                message_id=derived_id(envelope.id, "message.received"),
            ),
            directory,
            now,
        )

    def _apply(
        self, tx: Connection, row: Any, envelope: Envelope, record: Mapping[str, Any], directory: DirectoryView, now: datetime
    ) -> None:
        case = casebook.find(tx, envelope.case_no)
        match envelope.type:
            case "message.received":
                sent = outbox.find(tx, record["message_id"])
                if sent is not None and sent.envelope_sha256 == record["envelope_sha256"]:
                    outbox.received(tx, record["message_id"], now)
                return
            case "message.refused":
                sent = outbox.find(tx, record["message_id"])
                if sent is not None and sent.destination == envelope.source:
                    outbox.refused(tx, sent, code=record["code"], receipt=row.evidence)
                    self._tell_refusal(tx, sent, record, codec.encode("Refusal", record), now)
                return
            case "application.submitted" if case is None:
                casebook.open_case(
                    tx,
                    case_no=envelope.case_no,
                    parties=Parties(window=envelope.source, issuing=envelope.destination),
                    service_item=envelope.service_item,
                    trial=envelope.trial,
                    local_case=None,
                    now=now,
                )
            case _ if case is None:
                raise YunhuobanError(inbox.CASE_UNKNOWN, place="case_no", found=envelope.case_no)
            case "print.authorised":
                casebook.move(tx, case, envelope.type, envelope.facts)
                ledger.record(tx, _authorisation(record, case, envelope))
            case _:
                casebook.move(tx, case, envelope.type, envelope.facts)
                if envelope.type == "print.settled" and record["result"] == "spoiled":
                    self._replace_spoiled(tx, case, record, directory, now)
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

    def _need_directory(self, tx: Connection) -> DirectoryView:
        directory = self._directory(tx)
        if directory is None:
            raise YunhuobanError(directoryview.NO_DIRECTORY)
        return directory

    def _trouble(self, row: Any, error: YunhuobanError, now: datetime) -> None:
        """Later, when time may cure it; else kept, noted and, where there is a sender, refused with a signed word."""
        curable = error.code in _CURABLE and row.tries < _CURABLE_TRIES
        with self._store.write() as tx:
            if curable:
                inbox.try_later(tx, row, now)
                return
            inbox.mark_refused(tx, row, error.code.code)
            troublebook.note(tx, f"arrival/{row.message_id}", error, now)
            directory = self._directory(tx)
            if directory is not None and row.source != "hub":
                self._refuse(tx, row, error, directory, now)
        _log.error("arrival.refused", message_id=row.message_id, type=row.type, source=row.source, code=str(error.code))

    def _refuse(self, tx: Connection, row: Any, error: YunhuobanError, directory: DirectoryView, now: datetime) -> None:
        try:
            envelope = Envelope.parse(row.body)
        except YunhuobanError:
            return  # the hub admits only envelopes that parse; without one there is nobody to answer
        if not envelope.kind.chained:
            return
        zh, en = wording.sentence(error, "zh"), wording.sentence(error, "en")
        self._box.put(
            tx,
            Draft(
                type="message.refused",
                case_no=envelope.case_no,
                destination=envelope.source,
                service_item=envelope.service_item,
                trial=envelope.trial,
                record={
                    "message_id": envelope.id,
                    "code": error.code.code,
                    "field": error.place[:60],
                    "found": error.found[:100],
                    "expected": error.expected[:100],
                    "sentence_zh": zh.sentence[:150],
                    "remedy_zh": zh.remedy[:150],
                    "sentence_en": en.sentence[:300],
                    "remedy_en": en.remedy[:300],
                    "refused_at": now,
                },
                facts={"code": error.code.code},
                in_reply_to=envelope.id,
                message_id=derived_id(envelope.id, "message.refused"),
            ),
            directory,
            now,
        )


def _authorisation(record: Mapping[str, Any], case: Case, envelope: Envelope) -> Authorisation:
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
        supersedes=record["replaces"],
    )


def _keep_checkpoint(tx: Connection, checkpoint: evidence.SignedCheckpoint, now: datetime) -> None:
    record = checkpoint.record
    here = tables.checkpoints.c.epoch == record["epoch"]
    row = tx.execute(select(tables.checkpoints).where(here)).one_or_none()
    values = {
        "size": record["size"],
        "root": record["root"],
        "body": checkpoint.body,
        "signature": checkpoint.signature,
        "seen_at": to_millis(now),
    }
    if row is None:
        tx.execute(insert(tables.checkpoints).values(epoch=record["epoch"], **values))
    elif row.size < record["size"]:
        tx.execute(update(tables.checkpoints).where(here).values(**values))
