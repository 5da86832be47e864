"""Counts attempts to get in, by account and by address, before anything is verified.

So that many at once are not more guesses than one after the other.
"""

from typing import Final

from sqlalchemy import Connection

from pages.people import events, lockout
from pages.people.events import What
from pages.people.lockout import OF_ACCOUNT, OF_ADDRESS, Tally
from pages.people.storing import Shelf
from pages.people.tallies import forget_old, keep_tally, of_account, of_address, tally_of
from schemas.errors import YunhuobanError, declare

WAIT: Final = declare(
    "E-PAGE-062",
    "失败次数太多，还要等 {found} 分钟才能再试。",
    "请过一会儿再登录；急用时请县信息中心用 adapter user unlock 解锁。",
)
_MINUTE_MILLIS: Final = 60_000


class Attempts:
    """The tallies of one store."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._tables = shelf.tables

    def begin(self, account: str, address: str) -> None:
        """Count an attempt. Raises E-PAGE-062 while nothing may be tried, whether the account exists or not."""
        now, left = self._shelf.now(), 0
        with self._shelf.store.write() as tx:
            forget_old(tx, self._tables, now)
            for subject, limit in _subjects(account, address):
                tally = tally_of(tx, self._tables, subject)
                if lockout.is_waiting(tally, now, limit):
                    left = max(left, tally.wait_until - now, _MINUTE_MILLIS)
                else:
                    keep_tally(tx, self._tables, subject, lockout.begun(tally, now))
        if left:
            raise YunhuobanError(WAIT, place="account", found=str(-(-left // _MINUTE_MILLIS)))

    def failed(self, account: str, address: str, *, known: bool) -> None:
        """It failed; the record says so, and by name only where there is such an account."""
        now, named = self._shelf.now(), account if known else ""
        with self._shelf.store.write() as tx:
            events.record(tx, self._tables, What.FAILED, at=now, account=named, by="", address=address)
            for (subject, limit), kind in zip(_subjects(account, address), ("account", "address"), strict=True):
                before = tally_of(tx, self._tables, subject)
                after = lockout.failed(before, now, limit)
                if after != before:
                    keep_tally(tx, self._tables, subject, after)
                    who = {"account": named, "by": "", "address": address, "detail": kind}
                    events.record(tx, self._tables, What.MADE_TO_WAIT, at=now, **who)

    def right(self, tx: Connection, account: str, address: str, *, whole: bool) -> None:
        """It was right and is taken back; `whole`: both factors were, and the account's failures are forgotten."""
        for subject, _limit in _subjects(account, address):
            tally = lockout.taken_back(tally_of(tx, self._tables, subject))
            keep_tally(tx, self._tables, subject, tally)
        if whole:
            keep_tally(tx, self._tables, of_account(account), Tally())


def _subjects(account: str, address: str) -> tuple[tuple[bytes, int], ...]:
    return ((of_account(account), OF_ACCOUNT), (of_address(address), OF_ADDRESS))
