"""Shows counties how the journal has grown: newest checkpoint, consistency proofs, and what the others countersigned.

At most once a minute, and only counties that were given a checkpoint since the last time (in a receipt or as evidence)
are shown anything: the cost follows the traffic, not the number of counties, and a county at rest costs nothing. Each
gets proofs from every checkpoint that it was given, from the one it was shown last, from those of the last rounds
(which other counties state) and from those it asks for. Proofs are the same for all and are made once a round.

Only a county that had more than countersignatures to exchange is asked to countersign, so that countersignatures never
call for each other: a journal that grows by them alone comes to rest after one more round.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, delete, insert, select

from certs import signing
from hub.history import journal, witnessing
from hub.history.journal import Checkpoint
from hub.instants import from_millis, to_millis
from hub.printing.grants import GrantSigner
from hub.store import Store, tables
from schemas import codec, topology
from schemas.envelope import new_id
from schemas.messages import COUNTERSIGNED, HUB, PUBLISHED
from schemas.tree import consistency_proof

MOST_PROOFS: Final = 128
"""Of one publication, as in its record; what is more goes into another one."""
MOST_COUNTERSIGNATURES: Final = 16
_ROUNDS_BACK: Final = 16
_SLICE: Final = 2000

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Shown:
    """What one county was given since the last round."""

    sizes: set[int] = field(default_factory=set)
    """Of checkpoints."""
    busy: bool = False
    """Whether anything but a countersignature was exchanged."""


class JournalPublisher:
    """One per hub: the keeper's."""

    def __init__(
        self, *, store: Store, signer: GrantSigner, clock: Callable[[], datetime], every_seconds: float = 60.0
    ) -> None:
        """`signer` is the hub's signing key: a county can show a false proof to others."""
        self._store = store
        self._signer = signer
        self._clock = clock
        self._every = timedelta(seconds=every_seconds)

    def run_once(self) -> int:
        """Write a round into `outgoing` when one is due; returns how many publications it has."""
        now = self._clock()
        with self._store.read() as tx:
            last = _last_round(tx)
            newest = journal.newest(tx)
            due = last is None or now >= from_millis(last.published_at) + self._every
            if newest is None or not due or (last is not None and last.size >= newest.size):
                return 0
            known = {row.county: row for row in tx.execute(select(tables.witnesses))}
            made = self._round(tx, newest, last.size if last else 0, known, now)
        asked = {county: row.unproven for county, row in known.items()}
        with self._store.write() as tx:
            again = _last_round(tx)
            if (again and again.size) != (last and last.size):
                return 0  # another keeper was quicker
            _replace(tx, [row for rows in made.values() for row in rows])
            for county in made:
                witnessing.shown(tx, county, newest.size, answered=asked.get(county, ""))
            tx.execute(
                insert(tables.publications).values(size=newest.size, epoch=newest.epoch, published_at=to_millis(now))
            )
        _log.info("journal.published", size=newest.size, count=len(made))
        return sum(len(rows) for rows in made.values())

    def _round(
        self, tx: Connection, newest: Checkpoint, since: int, known: Mapping[str, Any], now: datetime
    ) -> dict[str, list[dict[str, Any]]]:
        """The publications of a round by county."""
        shown = _shown(tx, since, newest.size)
        active = set(
            tx.execute(select(tables.counties.c.division_code).where(tables.counties.c.state == "active")).scalars()
        )
        proofs = _Proofs(tx, newest)
        signed = witnessing.newest_by_county(tx, epoch=newest.epoch, up_to=newest.size, most=MOST_COUNTERSIGNATURES + 1)
        common = _rounds(tx, newest.epoch) + [row.size for row in signed]
        made = {}
        for county in sorted(active & shown.keys()):
            mine = known.get(county)
            asked = [int(each) for each in mine.unproven.split()] if mine else []
            first = [mine.size, *asked] if mine else []
            others = [row for row in signed if row.county != county][:MOST_COUNTERSIGNATURES]
            paths = proofs.of(first, shown[county].sizes.union(common))
            busy = shown[county].busy
            made[county] = self._publications(county, newest, paths, others, countersign=busy, now=now)
        return made

    def _publications(
        self,
        county: str,
        newest: Checkpoint,
        proofs: Sequence[dict[str, Any]],
        others: Sequence[Any],
        *,
        countersign: bool,
        now: datetime,
    ) -> list[dict[str, Any]]:
        """Rows of `outgoing`; the request to countersign stands in the last, when everything is proven."""
        starts = range(0, len(proofs), MOST_PROOFS) or [0]
        rows = []
        for start in starts:
            final = start + MOST_PROOFS >= len(proofs)
            record = {
                "county": county,
                "checkpoint": newest.body,
                "checkpoint_signature": newest.signature,
                "countersign": countersign and final,
                "proofs": list(proofs[start : start + MOST_PROOFS]),
                "countersignatures": [_witness(row) for row in others] if final else [],
                "published_at": now,
            }
            rows.append(self._row(county, codec.encode("CheckpointPublished", record), now))
        return rows

    def _row(self, county: str, body: bytes, now: datetime) -> dict[str, Any]:
        signer = self._signer
        return {
            "message_id": new_id(),
            "destination": county,
            "queue": topology.county_inbox(county),
            "type": PUBLISHED,
            "body": body,
            "signature": signing.sign(
                body, key=signer.key, certificate=signer.certificate, typ=signing.Typ.PUBLICATION
            ),
            "made_at": to_millis(now),
            "done": False,
        }


