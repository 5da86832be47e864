"""A published checkpoint is checked, kept as the newest, and countersigned; what is not proven yet is asked for.

The signature is made with the message-signing key over the checkpoint's exact bytes, and only when a consistency proof
led there from the checkpoint we held before. It travels in a message of its own that belongs to no case, at most once
a minute and only in answer to the hub, which asks for it only while there is something else to exchange.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.boxes import evidence
from adapters.boxes.outbox import Draft, Outbox
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.instants import from_millis
from adapters.journal import epochs, forkalarm, journalmemory
from adapters.journal.journalmemory import Published
from adapters.local import troublebook
from adapters.store import tables
from certs import signing
from certs.profiles import Role
from schemas import codec
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError, declare
from schemas.forkfile import SignedRecord
from schemas.messages import COUNTERSIGNED, HUB

FOREIGN: Final = declare("E-JRNL-114", "公布的检查点不是给本县的。", "请保留报文并联系联盟运维查明来历。")
WITNESS_WRONG: Final = declare(
    "E-JRNL-115", "中枢转来的会签不是目录中该县的签名。", "请保留报文并联系联盟运维查明来历。"
)
SILENT: Final = declare(
    "E-JRNL-116", "中枢一小时没有答复本县要求的账本证明。", "请联系联盟运维；恢复后自动消除，长期不恢复请告知监督方。"
)

_ONCE_IN: Final = timedelta(seconds=50)  # the hub publishes once a minute; its clock and ours may differ a little
_ASK_AFTER: Final = timedelta(minutes=2)  # most of what is new is proven by the next round without being asked for
_MOST_ASKED: Final = 64
_SILENT: Final = "journal/silent"


def keep(tx: Connection, row: Any, *, directory: DirectoryView, identity: Identity, box: Outbox, now: datetime) -> None:
    """Take an arrival with a published checkpoint.

    Raises ForkFoundError, E-JRNL-052/-102/-114/-115, E-CERT-…, E-CODEC-….
    """
    record = codec.decode(row.body, "CheckpointPublished")
    published = _check(row, record, directory, identity.division_code)
    epoch = published.checkpoint.record["epoch"]
    epochs.demand_known(tx, published.checkpoint)
    _check_others(tx, record, directory, now)
    linked = journalmemory.accept(tx, published, now)
    late = journalmemory.overdue(tx, published)
    if late is not None:
        forkalarm.sound(tx, late, now)
        return
    troublebook.clear(tx, _SILENT)
    _answer(tx, row, epoch, wanted=record["countersign"], linked=linked, identity=identity, box=box, now=now)


def watch(tx: Connection, now: datetime) -> None:
    """Tell a person when the hub does not answer at all: it may be down, or it may be silent on purpose."""
    since = journalmemory.silent_since(tx, now)
    if since is not None:
        troublebook.note(tx, _SILENT, YunhuobanError(SILENT, place=since.isoformat()), now)


def _check(row: Any, record: dict[str, Any], directory: DirectoryView, county: str) -> Published:
    certificate = directory.hub.get(signing.read_header(row.signature).thumbprint)
    if certificate is None:
        raise YunhuobanError(evidence.UNKNOWN_LOG, place="publication")
    directory.chains.facts([certificate], at=record["published_at"]).demand(Role.HUB_SIGNING)
    signing.verify(row.signature, row.body, certificate=certificate, typ=signing.Typ.PUBLICATION)
    if record["county"] != county:
        raise YunhuobanError(FOREIGN, place="county", found=record["county"], expected=county)
    return Published(
        checkpoint=evidence.open_checkpoint(record, directory),
        proofs={each["size"]: each["path"] for each in record["proofs"]},
        published_at=record["published_at"],
        signed=SignedRecord(row.body, row.signature),
    )


def _check_others(tx: Connection, record: dict[str, Any], directory: DirectoryView, now: datetime) -> None:
    """What other counties countersigned is a checkpoint of the hub like any other, seen by us through their eyes."""
    for each in record["countersignatures"]:
        thumbprint = signing.read_header(each["signature"]).thumbprint
        county, certificate = directory.signer(thumbprint, each["county"]) or ("", None)
        if certificate is None or county != each["county"]:
            continue  # signed with a certificate that the directory no longer has, or not yet
        try:
            signing.verify(each["signature"], each["checkpoint"], certificate=certificate, typ=signing.Typ.CHECKPOINT)
        except YunhuobanError as error:
            raise YunhuobanError(WITNESS_WRONG, place="countersignatures", found=county) from error
        checkpoint = evidence.open_checkpoint(each, directory)
        epochs.demand_known(tx, checkpoint)
        journalmemory.saw(tx, checkpoint, now)


def _answer(
    tx: Connection,
    row: Any,
    epoch: int,
    *,
    wanted: bool,
    linked: bool,
    identity: Identity,
    box: Outbox,
    now: datetime,
) -> None:
    base = journalmemory.base(tx, epoch)
    open_ = journalmemory.unproven(tx, epoch, _MOST_ASKED - 1)
    old = [each for each in open_ if from_millis(each.seen_at) <= now - _ASK_AFTER]
    if base is None or not (wanted or old) or _answered_lately(tx, now):
        return
    # While the newest is not proven to continue ours, ours is signed again, and its proof is asked for first of all.
    sizes = sorted({each.size for each in open_} | (set() if linked else {base.size}))
    facts = {"epoch": epoch, "size": base.size, "root": base.root, "unproven": sizes}
    key, certificate = identity.signer()
    signature = signing.sign(base.body, key=key, certificate=certificate, typ=signing.Typ.CHECKPOINT)
    draft = Draft(
        type=COUNTERSIGNED,
        case_no="",
        destination=HUB,
        service_item="",
        trial=False,
        record=facts | {"signature": signature},
        message_id=derived_id(row.message_id, COUNTERSIGNED),
    )
    journalmemory.mark_asked(tx, epoch, sizes, box.put(tx, draft, None, now))


def _answered_lately(tx: Connection, now: datetime) -> bool:
    sent = tables.outbox.c
    newest = select(sent.created_at).where(sent.type == COUNTERSIGNED).order_by(sent.seq.desc()).limit(1)
    at = tx.execute(newest).scalar()
    return at is not None and now - _ONCE_IN < from_millis(at)
