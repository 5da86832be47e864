"""What security decided at the pages about a county: who, when, why. A press of a button is decided once.

The row is written first in the transaction of what it decides: the same press again, from another process too, finds
it and does nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from hub.instants import to_millis
from hub.joining.tables import county_decisions
from hub.store.writing import insert_new
from schemas.errors import YunhuobanError, declare

ALREADY: Final = declare(
    "E-JOIN-046",
    "这一次按键已经办过，没有再办一次。",
    "请看页面上的现状。邀请码只显示一次：没有看到的，重新邀请，前一份随即作废。",
)
APPROVE: Final = "approve"
_table = county_decisions.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One press of a button."""

    press: str
    """Made with the page, so that a page sent twice decides once."""
    county: str
    act: str
    account: str
    reason: str


def keep(tx: Connection, decision: Decision, *, now: datetime) -> None:
    """Write it down before it is carried out. Raises E-JOIN-046 when this press was decided before."""
    values = {name: getattr(decision, name) for name in ("press", "county", "act", "account", "reason")}
    if not insert_new(tx, county_decisions, **values, decided_at=to_millis(now)):
        raise YunhuobanError(ALREADY, place="press")


def approvers(tx: Connection, county: str, *, since: int) -> frozenset[str]:
    """The accounts that pressed for approval since an invitation was made."""
    rows = select(_table.account).where(_table.county == county, _table.act == APPROVE, _table.decided_at >= since)
    return frozenset(tx.execute(rows).scalars())


def of_county(tx: Connection, county: str) -> Sequence[Any]:
    """Everything that was decided about a county, the newest first."""
    newest = select(county_decisions).where(_table.county == county)
    return tx.execute(newest.order_by(_table.decided_at.desc(), _table.press)).all()
