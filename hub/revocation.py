"""Brings new revocation lists in: from the folder where the authority's person puts them, to admission and broker.

`certs/crl/*.crl` in the hub's folder, DER. A changed file is checked, kept in the store (a verdict may have relied on
it), counted as a change of trust, and written where the broker looks for it. A bad file changes nothing.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection, insert, select, update

from certs import crl, keys
from certs.keys import Certificate, RevocationList
from hub import trust
from hub.instants import to_millis
from hub.store import Store, tables
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)


class RevocationFolder:
    """Watches one folder; `run_once` is called every second and costs a few stat calls."""

    def __init__(self, folder: Path, *, store: Store, authorities: Sequence[Certificate], broker_folder: Path) -> None:
        """`authorities` are the certificates that sign lists; `broker_folder` is the node's CRL folder."""
        self._folder = folder
        self._store = store
        self._authorities = authorities
        self._broker_folder = broker_folder
        self._seen: tuple[tuple[str, int, int], ...] = ()

    def run_once(self, now: datetime) -> bool:
        """Import what has changed; True when trust has changed."""
        state = tuple(
            (path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(self._folder.glob("*.crl"))
        )
        if not state or state == self._seen:
            return False
        try:
            lists = [crl.load(path) for path in sorted(self._folder.glob("*.crl"))]
            crl.write_hashed_crls(self._broker_folder, self._authorities, lists)
        except YunhuobanError as error:
            _log.error("crl.refused", code=str(error.code), place=error.place)
            self._seen = state
            return False
        with self._store.write() as tx:
            changed = _keep(tx, lists, now)
        self._seen = state
        return changed


def _keep(tx: Connection, lists: Sequence[RevocationList], now: datetime) -> bool:
    digests = {hashlib.sha256(keys.crl_der(each)).digest(): keys.crl_der(each) for each in lists}
    current = set(tx.execute(select(tables.crls.c.sha256).where(tables.crls.c.current)).scalars())
    if current == set(digests):
        return False
    tx.execute(update(tables.crls).values(current=False))
    for digest, der in digests.items():
        if tx.execute(update(tables.crls).where(tables.crls.c.sha256 == digest).values(current=True)).rowcount == 0:
            tx.execute(insert(tables.crls).values(sha256=digest, der=der, seen_at=to_millis(now), current=True))
    trust.bump(tx)
    return True
