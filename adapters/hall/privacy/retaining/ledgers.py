"""What stands in books that stay: old looks and account events go, names in ledgers are taken out of their lines.

The print ledger and the stock ledger are permanent; whoever acted stands there as an account. So a name is in one
place only, and gone from every line once it is gone from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from adapters.hall.people.tables import TABLES
from adapters.hall.privacy.exporting.book import State
from adapters.hall.privacy.retaining.rule import before
from adapters.hall.privacy.tables import exports
from adapters.hall.revealing.tables import reveals
from adapters.hall.stock.tables import RECEIPTS
from adapters.instants import to_millis
from pages.people.accounts import State as AccountState
from pages.people.events import What


@dataclass(frozen=True, slots=True)
class Looks:
    """Lines of the book of looks."""

    name: str
    days: int

    def due(self, tx: Connection, now: datetime, most: int) -> Sequence[str]:
        """Their numbers."""
        old = select(reveals.c.id).where(reveals.c.revealed_at < before(now, self.days))
        return [str(each) for each in tx.execute(old.order_by(reveals.c.id).limit(most)).scalars()]

    def erase(self, tx: Connection, keys: Sequence[str], now: datetime) -> None:  # noqa: ARG002 -- as every rule
        """Delete them."""
        tx.execute(delete(reveals).where(reveals.c.id.in_([int(each) for each in keys])))


@dataclass(frozen=True, slots=True)
class AccountEvents:
    """Lines of the record of accounts, with the addresses from which people signed in."""

    name: str
    days: int

    def due(self, tx: Connection, now: datetime, most: int) -> Sequence[str]:
        """Their numbers; when somebody left is known for as long as the name."""
        events = TABLES.events.c
        old = select(events.id).where(events.at < before(now, self.days), events.what != What.LEFT.value)
        return [str(each) for each in tx.execute(old.order_by(events.id).limit(most)).scalars()]

    def erase(self, tx: Connection, keys: Sequence[str], now: datetime) -> None:  # noqa: ARG002 -- as every rule
        """Delete them."""
        tx.execute(delete(TABLES.events).where(TABLES.events.c.id.in_([int(each) for each in keys])))


@dataclass(frozen=True, slots=True)
class Names:
    """Names of people who left: the account stays, because ledgers name it."""

    name: str
    days: int

    def due(self, tx: Connection, now: datetime, most: int) -> Sequence[str]:
        """Their accounts."""
        accounts, events = TABLES.accounts.c, TABLES.events.c
        lately = select(events.id).where(
            events.account == accounts.account, events.what == What.LEFT.value, events.at >= before(now, self.days)
        )
        left = select(accounts.account).where(accounts.state == AccountState.LEFT.value, ~lately.exists())
        named = left.where(func.length(accounts.name_sealed) > 0)
        return list(tx.execute(named.order_by(accounts.account).limit(most)).scalars())

    def erase(self, tx: Connection, keys: Sequence[str], now: datetime) -> None:  # noqa: ARG002 -- as every rule
        """Take the name out."""
        tx.execute(update(TABLES.accounts).where(TABLES.accounts.c.account.in_(keys)).values(name_sealed=b""))


@dataclass(frozen=True, slots=True)
class Suppliers:
    """From whom blank stock came, as typed: it may name who brought it. The receipt stays, with its count."""

    name: str
    days: int

    def due(self, tx: Connection, now: datetime, most: int) -> Sequence[str]:
        """Numbers of receipts."""
        columns = RECEIPTS.c
        old = select(columns.receipt_no).where(columns.received_at < before(now, self.days))
        named = old.where(func.length(columns.supplier_sealed) > 0)
        return [str(each) for each in tx.execute(named.order_by(columns.receipt_no).limit(most)).scalars()]

    def erase(self, tx: Connection, keys: Sequence[str], now: datetime) -> None:  # noqa: ARG002 -- as every rule
        """Take the name out."""
        here = RECEIPTS.c.receipt_no.in_([int(each) for each in keys])
        tx.execute(update(RECEIPTS).where(here).values(supplier_sealed=b""))


@dataclass(frozen=True, slots=True)
class Exports:
    """Requests nobody decided and files nobody took, by the time that each was given; the line stays."""

    name: str
    days: int

    def due(self, tx: Connection, now: datetime, most: int) -> Sequence[str]:
        """Their numbers."""
        columns = exports.c
        waiting = columns.state.in_((State.ASKED.value, State.MADE.value)) & (columns.expires_at <= to_millis(now))
        return [str(each) for each in tx.execute(select(columns.export_no).where(waiting).limit(most)).scalars()]

    def erase(self, tx: Connection, keys: Sequence[str], now: datetime) -> None:  # noqa: ARG002 -- as every rule
        """Wipe the file and of whom it was."""
        here = exports.c.export_no.in_([int(each) for each in keys])
        gone = {"state": State.EXPIRED.value, "file_sealed": None, "about_sealed": None}
        tx.execute(update(exports).where(here).values(**gone))
