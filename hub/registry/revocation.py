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
from certs.chain import REVOCATION_LIST_OLDER
from certs.keys import Certificate, RevocationList
from hub.instants import to_millis
from hub.registry import trust
from hub.store import STORE_FAILED, Store, tables
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
        self._news = False
        """The store has changed, and nobody was told yet."""

    def run_once(self, now: datetime) -> bool:
        """Import what has changed; True when trust has changed. Raises E-STORE-001 or E-CERT-… of a full disk.

        What was raised in between, the next call takes up, and it says what the one before could not.
        """
        state = self._state()
        if not state or state == self._seen:
            return False
        try:
            lists = [self._checked(crl.load(path)) for path in sorted(self._folder.glob("*.crl"))]
            with self._store.write() as tx:
                changed = _keep(tx, lists, now)
            self._news = self._news or changed
        except YunhuobanError as error:
            if error.code is STORE_FAILED:
                raise
            _log.error("crl.refused", code=error.code.code, place=error.place)
            self._seen = state
            return False
        # After the store, so that a list which admission refuses never reaches the broker.
        crl.write_hashed_crls(self._broker_folder, self._authorities, lists)
        self._seen = state
        news, self._news = self._news, False
        return news

    def _checked(self, revocation_list: RevocationList) -> RevocationList:
        """A list that a trust store takes; one that it refuses would stop all admission. Raises E-CERT-020 or -021."""
        if not any(crl.is_signed_by(revocation_list, each) for each in self._authorities):
            raise YunhuobanError(crl.REVOCATION_LIST_FOREIGN)
        if not crl.has_plain_scope(revocation_list):
            raise YunhuobanError(crl.REVOCATION_LIST_WITHOUT_NUMBER, place="extensions")
        crl.number(revocation_list)
        crl.next_update_at(revocation_list)
        return revocation_list

    def _state(self) -> tuple[tuple[str, int, int], ...]:
        """Name, time and size of each list; a file that goes away meanwhile is looked at next time."""
        try:
            stats = [(path.name, path.stat()) for path in sorted(self._folder.glob("*.crl"))]
        except FileNotFoundError:
            return ()
        return tuple((name, each.st_mtime_ns, each.st_size) for name, each in stats)


def _keep(tx: Connection, lists: Sequence[RevocationList], now: datetime) -> bool:
    """Each list takes the place of its issuer's older one. Raises E-CERT-056 for one that is older than that."""
    trust.lock(tx)
    current = [
        keys.crl_from_der(der) for der in tx.execute(select(tables.crls.c.der).where(tables.crls.c.current)).scalars()
    ]
    newest = {each.issuer: each for each in current}
    for each in lists:
        before = newest.get(each.issuer)
        if before is not None and crl.number(each) < crl.number(before):
            expected = f">= {crl.number(before)}"
            raise YunhuobanError(REVOCATION_LIST_OLDER, found=str(crl.number(each)), expected=expected)
        newest[each.issuer] = each
    if {_digest(each) for each in current} == {_digest(each) for each in newest.values()}:
        return False
    column = tables.crls.c.sha256
    tx.execute(update(tables.crls).values(current=False))
    for each in newest.values():
        digest = _digest(each)
        if tx.execute(update(tables.crls).where(column == digest).values(current=True)).rowcount == 0:
            row = {"sha256": digest, "der": keys.crl_der(each), "seen_at": to_millis(now), "current": True}
            tx.execute(insert(tables.crls).values(**row))
    trust.bump(tx)
    return True


def _digest(revocation_list: RevocationList) -> bytes:
    return hashlib.sha256(keys.crl_der(revocation_list)).digest()
