"""How long a search for a case takes among millions of messages: `python -m deploy.bench.searching`.

A store is filled with whole cases, ten messages each, between 177 counties of which a few have most of the cases, for
as many minutes as are given (MINUTES=10) or until there are ten million messages (MESSAGES=10000000). Then every kind
of search is made with random values, its first page and a page further on, and the timeline of random cases is made.
Written to `var/bench/search.json`: how many rows there really were, and every kind's median, 95th percentile and worst.
The envelopes are small and their content is random: searching reads none of it.
"""

import json
import os
import random
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table as Shown
from sqlalchemy import Connection, func, select

from deploy.bench.children import ROOT
from deploy.bench.counties import ITEM
from hub.instants import to_millis
from hub.registry.calendars import calendar
from hub.store import Store, open_store, tables
from hub.store.bulk import insert_rows
from hub.views import casesearch, trace
from hub.web.searchview import Sought
from schemas import shapes
from schemas.envelope import Envelope
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from schemas.lifecycle import CaseState
from schemas.messages import TYPES

FOLDER: Final = Path(os.environ.get("BENCH_FOLDER", ROOT / "var" / "bench")).resolve()
PER_CASE: Final = 10
_COUNTIES: Final = [f"1309{number:02}" for number in range(1, 90)] + [f"1408{number:02}" for number in range(1, 89)]
_ITEMS: Final = [f"11130928MB0000000X4000{number:06}000" for number in range(400)]
_OPEN: Final = (CaseState.SUBMITTED.value, CaseState.ACCEPTED.value, CaseState.GRANTED.value, CaseState.LICENSED.value)
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_DAYS: Final = 330
_CHUNK: Final = 5_000
"""Cases of one transaction."""
_TRIES: Final = 40
_LATER: Final = 4
"""How many pages further the later page is."""