class _Proofs:
    """Consistency proofs to one checkpoint, each made once however many counties need it."""

    def __init__(self, tx: Connection, newest: Checkpoint) -> None:
        """Nodes that were read once are kept: the proofs share most of them."""
        self._newest = newest
        self._read = journal.nodes(tx)
        self._nodes: dict[tuple[int, int], bytes] = {}
        self._made: dict[int, dict[str, Any]] = {}

    def of(self, first: Sequence[int], sizes: set[int]) -> list[dict[str, Any]]:
        """Of these sizes, those that there are in this journal; what is waited for stands in the first publication."""
        ordered = dict.fromkeys([*first, *sorted(sizes)])
        return [self._proof(size) for size in ordered if 0 < size <= self._newest.size]

    def _proof(self, size: int) -> dict[str, Any]:
        if size not in self._made:
            path = consistency_proof(size, self._newest.size, self._node)
            self._made[size] = {"size": size, "path": path}
        return self._made[size]

    def _node(self, level: int, at: int) -> bytes:
        key = (level, at)
        if key not in self._nodes:
            self._nodes[key] = self._read(level, at)
        return self._nodes[key]


def _last_round(tx: Connection) -> Any:
    table = tables.publications
    return tx.execute(select(table).order_by(table.c.size.desc()).limit(1)).one_or_none()


def _rounds(tx: Connection, epoch: int) -> list[int]:
    table = tables.publications.c
    found = select(table.size).where(table.epoch == epoch).order_by(table.size.desc()).limit(_ROUNDS_BACK)
    return list(tx.execute(found).scalars())


def _shown(tx: Connection, since: int, until: int) -> dict[str, _Shown]:
    """Who was given which checkpoint: a leaf's sender its receipt, its destination the evidence."""
    table = tables.checkpoints.c
    closing = list(
        tx.execute(select(table.size).where(table.size > since, table.size <= until).order_by(table.size)).scalars()
    )
    found: dict[str, _Shown] = {}
    for leaf_index, counties, busy in _exchanged(tx, since, until):
        at = bisect_right(closing, leaf_index)
        for county in counties:
            shown = found.setdefault(county, _Shown())
            if at < len(closing):
                shown.sizes.add(closing[at])
            shown.busy = shown.busy or busy
    return found


def _exchanged(tx: Connection, since: int, until: int) -> Iterator[tuple[int, set[str], bool]]:
    """Leaves with the counties that they concern, and whether they are more than a countersignature."""
    leaves, messages = tables.journal, tables.messages
    joined = (messages.c.source == leaves.c.source) & (messages.c.message_id == leaves.c.message_id)
    columns = (leaves.c.leaf_index, leaves.c.source, messages.c.type, messages.c.destination, messages.c.state)
    for start in range(since, until, _SLICE):
        rows = tx.execute(
            select(*columns)
            .select_from(leaves.outerjoin(messages, joined))
            .where(leaves.c.leaf_index >= start, leaves.c.leaf_index < min(start + _SLICE, until))
        )
        for index, source, kind, destination, state in rows:
            counties = {source} | ({destination} if state == "admitted" and destination != HUB else set())
            yield index, counties, kind != COUNTERSIGNED


def _replace(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Publications that went out are no evidence of anything and need not be kept."""
    spoken = tables.outgoing
    tx.execute(delete(spoken).where(spoken.c.type == PUBLISHED, spoken.c.done))
    if rows:
        tx.execute(insert(spoken), list(rows))


def _witness(row: Any) -> dict[str, Any]:
    return {
        "county": row.county,
        "checkpoint": row.body,
        "checkpoint_signature": row.checkpoint_signature,
        "signature": row.signature,
    }
