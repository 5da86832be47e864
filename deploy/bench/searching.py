"""How long a search for a case takes among ten million messages: `python -m deploy.bench.searching`.

A store is filled (`deploy.bench.casestore`) for as many minutes as are given (MINUTES=60) or until there are so many
messages (MESSAGES=10000000): SQLite in `var/bench`, or with STORE_URL an empty PostgreSQL database, which is dropped by
whoever made it. Then every kind of search is made with random values, its first page and a page further on, and the
timeline of random cases; with SQLite also with nothing of the file in the machine's memory. At last admission is
measured with and without the indexes that searching needs (`deploy.bench.indexcost`).
Written to `var/bench/search-sqlite.json` or `search-postgresql.json`: how many rows there really were, and of every
kind the median, the 95th percentile and the worst of forty.
"""

import json
import os
import random
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table as Shown
from sqlalchemy import Connection, func, select

from deploy.bench import casestore, indexcost
from deploy.bench.children import ROOT
from hub.registry.calendars import calendar
from hub.store import Store, open_store, tables
from hub.views import casesearch, trace
from hub.web.searchview import Sought

FOLDER: Final = Path(os.environ.get("BENCH_FOLDER", ROOT / "var" / "bench")).resolve()
_TRIES: Final = 40
_LATER: Final = 4
"""How many pages further the later page is."""

Figures = dict[str, dict[str, float]]


def main() -> int:
    """Fill, measure, write, show."""
    minutes, most = float(os.environ.get("MINUTES", "60")), int(os.environ.get("MESSAGES", "10000000"))
    folder = FOLDER / "search"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    file = folder / "hub.sqlite"
    url = os.environ.get("STORE_URL", f"sqlite:///{file}")
    began = time.monotonic()
    with closing(open_store(url)) as store:  # closed, SQLite has everything in its one file
        casestore.fill(store, ends=began + minutes * 60, most=most)
    record: dict[str, Any] = {"filled_seconds": round(time.monotonic() - began)}
    with closing(open_store(url)) as store:
        kind = _kind(store)
        record |= {"store": kind} | _sizes(store, file)
        record["milliseconds"] = measure(store, lambda: None)
        if kind == "sqlite":
            record["cold_milliseconds"] = measure(store, lambda: _forget(file))
    record["admission"] = indexcost.measure(url, folder / "hub")
    (FOLDER / f"search-{kind}.json").write_text(
        json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    shutil.rmtree(folder)
    _show(record)
    return 0


def measure(store: Store, before: Callable[[], None]) -> Figures:
    """Every kind of search, after doing something before each; what a process loads once it has loaded."""
    figures = {}
    for name, run in _searches(store):
        run()
        rising = []
        for _time in range(_TRIES):
            before()
            rising.append(run())
        rising.sort()
        p95 = rising[int(len(rising) * 0.95) - 1]
        figures[name] = {
            "p50": round(statistics.median(rising), 1),
            "p95": round(p95, 1),
            "worst": round(rising[-1], 1),
        }
    return figures


def _kind(store: Store) -> str:
    with store.read() as tx:
        return tx.dialect.name


def _sizes(store: Store, file: Path) -> dict[str, Any]:
    with store.read() as tx:
        rows = {each.name: int(tx.execute(select(func.count()).select_from(each)).scalar_one())
                for each in (tables.cases, tables.messages)}  # fmt: skip
        if tx.dialect.name == "postgresql":
            size = tx.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
        else:
            size = file.stat().st_size
    return {"rows": rows, "bytes": int(size)}


def _forget(file: Path) -> None:
    """Have the machine forget what it keeps of the file; the two megabytes of SQLite's own stay."""
    number = os.open(file, os.O_RDONLY)
    try:
        os.posix_fadvise(number, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(number)


def _searches(store: Store) -> Iterator[tuple[str, Callable[[], float]]]:
    """Every kind, each call with other values."""
    chance = random.Random(2)
    with store.read() as tx:
        numbers = list(tx.execute(select(tables.cases.c.case_no).limit(100_000)).scalars())

    def any_day() -> date:
        return (casestore.BEGIN + timedelta(days=chance.randrange(casestore.DAYS))).date()

    def rare_pair() -> dict[str, Any]:
        return {"window": chance.choice(casestore.COUNTIES), "issuing": chance.choice(casestore.COUNTIES)}

    kinds: dict[str, Callable[[], dict[str, Any]]] = {
        "whole number": lambda: {"number": chance.choice(numbers)},
        "county and day of a number": lambda: {"number": chance.choice(numbers)[:15]},
        "county of a number": lambda: {"number": chance.choice(numbers)[:6]},
        "item": lambda: {"item": chance.choice(casestore.ITEMS)},
        "item and state": lambda: {"item": chance.choice(casestore.ITEMS), "state": chance.choice(casestore.OPEN)},
        "county pair": rare_pair,
        "county pair and state": lambda: {**rare_pair(), "state": chance.choice(casestore.OPEN)},
        "largest window county": lambda: {"window": casestore.COUNTIES[0]},
        "largest window county, rare state": lambda: {"window": casestore.COUNTIES[0], "state": "terminated"},
        "issuing county and day": lambda: {"issuing": chance.choice(casestore.COUNTIES), "day": any_day()},
        "day": lambda: {"day": any_day()},
        "day and item": lambda: {"day": any_day(), "item": chance.choice(casestore.ITEMS)},
        "state under way": lambda: {"state": chance.choice(casestore.OPEN)},
        "state closed": lambda: {"state": "closed"},
        "nothing fits": lambda: {"issuing": chance.choice(casestore.COUNTIES), "item": "nothing"},
    }
    for name, values in kinds.items():
        yield name, lambda values=values: _search(store, values())  # type: ignore[misc]
        yield f"{name}, page {_LATER + 1}", lambda values=values: _search(store, values(), _LATER)  # type: ignore[misc]
    yield "timeline of a case", lambda: _timeline(store, chance.choice(numbers))


def _search(store: Store, wanted: dict[str, Any], pages: int = 0) -> float:
    """Milliseconds of one search as the page does it; a later page is timed alone."""
    given = {"number": "", "item": "", "window": "", "issuing": "", "day": None, "state": ""} | wanted
    sought, after = Sought.typed(**given), ""
    with store.read() as tx:
        for _page in range(pages):
            after = casesearch.search(tx, sought, after).after
            if not after:
                break
    return _timed(store, lambda tx: casesearch.search(tx, sought, after))


def _timeline(store: Store, case_no: str) -> float:
    return _timed(
        store,
        lambda tx: trace.trace(
            tx, case_no, calendar=calendar(tx), now=casestore.BEGIN + timedelta(days=casestore.DAYS)
        ),
    )


def _timed(store: Store, work: Callable[[Connection], object]) -> float:
    began = time.perf_counter()
    with store.read() as tx:
        work(tx)
    return (time.perf_counter() - began) * 1000


def _show(record: dict[str, Any]) -> None:
    console = Console(highlight=False)
    for kept in ("milliseconds", "cold_milliseconds"):
        table = Shown(kept, "p50 ms", "p95 ms", "worst ms")
        for name, each in record.get(kept, {}).items():
            table.add_row(name, *(f"{each[key]:.1f}" for key in ("p50", "p95", "worst")))
        console.print(table)
    console.print({key: each for key, each in record.items() if not key.endswith("milliseconds")})


if __name__ == "__main__":
    sys.exit(main())
