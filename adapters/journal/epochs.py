"""A restored hub's new epoch, seen from a county: what it must be told again, and what is kept as evidence against it.

The hub says under its checkpoint key how far its journal was restored (`epoch.opened`). In one transaction this county
keeps that statement beside the checkpoints it has seen, tells its people, and writes a report: the receipts it holds
beyond the restored size, every grant a station of it may hold, and the highest checkpoint it saw. When the hub has
journalled the report, whatever those receipts admitted is offered again: the same ids, the same bytes.

A hub cannot hide a second history behind an epoch: checkpoints of a new epoch count for nothing before its statement
came, an epoch only rises, a statement is never replaced by another of its revision, and it must name the very
checkpoint that this county saw at the same size. Checkpoints of closed epochs are kept for ever.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, func, insert, or_, select, update

from adapters.boxes import evidence
from adapters.boxes.evidence import SignedCheckpoint
from adapters.boxes.outbox import Draft, Outbox
from adapters.directory.directoryview import DirectoryView
from adapters.instants import to_millis
from adapters.local import troublebook
from adapters.printing import ledger
from adapters.printing.states import PrintState
from adapters.store import tables
from certs import signing
from certs.profiles import Role
from schemas import codec
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError, declare
from schemas.leaf import ADMITTED
from schemas.messages import HUB

KIND: Final = "epoch.opened"
REPORT: Final = "epoch.reported"
RESTORED: Final = declare(
    "E-JRNL-050",
    "中枢于 {at} 从备份恢复，账本进入新纪元 {epoch}；备份之后的报文由各县重新报送。",
    "无需处理：本县自动重报并报告打印情况；核对完成前，中枢暂不放行打印。",
)
EPOCH_BACK: Final = declare(
    "E-JRNL-051",
    "中枢声明的纪元不比本县见过的新，或同一版次有两份声明。",
    "请联系联盟运维：可能恢复了更旧的备份，也可能有两个中枢。",
)
EPOCH_UNKNOWN: Final = declare(
    "E-JRNL-052",
    "检查点属于一个没有收到恢复声明的纪元，暂不采信。",
    "无需处理，收到声明后自动继续；长时间不恢复时请联系联盟运维。",
)
RESTORED_OTHERWISE: Final = declare(
    "E-JRNL-053",
    "中枢恢复的账本与本县见过的检查点不是同一部账本。",
    "请立即停止使用此中枢并联系监督方，保留两个检查点。",
)

_RECEIPTS_AT_ONCE: Final = 20  # some 3 KiB each, of a record that may have 256 KiB
_CLOCK_MARGIN: Final = timedelta(hours=1)
_GRANTS_BEFORE: Final = timedelta(days=1)
_IF_NO_RECEIPT: Final = timedelta(hours=1)
_MAY_HAVE_PAPER: Final = (PrintState.CLAIMED, PrintState.PRINTING, PrintState.UNKNOWN)
_log = structlog.get_logger(__name__)


def keep(
    tx: Connection, row: Any, *, box: Outbox, county: str, directory: DirectoryView, now: datetime
) -> Mapping[str, Any]:
    """Check a statement of the hub and do what follows from it; the same once more changes nothing.

    Returns its record. Raises E-JRNL-051, E-JRNL-053, E-JRNL-102, E-CODEC-… or E-CERT-…; then nothing follows.
    """
    record = codec.decode(row.body, "EpochOpened")
    _check_signer(row, record, directory)
    number, revision = record["epoch"], record["revision"]
    known = _newest(tx)
    if known is not None and (known.epoch, known.revision) >= (number, revision):
        older = known.epoch == number and known.revision > revision
        if older or (known.epoch, known.revision, known.body) == (number, revision, row.body):
            return record
        raise YunhuobanError(EPOCH_BACK, place="epoch", found=str(number), expected=f"> {known.epoch}")
    first = known is None or known.epoch < number
    seen = tx.execute(select(func.max(tables.checkpoints.c.epoch))).scalar() or 0
    if first and seen >= number:
        raise YunhuobanError(EPOCH_BACK, place="epoch", found=str(number), expected=f"> {seen}")
    if first:
        _check_history(tx, record, directory)
    tx.execute(
        insert(tables.epochs).values(
            epoch=number,
            revision=revision,
            body=row.body,
            signature=row.signature,
            restored_size=record["restored_size"],
            opened_at=to_millis(record["opened_at"]),
            seen_at=to_millis(now),
        )
    )
    if first:
        _report(tx, row, record, box=box, county=county, now=now)
        told = YunhuobanError(
            RESTORED,
            place=f"epoch {number}",
            at=f"{record['opened_at'].astimezone():%Y-%m-%d %H:%M}",
            epoch=str(number),
        )
        troublebook.note(tx, f"epoch/{number}", told, now)
        _log.warning("epoch.opened", epoch=number)
    return record


def demand_known(tx: Connection, checkpoint: SignedCheckpoint) -> None:
    """A checkpoint of a later epoch than any seen counts only once its statement is here. Raises E-JRNL-052."""
    number = checkpoint.record["epoch"]
    if tx.execute(select(tables.checkpoints.c.epoch).where(tables.checkpoints.c.epoch >= number).limit(1)).first():
        return
    first_ever = tx.execute(select(tables.checkpoints.c.epoch).limit(1)).first() is None
    if first_ever and tx.execute(select(tables.epochs.c.epoch).limit(1)).first() is None:
        return  # whoever has just joined begins with whatever epoch there is
    if tx.execute(select(tables.epochs.c.epoch).where(tables.epochs.c.epoch == number).limit(1)).first() is None:
        raise YunhuobanError(EPOCH_UNKNOWN, place="epoch", found=str(number))


_KEPT_BACK: Final = (tables.outbox.c.offer_epoch.is_not(None), tables.outbox.c.offered.is_(False))
_ANY_KEPT_BACK: Final = select(tables.outbox.c.seq).where(*_KEPT_BACK).limit(1)
_ANY_REPORT_OUT: Final = (
    select(tables.outbox.c.seq)
    .where(tables.outbox.c.type == REPORT, tables.outbox.c.state.in_(("waiting", "sent")))
    .limit(1)
)


def may_offer(tx: Connection) -> bool:
    """Whether something is to be offered again and the whole report before it is journalled."""
    return tx.execute(_ANY_KEPT_BACK).first() is not None and tx.execute(_ANY_REPORT_OUT).first() is None


def offer_again(tx: Connection, now: datetime) -> int:
    """What the receipts of the report prove is offered again from now on; returns how much."""
    done = tx.execute(update(tables.outbox).where(*_KEPT_BACK).values(next_try_at=to_millis(now), offered=True))
    return int(done.rowcount)


def _check_signer(row: Any, record: Mapping[str, Any], directory: DirectoryView) -> None:
    certificate = directory.hub.get(signing.read_header(row.signature).thumbprint)
    if certificate is None:
        raise YunhuobanError(evidence.UNKNOWN_LOG, place="epoch")
    directory.chains.facts([certificate], at=record["opened_at"]).demand(Role.HUB_CHECKPOINT)
    signing.verify(row.signature, row.body, certificate=certificate, typ=signing.Typ.EPOCH)


def _check_history(tx: Connection, record: Mapping[str, Any], directory: DirectoryView) -> None:
    """The restored checkpoint is signed, of the epoch and size it says, and no other than the one seen here."""
    if not record["restored_checkpoint"]:
        if record["restored_size"]:
            raise YunhuobanError(RESTORED_OTHERWISE, place="restored_size")
        return
    restored = evidence.open_checkpoint(
        {"checkpoint": record["restored_checkpoint"], "checkpoint_signature": record["restored_signature"]}, directory
    ).record
    if restored["size"] != record["restored_size"] or restored["origin"] != record["origin"]:
        raise YunhuobanError(RESTORED_OTHERWISE, place="restored_size", found=str(restored["size"]))
    columns = tables.checkpoints.c
    same = select(columns.root).where(columns.epoch == restored["epoch"], columns.size == restored["size"])
    seen = tx.execute(same).scalar()
    if seen is not None and seen != restored["root"]:
        raise YunhuobanError(RESTORED_OTHERWISE, place=f"{restored['epoch']}/{restored['size']}")


def _report(tx: Connection, row: Any, record: Mapping[str, Any], *, box: Outbox, county: str, now: datetime) -> None:
    """Write the report in as many parts as it needs, and mark what will be offered again when it is journalled."""
    receipts, again = _beyond(tx, record)
    grants = _grants(tx, record, county)
    top = tx.execute(
        select(tables.checkpoints)
        .where(tables.checkpoints.c.epoch < record["epoch"])
        .order_by(tables.checkpoints.c.epoch.desc(), tables.checkpoints.c.size.desc())
        .limit(1)
    ).one_or_none()
    pages = list(_pages(receipts, grants))
    for part, (some, held) in enumerate(pages):
        body = {
            "epoch": record["epoch"],
            "part": part,
            "parts": len(pages),
            "checkpoint": top.body if top else b"",
            "checkpoint_signature": top.signature if top else "",
            "receipts": some,
            "grants": held,
        }
        draft = Draft(
            type=REPORT,
            case_no="",
            destination=HUB,
            service_item="",
            trial=False,
            record=body,
            message_id=derived_id(row.message_id, f"{REPORT}:{record['epoch']}:{part}"),
        )
        box.put(tx, draft, None, now)
    columns = tables.outbox.c
    at_latest = to_millis(now + _IF_NO_RECEIPT)
    for seq in again:
        tx.execute(
            update(tables.outbox)
            .where(columns.seq == seq)
            .values(offer_epoch=record["epoch"], offered=False, next_try_at=at_latest)
        )
    # What nobody has signed for lay in the lost broker, if anywhere: it is due at once.
    open_rows = columns.state.in_(("waiting", "sent", "admitted")), columns.offer_epoch.is_(None)
    tx.execute(update(tables.outbox).where(*open_rows).values(next_try_at=to_millis(now)))


def _beyond(tx: Connection, record: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[int]]:
    """The receipts for verdicts beyond the restored journal, and the rows of what they admitted."""
    restored = codec.decode(record["restored_checkpoint"], "Checkpoint") if record["restored_checkpoint"] else None
    columns = tables.outbox.c
    since = to_millis(restored["made_at"] - _CLOCK_MARGIN) if restored else 0
    rows = tx.execute(
        select(columns.seq, columns.receipt, columns.signature, func.length(columns.record_sealed).label("kept"))
        .where(columns.receipt.is_not(None))
        .where(or_(columns.admitted_at >= since, columns.admitted_at.is_(None), columns.state == "refused"))
        .order_by(columns.seq)
    )
    receipts, again = list[dict[str, Any]](), list[int]()
    for row in rows:
        receipt = codec.decode(row.receipt, "AdmissionReceipt")
        (entry,) = receipt["entries"]
        epoch = codec.decode(receipt["checkpoint"], "Checkpoint")["epoch"]
        if restored and epoch <= restored["epoch"] and entry["leaf_index"] < restored["size"]:
            continue
        receipts.append({"receipt": row.receipt, "signature": row.signature})
        if entry["verdict"] == ADMITTED and row.kept:  # what was cleared since has no bytes to be offered
            again.append(row.seq)
    return receipts, again


def _grants(tx: Connection, record: Mapping[str, Any], county: str) -> list[dict[str, Any]]:
    """The hub's answers that it may have forgotten, and every grant whose sheet is not accounted for yet."""
    since = record["backed_up_at"] - _GRANTS_BEFORE
    columns = tables.inbox.c
    rows = tx.execute(
        select(columns.message_id, columns.body, columns.signature)
        .where(columns.type == "print.granted", columns.source == HUB, columns.state == "applied")
        .order_by(columns.seq)
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        grant = codec.decode(row.body, "Grant")
        try:
            state = ledger.entry(tx, grant["authorisation_no"]).state
        except YunhuobanError:
            continue  # an answer to nothing of ours was refused when it came
        if grant["county"] == county and (grant["granted_at"] >= since or state in _MAY_HAVE_PAPER):
            found[row.message_id] = {
                "message_id": row.message_id,
                "grant": row.body,
                "signature": row.signature,
                "state": state.value,
            }
    return list(found.values())


def _pages(
    receipts: Sequence[dict[str, Any]], grants: Sequence[dict[str, Any]]
) -> Iterator[tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]]:
    """Some receipts and some grants at a time; one empty part when there is nothing to say."""
    most = max(len(receipts), len(grants), 1)
    for start in range(0, most, _RECEIPTS_AT_ONCE):
        yield receipts[start : start + _RECEIPTS_AT_ONCE], grants[start : start + _RECEIPTS_AT_ONCE]


def _newest(tx: Connection) -> Any:
    table = tables.epochs
    return tx.execute(select(table).order_by(table.c.epoch.desc(), table.c.revision.desc()).limit(1)).one_or_none()
