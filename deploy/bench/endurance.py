"""What grows with time: the journal, and a worker's memory.

The journal is filled through `hub.history.journal.append` in batches of 200, each with its checkpoint and its commit.
Its leaves are refusals without a message row: a million envelopes with their evidence would be several gigabytes, and
it is the journal that is timed; the check of messages against it is not. The worker is a real one, and is fed an
hour's worth of a busy hub.
"""

import hashlib
import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from certs.authority import Authority
from deploy.bench import hubrun
from deploy.bench.ground import Ground, write_folder
from deploy.bench.hands import Hands, load
from deploy.bench.messages import KIB, make_load
from hub.bootstrap import load_keys
from hub.evidence import journalcheck
from hub.history import journal as journalled
from hub.history.journal import NewLeaf
from hub.instants import now
from hub.intake.inspection import NO_ID
from hub.intake.refusals import EXPIRED
from hub.settings import HubSettings
from hub.store import open_store
from schemas.envelope import new_id
from schemas.leaf import Leaf

_BATCH: Final = 200
_PROOFS: Final = 200
_CHUNK: Final = 5_000
"""Messages that are made, loaded and waited for at a time."""


def journal(folder: Path, authority: Authority, entries: int, step: Callable[[str], None]) -> dict[str, Any]:
    """Entries a second, proof and check times, and the size of the store."""
    write_folder(folder / "hub", authority)
    settings = HubSettings.load(folder / "hub")
    keys = load_keys(settings)
    store = open_store(settings.database)
    try:
        started = time.monotonic()
        for first in range(0, entries, _BATCH):
            if first * 10 // entries != (first - _BATCH) * 10 // entries:
                step(f"journal · {first:,}/{entries:,}")
            moment = now()
            leaves = [_leaf(first + i, moment) for i in range(min(_BATCH, entries - first))]
            with store.write() as tx:
                journalled.append(tx, leaves, log=keys.checkpoint, now=moment)
        appended = time.monotonic() - started
        chance = random.Random(1)
        with store.read() as tx:
            inclusion = _timed(lambda: journalled.prove(tx, chance.randrange(entries), entries))
            consistency = _timed(lambda: journalled.prove_consistency(tx, chance.randrange(1, entries), entries))
            step(f"hub journal · {entries:,}")
            started = time.monotonic()
            findings = journalcheck.check_journal(tx, keys=keys, trial=settings.trial)
            checked = time.monotonic() - started
        if findings:
            raise RuntimeError(f"the journal is not whole: {findings[0]}")
    finally:
        store.close()
    return {
        "entries": entries,
        "append_per_second": entries / appended,
        "inclusion_proof_ms": inclusion,
        "consistency_proof_ms": consistency,
        "check_seconds": checked,
        "check_per_second": entries / checked,
        "store_bytes": sum(path.stat().st_size for path in settings.folder.glob("hub.sqlite*")),
    }


def memory(ground: Ground, messages: int, log: Path, step: Callable[[str], None]) -> dict[str, Any]:
    """Resident memory of one worker after each chunk; first, middle and last of them in MiB."""
    seen: list[float] = []
    done = 0
    hubrun.prepare(ground, [])
    with Hands(ground.parameters()) as hands, hubrun.processes_of(ground, 1, log) as processes:
        while done < messages:
            some = min(_CHUNK, messages - done)
            step(f"memory · {done:,}/{messages:,}")
            chunk = make_load(ground.counties, count=some, size_bytes=KIB, now=now(), days_ago=done // _CHUNK)
            load(ground.parameters(), hubrun.postings(chunk))
            done += some
            hubrun.wait_admitted(ground, done, processes)
            hands.purge(hubrun.inboxes(chunk))
            seen.append(_resident_mib(processes[0].pid))
    return {
        "messages": messages,
        "start_mib": seen[0],
        "middle_mib": seen[len(seen) // 2],
        "end_mib": seen[-1],
        "chunks_mib": seen,
    }


def _leaf(number: int, moment: datetime) -> NewLeaf:
    digest = hashlib.sha256(number.to_bytes(8, "big")).digest()
    leaf = Leaf(
        envelope_sha256=digest,
        signature=os.urandom(160),
        signer_thumbprint=digest,
        admitted_at=moment,
        verdict=EXPIRED.code,
        detail_sha256=digest,
    )
    return NewLeaf(source=NO_ID, message_id=new_id(), leaf=leaf)


def _timed(prove: Callable[[], object]) -> float:
    """Median milliseconds of one proof."""
    taken = []
    for _ in range(_PROOFS):
        started = time.perf_counter()
        prove()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


def _resident_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has no memory")
