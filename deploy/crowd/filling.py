"""Fills a hub as years would: all counties of the country in its store, a journal of a million entries.

Through the product's own functions, so that what is measured afterwards is the product's.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from certs.chain import TrustStore
from deploy.crowd.counties import MadeCounty
from hub.history import journal
from hub.history.journal import LogKey, NewLeaf
from hub.registry import county
from hub.store import Store
from schemas.leaf import Leaf

LEAVES_AT_ONCE: Final = 2000
_REFUSED: Final = "E-ADM-001"


def enrol(
    store: Store,
    made: Iterable[MadeCounty],
    *,
    chains: TrustStore,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> list[str]:
    """Enrol these counties as `hub county add` does; returns their codes. The broker is `provision.admit`'s."""
    cards = [each.card for each in made]
    county.enrol_many(store, cards, chains=chains, now=now, progress=progress)
    return [each.division_code for each in cards]


def grow_journal(
    store: Store,
    leaves: int,
    *,
    log: LogKey,
    now: datetime,
    at_once: int = LEAVES_AT_ONCE,
    progress: Callable[[int], None] = lambda _: None,
) -> datetime:
    """Append so many leaves in batches, a second apart from `now` on; returns the time of the last.

    They are refusals of messages without a usable id, which have no message row: a journal that is whole by itself.
    """
    signature, thumbprint, refusal = b"x" * 218, bytes(32), hashlib.sha256(b"refusal").digest()
    done = 0
    while done < leaves:
        count = min(at_once, leaves - done)
        now += timedelta(seconds=1)
        batch = [
            NewLeaf(
                source="-",
                message_id="-",
                leaf=Leaf(
                    envelope_sha256=hashlib.sha256(f"{done + at}".encode()).digest(),
                    signature=signature,
                    signer_thumbprint=thumbprint,
                    admitted_at=now,
                    verdict=_REFUSED,
                    detail_sha256=refusal,
                ),
            )
            for at in range(count)
        ]
        with store.write() as tx:
            journal.append(tx, batch, log=log, now=now)
        done += count
        progress(count)
    return now
