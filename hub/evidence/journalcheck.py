"""Checks the whole journal against itself and the messages: any row changed, gone, added or moved is found.

 1  leaves follow one another without a gap, and each hash is that of its row
 2  every stored node of the tree is the hash of its two children, and none is missing or too many
 3  every checkpoint has the root of its size, the signature of a checkpoint certificate of this hub, and the time of
    the leaves it closes (a message entered again after a restore keeps its first time); an epoch begins where a
    restore's statement says
 4  the head has the size and the frontier that the leaves give                        (hub.evidence.journalcheck)
 5  epochs never fall from one checkpoint to the next
 6  every message that was admitted or refused stands in the journal with its bytes, signature, time and verdict, and
    its stored evidence proves it; every leaf has its message, except refusals of what has no row of its own
                                                                                       (hub.evidence.messagecheck)
 7  every countersignature is over a checkpoint issued here, by a certificate of its county, out of an admitted message;
    every admitted one is kept                                                         (hub.evidence.witnesscheck)

Rows are read in slices, so that memory does not grow with the journal. Not covered: the names (source, message id)
beside a refusal that has no message; they are for looking up and no part of the leaf. Nor `effects_done`,
`received_at` and the tables of what is unsettled, published and asked for: they say where the work stands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, and_, func, or_, select

from certs import keys as certificates
from certs import signing
from certs.chain import TrustStore
from certs.profiles import Role
from hub.bootstrap import Keys
from hub.evidence import hubcertificates, messagecheck, witnesscheck
from hub.evidence.findings import MOST, Finding, Findings
from hub.history import journal
from hub.instants import to_millis
from hub.store import tables
from pages.wording import mark as _
from schemas import codec
from schemas.errors import YunhuobanError
from schemas.tree import Frontier, node_hash

SLICE: Final = 2000
_GAP: Final = _("账本的序号不连续")
_LEAF: Final = _("账本的一条与它的散列不符")
_NODE: Final = _("账本树的节点不对或缺失")
_NODE_MORE: Final = _("账本树有多余的节点")
_CHECKPOINT: Final = _("检查点与账本不符")
_SIGNATURE: Final = _("检查点的签名无效")
_UNCLOSED: Final = _("账本的末尾没有检查点")
_TIME: Final = _("检查点的时间与它所收各条不同")
_HEAD: Final = _("账本的头部与各条不符")
_EPOCH: Final = _("检查点的纪元没有恢复声明作依据")


def check_journal(tx: Connection, *, keys: Keys, trial: bool) -> list[Finding]:
    """Everything wrong, in the order of the journal, at most `MOST` findings; empty is good."""
    found = Findings()
    walk = _Walk(tx, keys, trial, found)
    matched = 0
    for rows in _slices(tx):
        if not walk.take(rows):
            break
        matched += messagecheck.check_slice(tx, rows, found)
        if found.full:
            break
    else:
        walk.finish()
        messagecheck.check_rest(tx, matched, found)
        witnesscheck.check_all(tx, found)
    return found.all[:MOST]


def _slices(tx: Connection) -> Iterator[Sequence[Any]]:
    index, table = -1, tables.journal
    while rows := tx.execute(
        select(table).where(table.c.leaf_index > index).order_by(table.c.leaf_index).limit(SLICE)
    ).all():
        yield rows
        index = rows[-1].leaf_index


@dataclass(slots=True)
class _Walk:
    """The tree as the leaves make it, from left to right."""

    tx: Connection
    keys: Keys
    trial: bool
    found: Findings
    size: int = 0
    hashes: list[bytes] = field(default_factory=list)
    """Complete subtrees, largest first, as in `schemas.tree.Frontier`."""
    epoch: int = 0
    """Of the last checkpoint: epochs never fall."""
    opened: int = 0
    """First leaf that no checkpoint has closed yet."""
    times: set[int] = field(default_factory=set)
    """Admission times of the leaves since then."""
    chains: TrustStore = field(init=False)
    certificates: dict[bytes, bytes | None] = field(default_factory=dict)
    recovered: frozenset[tuple[bytes, int]] = frozenset()
    """Digest and first admission time of messages entered again after a restore."""

    def __post_init__(self) -> None:
        lists = self.tx.execute(select(tables.crls.c.der).where(tables.crls.c.current)).scalars()
        crls = [certificates.crl_from_der(der) for der in lists]
        self.chains = TrustStore(self.keys.anchors, self.keys.issuing, crls, trial=self.trial)

    def take(self, rows: Sequence[Any]) -> bool:
        """Go over the next leaves; False when the way ends at a gap."""
        start, end = self.size, self.size + len(rows)
        nodes = self._nodes(start, end)
        self.recovered = self._recovered(rows)
        checkpoints = self._checkpoints(start, end)
        for row in rows:
            if row.leaf_index != self.size:
                self.found.add(_GAP, f"journal/{self.size}", found=str(row.leaf_index))
                return False
            self._leaf(row)  # 1
            self._append(bytes(row.leaf_hash), nodes)  # 2
            if self.size in checkpoints:
                self._checkpoint(checkpoints.pop(self.size))  # 3
        for level, position in sorted(nodes):
            self.found.add(_NODE_MORE, f"tree_nodes/{level}/{position}")
        return True

    def finish(self) -> None:
        """What can be said at the end only."""
        if self.opened != self.size:
            self.found.add(_UNCLOSED, f"journal/{self.opened}")
        largest = self.tx.execute(select(func.max(tables.checkpoints.c.size))).scalar() or 0
        smallest = self.tx.execute(select(func.min(tables.checkpoints.c.size))).scalar()
        if largest > self.size or smallest == 0:
            self.found.add(_CHECKPOINT, f"checkpoints/{largest if smallest else smallest}", expected=str(self.size))
        count = self.tx.execute(select(func.count()).select_from(tables.tree_nodes)).scalar_one()
        wanted_count = sum(self.size >> level for level in range(1, self.size.bit_length()))
        if count != wanted_count:
            sentence = _NODE_MORE if count > wanted_count else _NODE
            self.found.add(sentence, "tree_nodes", found=str(count), expected=str(wanted_count))
        heads = self.tx.execute(select(tables.head)).all()  # 4
        newest = journal.newest(self.tx)
        wanted = [(1, newest.epoch if newest else 1, self.size, b"".join(self.hashes))] if self.size else []
        if [(row.id, row.epoch, row.size, bytes(row.frontier)) for row in heads] != wanted:
            self.found.add(_HEAD, "head", expected=str(self.size))

    def _leaf(self, row: Any) -> None:
        try:
            good = journal.leaf_of(row).hash() == row.leaf_hash
        except (ValueError, OverflowError):
            good = False
        if not good:
            self.found.add(_LEAF, f"journal/{row.leaf_index}", found=row.message_id)
        if (row.envelope_sha256, row.admitted_at) not in self.recovered:
            self.times.add(row.admitted_at)

    def _append(self, leaf: bytes, nodes: dict[tuple[int, int], bytes]) -> None:
        carry, level, position = leaf, 0, self.size
        while position & 1:  # each trailing one bit is a subtree that this leaf completes
            carry, level, position = node_hash(self.hashes.pop(), carry), level + 1, position >> 1
            if nodes.pop((level, position), None) != carry:
                self.found.add(_NODE, f"tree_nodes/{level}/{position}")
        self.hashes.append(carry)
        self.size += 1

    def _checkpoint(self, row: Any) -> None:
        place = f"checkpoints/{row.size}"
        try:
            record = codec.decode(row.body, "Checkpoint")
        except YunhuobanError as error:
            self.found.add(_CHECKPOINT, place, found=str(error))
            return
        root = Frontier(self.size, tuple(self.hashes)).root()
        said = (record["origin"], record["epoch"], record["size"], record["root"], to_millis(record["made_at"]))
        if said != (self.keys.checkpoint.origin, row.epoch, self.size, root, row.made_at) or row.root != root:
            self.found.add(_CHECKPOINT, place)
        if not self.times <= {row.made_at}:  # a batch's leaves and its checkpoint have one time
            self.found.add(_TIME, place)
        if row.epoch != self.epoch and not (self.epoch == 0 and row.epoch == 1):
            stated = (tables.epochs.c.epoch == row.epoch, tables.epochs.c.revision == 1)
            began = self.tx.execute(select(tables.epochs.c.body).where(*stated)).scalar()
            opened = codec.decode(began, "EpochOpened") if began else {"restored_size": -1}
            if row.epoch < self.epoch or opened["restored_size"] != self.opened:
                self.found.add(_EPOCH, place, found=str(row.epoch))
        self.epoch = max(self.epoch, row.epoch)
        self.opened, self.times = self.size, set()
        try:
            self._signed(row, record)
        except YunhuobanError as error:
            self.found.add(_SIGNATURE, place, found=error.code.code)

    def _signed(self, row: Any, record: dict[str, Any]) -> None:
        """Raises E-CERT-…; a list too old to judge by is no sign of tampering and passes."""
        thumbprint = signing.read_header(row.signature).thumbprint
        if thumbprint not in self.certificates:
            self.certificates[thumbprint] = hubcertificates.find(self.tx, self.keys, thumbprint)
        der = self.certificates[thumbprint]
        if der is None:
            raise YunhuobanError(signing.SIGNATURE_OTHER_CERTIFICATE, place="checkpoint")
        certificate = certificates.certificate_from_der(der)
        facts = self.chains.facts([certificate], at=record["made_at"])
        if facts.standing(Role.HUB_CHECKPOINT) == "refused":
            facts.demand(Role.HUB_CHECKPOINT)
        signing.verify(row.signature, row.body, certificate=certificate, typ=signing.Typ.CHECKPOINT)

    def _recovered(self, rows: Sequence[Any]) -> frozenset[tuple[bytes, int]]:
        """Which of these leaves are earlier verdicts that were entered again under their first time."""
        table = tables.recovered
        if self.tx.execute(select(table.c.source).limit(1)).first() is None:
            return frozenset()
        found: set[tuple[bytes, int]] = set()
        for start in range(0, len(rows), 500):
            digests = [row.envelope_sha256 for row in rows[start : start + 500]]
            some = select(table.c.envelope_sha256, table.c.admitted_at).where(table.c.envelope_sha256.in_(digests))
            found |= {(bytes(row.envelope_sha256), row.admitted_at) for row in self.tx.execute(some)}
        return frozenset(found)

    def _nodes(self, start: int, end: int) -> dict[tuple[int, int], bytes]:
        """The stored nodes that the leaves from `start` up to `end` complete."""
        table = tables.tree_nodes.c
        ranges = [
            and_(table.level == level, table.position >= start >> level, table.position < end >> level)
            for level in range(1, end.bit_length() + 1)
            if start >> level < end >> level
        ]
        if not ranges:
            return {}
        rows = self.tx.execute(select(tables.tree_nodes).where(or_(*ranges)))
        return {(row.level, row.position): bytes(row.hash) for row in rows}

    def _checkpoints(self, start: int, end: int) -> dict[int, Any]:
        table = tables.checkpoints
        rows = self.tx.execute(select(table).where(table.c.size > start, table.c.size <= end))
        return {row.size: row for row in rows}
