"""A stock book of one county in a test: boxes come in, sheets go out, in the words of `adapters.hall.stock`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.hall.stock import book, receiving
from adapters.hall.stock.receiving import Delivery, Received
from adapters.hall.stock.serials import span
from adapters.hall.stock.tables import RUNS, SERIES
from certs.atrest import AtRest

KIND: Final = "business-license-duplicate"
BODY: Final = "国家市场监督管理总局"
NOW: Final = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
KEEPER, CLERK, OTHER = "k01", "c07", "c08"


def serial(number: int) -> str:
    """A number of the box that these tests receive."""
    return f"冀A{number:08}"


def box(first: int = 1, last: int = 500, **changes: Any) -> Delivery:
    """A box as it comes, changed as told."""
    return Delivery(
        **{
            "kind": KIND,
            "issuing_body": BODY,
            "span": span(serial(first), serial(last)),
            "delivery_note": "SH-2026-0017",
            "supplier": "省市场监督管理局",
            "counted": last - first + 1,
        }
        | changes
    )


def sealing(folder: Path) -> AtRest:
    """Storage keys of a test."""
    place = folder / "storage"
    return AtRest(place) if place.exists() else AtRest.create(place)


def receive(tx: Connection, keys: AtRest, first: int = 1, last: int = 500, **changes: Any) -> Received:
    """A box into stock."""
    return receiving.receive(tx, box(first, last, **changes), by=KEEPER, now=NOW, sealing=keys)


def loaded(tx: Connection, first: int, last: int, *, station: str, clerk: str = CLERK, tray: str = "1") -> None:
    """Issued to a clerk and put into a tray."""
    numbers = span(serial(first), serial(last))
    book.issue(tx, KIND, numbers, by=KEEPER, to=clerk, now=NOW)
    book.load(tx, KIND, numbers, by=clerk, station=station, tray=tray, now=NOW)


def lying(tx: Connection) -> list[tuple[int, int, str]]:
    """Every run of the book: first, last, state."""
    rows = tx.execute(
        select(RUNS.c.first, RUNS.c.last, RUNS.c.state)
        .join_from(RUNS, SERIES, RUNS.c.series == SERIES.c.id)
        .where(RUNS.c.last >= 0)
        .order_by(SERIES.c.id, RUNS.c.first)
    )
    return [(row.first, row.last, str(row.state)) for row in rows]
