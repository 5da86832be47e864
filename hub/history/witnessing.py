"""What counties say of our journal: the checkpoint stated in every envelope, and countersignatures.

A county states under its signature the checkpoint that it holds. One that this journal never issued is refused: its
sender learns at once that somebody shows it another journal, and no county is alarmed by another's invention. A
countersignature is kept only over a checkpoint that was issued here, by the certificate that signed the message.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, case, func, insert, select, update

from certs import signing
from certs.keys import Certificate
from hub.instants import to_millis
from hub.store import tables
from schemas import codec
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare

NOT_ISSUED: Final = declare(
    "E-JRNL-031",
    "报文所述的检查点不是本账本在该纪元签发的。",
    "请保留此拒收回执与本县保存的检查点，联系监督方：可能有人向本县出示了另一份账本。",
)
COUNTERSIGNATURE_WRONG: Final = declare(
    "E-JRNL-032", "会签不是用发送报文的证书对该检查点所作的签名。", "请用报文签名证书对检查点的原始字节签名。"
)

_REMEMBERED: Final = 4096
MOST_WITNESSES: Final = 256

Stated = tuple[int, int, bytes]
"""Epoch, size and root."""


class Issued:
    """Which checkpoints were issued here. Kept by a worker over its batches: a batch asks the store only for new ones.

    Only what was committed is remembered, and a checkpoint never changes, so that memory is never out of date.
    """

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: OrderedDict[int, tuple[int, bytes]] = OrderedDict()
        self._epoch = 0

    def load(self, tx: Connection, envelopes: Sequence[Envelope]) -> None:
        """Ask for the checkpoints that these envelopes state, unless they are known: at most two queries a batch."""
        wanted = {each.checkpoint["size"] for each in envelopes if each.checkpoint is not None}
        for size in wanted & self._known.keys():
            self._known.move_to_end(size)  # what this batch needs is not what makes room
        sizes = wanted - self._known.keys()
        if not sizes:
            return
        table = tables.checkpoints.c
        self._epoch = tx.execute(select(tables.head.c.epoch)).scalar() or 0
        for row in tx.execute(select(table.size, table.epoch, table.root).where(table.size.in_(sorted(sizes)))):
            self._known[row.size] = (row.epoch, row.root)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def check(self, stated: Mapping[str, Any]) -> None:
        """Raises E-JRNL-031. Of an epoch before this one more may have been shown than a restored journal knows."""
        known = self._known.get(stated["size"])
        if known == (stated["epoch"], stated["root"]):
            return
        if stated["epoch"] < self._epoch and (known is None or known[0] != stated["epoch"]):
            return
        raise YunhuobanError(NOT_ISSUED, place="checkpoint", found=f"{stated['epoch']}/{stated['size']}")


def countersign(
    tx: Connection, envelope: Envelope, *, certificate: Certificate, thumbprint: bytes, now: datetime
) -> None:
    """Keep a county's countersignature and what it asks for. Raises E-JRNL-031, -032 or E-CODEC-…."""
    facts = envelope.facts or {}
    said = codec.decode(envelope.data, "Countersignature")
    table = tables.checkpoints
    row = tx.execute(select(table).where(table.c.size == facts["size"])).one_or_none()
    if row is None or (row.epoch, row.root) != (facts["epoch"], facts["root"]):
        if facts["epoch"] < (tx.execute(select(tables.head.c.epoch)).scalar() or 0):
            return  # of an epoch that a restore has ended; the restored journal does not know all of it
        raise YunhuobanError(NOT_ISSUED, place="facts", found=f"{facts['epoch']}/{facts['size']}")
    if any(said[name] != value for name, value in facts.items()):
        raise YunhuobanError(COUNTERSIGNATURE_WRONG, place="data")
    try:
        signing.verify(said["signature"], row.body, certificate=certificate, typ=signing.Typ.CHECKPOINT)
    except YunhuobanError as error:
        raise YunhuobanError(COUNTERSIGNATURE_WRONG, place="data.signature", found=error.code.code) from error
    kept = tables.countersignatures
    here = (kept.c.size == row.size, kept.c.county == envelope.source)
    if tx.execute(select(kept.c.size).where(*here)).first() is None:
        tx.execute(
            insert(kept).values(
                size=row.size,
                county=envelope.source,
                epoch=row.epoch,
                thumbprint=thumbprint,
                signature=said["signature"],
                message_id=envelope.id,
                signed_at=to_millis(now),
            )
        )
    ask(tx, envelope.source, said["unproven"])


def ask(tx: Connection, county: str, sizes: Sequence[int]) -> None:
    """Remember which sizes a county wants proven; its newest word counts."""
    table = tables.witnesses
    unproven = " ".join(str(each) for each in sizes if 0 < each < 10**19)
    here = table.c.county == county
    if tx.execute(update(table).where(here).values(unproven=unproven)).rowcount == 0:
        tx.execute(insert(table).values(county=county, size=0, unproven=unproven))


def newest_by_county(tx: Connection, *, epoch: int, up_to: int, most: int, without: str = "") -> list[Any]:
    """Of each county its newest countersignature of an epoch up to a size, with the checkpoint, newest first."""
    signed, issued = tables.countersignatures, tables.checkpoints
    newest = (
        select(signed.c.county, func.max(signed.c.size).label("size"))
        .where(signed.c.epoch == epoch, signed.c.size <= up_to, signed.c.county != without)
        .group_by(signed.c.county)
        .order_by(func.max(signed.c.size).desc(), signed.c.county)
        .limit(most)
        .subquery()
    )
    found = (
        select(signed, issued.c.body, issued.c.signature.label("checkpoint_signature"))
        .join(newest, (newest.c.county == signed.c.county) & (newest.c.size == signed.c.size))
        .join(issued, issued.c.size == signed.c.size)
        .order_by(signed.c.size.desc(), signed.c.county)
    )
    return list(tx.execute(found))


def shown(tx: Connection, county: str, size: int, *, answered: str) -> None:
    """The county was shown the journal of this size, with what it had asked for; what it asked since then stays."""
    table = tables.witnesses
    here = table.c.county == county
    unproven = case((table.c.unproven == answered, ""), else_=table.c.unproven)
    if tx.execute(update(table).where(here).values(size=size, unproven=unproven)).rowcount == 0:
        tx.execute(insert(table).values(county=county, size=size, unproven=""))


def certificates(tx: Connection) -> list[bytes]:
    """Certificates (DER) with which counties countersigned, for a trust file whose reader checks them elsewhere."""
    signed, known = tables.countersignatures.c, tables.county_certificates.c
    found = select(known.der).where(known.thumbprint.in_(select(signed.thumbprint).distinct()))
    return list(tx.execute(found.order_by(known.division_code, known.thumbprint).limit(MOST_WITNESSES)).scalars())