def main() -> int:
    """Fill, measure, write, show."""
    minutes, most = float(os.environ.get("MINUTES", "10")), int(os.environ.get("MESSAGES", "10000000"))
    folder = FOLDER / "search"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    store = open_store(f"sqlite:///{folder / 'hub.sqlite'}")
    try:
        began = time.monotonic()
        _fill(store, ends=began + minutes * 60, most=most)
        filled = time.monotonic() - began
        with store.read() as tx:
            counts = {each.name: int(tx.execute(select(func.count()).select_from(each)).scalar_one())
                      for each in (tables.cases, tables.messages)}  # fmt: skip
        figures = {name: _figures(run) for name, run in _searches(store)}
    finally:
        store.close()
    size = sum(each.stat().st_size for each in folder.iterdir())
    record = {"rows": counts, "filled_seconds": round(filled), "bytes": size, "milliseconds": figures}
    (FOLDER / "search.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    shutil.rmtree(folder)
    _show(record)
    return 0


def _fill(store: Store, *, ends: float, most: int) -> None:
    """Whole cases in chunks; the indexes of messages are made afterwards, which comes to the same."""
    later = [*tables.messages.indexes]
    with store.write() as tx:
        for index in later:
            index.drop(tx)
    chance, made = random.Random(1), 0
    weights = [1.0 / rank for rank in range(1, len(_COUNTIES) + 1)]
    bodies = _bodies()
    while made * PER_CASE < most and time.monotonic() < ends:
        windows = chance.choices(_COUNTIES, weights, k=_CHUNK)
        cases = [_case(made + at, window, chance) for at, window in enumerate(windows)]
        with store.write() as tx:
            insert_rows(tx, tables.cases, cases)
            insert_rows(tx, tables.messages, [row for case in cases for row in _messages(case, bodies)])
        made += _CHUNK
    with store.write() as tx:
        for index in later:
            index.create(tx)


def _case(serial: int, window: str, chance: random.Random) -> dict[str, Any]:
    opened = _BEGIN + timedelta(seconds=chance.randrange(_DAYS * 86400))
    under_way = chance.random() < 0.02
    return {
        "case_no": f"{window}-{opened + timedelta(hours=8):%Y%m%d}-{serial % 1_000_000:06}-{chance.choice('0A7Z')}",
        "window_county": window,
        "issuing_county": chance.choice(_COUNTIES),
        "service_item": chance.choice(_ITEMS),
        "state": chance.choice(_OPEN) if under_way else CaseState.CLOSED.value,
        "trial": False,
        "opened_at": to_millis(opened),
        "changed_at": to_millis(opened + timedelta(days=chance.randrange(10))),
    }


def _messages(case: dict[str, Any], bodies: dict[str, bytes]) -> Iterator[dict[str, Any]]:
    for step in range(PER_CASE):
        kind = "message.received" if step % 2 else "application.submitted"
        source, destination = case["window_county"], case["issuing_county"]
        at = case["opened_at"] + step * 3_600_000
        yield {
            "source": destination if step % 2 else source,
            "message_id": f"{case['case_no']}-{step}",
            "envelope_sha256": bytes(32),
            "state": "admitted",
            "type": kind,
            "destination": source if step % 2 else destination,
            "case_no": case["case_no"],
            "prev": None,
            "in_reply_to": f"{case['case_no']}-{step - 1}" if step % 2 else None,
            "sent_at": at,
            "expires_at": at,
            "admitted_at": at,
            "body": bodies[kind],
            "signature": "s" * 200,
            "evidence": None,
            "verdict": "admitted",
            "batch": at,
            "received_at": at,
        }


def _bodies() -> dict[str, bytes]:
    """One envelope of each kind, as long as they are without content."""
    found = {}
    opened = {"mode": "relayed", "alliance": "", "material_codes": []}
    facts: dict[str, dict[str, Any]] = {"application.submitted": opened,
             "message.received": {"envelope_sha256": bytes(32)}}  # fmt: skip
    for kind, said in facts.items():
        envelope = Envelope(
            id="0193a5c0-0000-7000-8000-000000000001",
            source="130928",
            destination="140881",
            type=kind,
            case_no=str(CaseNo.mint(DivisionCode.parse("130928"), _BEGIN.date(), 17)),
            service_item=ITEM,
            in_reply_to="0193a5c0-0000-7000-8000-000000000002" if kind == "message.received" else None,
            time=_BEGIN,
            expires=_BEGIN + timedelta(days=20),
            trial=False,
            dataschema=shapes.dataschema(TYPES[kind].record),
            facts=said,
            encrypted_for=bytes(32),
            data_commitment=bytes(32),
            data=bytes(64),
        )
        found[kind] = envelope.to_bytes()
    return found


def _searches(store: Store) -> Iterator[tuple[str, Callable[[], float]]]:
    """Every kind, each call with other values."""
    chance = random.Random(2)
    with store.read() as tx:
        numbers = list(tx.execute(select(tables.cases.c.case_no).limit(100_000)).scalars())

    def any_day() -> date:
        return (_BEGIN + timedelta(days=chance.randrange(_DAYS))).date()

    def rare_pair() -> dict[str, Any]:
        return {"window": chance.choice(_COUNTIES), "issuing": chance.choice(_COUNTIES)}

    kinds: dict[str, Callable[[], dict[str, Any]]] = {
        "whole number": lambda: {"number": chance.choice(numbers)},
        "county and day of a number": lambda: {"number": chance.choice(numbers)[:15]},
        "county of a number": lambda: {"number": chance.choice(numbers)[:6]},
        "item": lambda: {"item": chance.choice(_ITEMS)},
        "item and state": lambda: {"item": chance.choice(_ITEMS), "state": chance.choice(_OPEN)},
        "county pair": rare_pair,
        "county pair and state": lambda: {**rare_pair(), "state": chance.choice(_OPEN)},
        "largest window county": lambda: {"window": _COUNTIES[0]},
        "largest window county, rare state": lambda: {"window": _COUNTIES[0], "state": "terminated"},
        "issuing county and day": lambda: {"issuing": chance.choice(_COUNTIES), "day": any_day()},
        "day": lambda: {"day": any_day()},
        "day and item": lambda: {"day": any_day(), "item": chance.choice(_ITEMS)},
        "state under way": lambda: {"state": chance.choice(_OPEN)},
        "state closed": lambda: {"state": "closed"},
        "nothing fits": lambda: {"issuing": chance.choice(_COUNTIES), "item": "nothing"},
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
    return _timed(store, lambda tx: trace.trace(tx, case_no, calendar=calendar(tx), now=_BEGIN + timedelta(days=_DAYS)))


def _timed(store: Store, work: Callable[[Connection], object]) -> float:
    began = time.perf_counter()
    with store.read() as tx:
        work(tx)
    return (time.perf_counter() - began) * 1000


def _figures(run: Callable[[], float]) -> dict[str, float]:
    rising = sorted(run() for _time in range(_TRIES))
    p95 = rising[int(len(rising) * 0.95) - 1]
    return {"p50": round(statistics.median(rising), 1), "p95": round(p95, 1), "worst": round(rising[-1], 1)}


def _show(record: dict[str, Any]) -> None:
    table = Shown("", "p50 ms", "p95 ms", "worst ms")
    for name, each in record["milliseconds"].items():
        table.add_row(name, *(f"{each[key]:.1f}" for key in ("p50", "p95", "worst")))
    console = Console(highlight=False)
    console.print(table)
    console.print(f"{record['rows']}, {record['filled_seconds']} s, {record['bytes'] / 1e9:.1f} GB")


if __name__ == "__main__":
    sys.exit(main())
