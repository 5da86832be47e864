"""Searching cases: every page together holds what fits, once, in order, however little is looked at at once."""

import itertools
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text

from hub.instants import to_millis
from hub.store import tables
from hub.views import casesearch
from hub.web.searchview import Sought
from schemas.errors import YunhuobanError
from schemas.lifecycle import CaseState
from tests.hub_world import World

BEGIN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
COUNTIES = ("130928", "140881", "340321")
ITEMS = ("11130928MB0000000X4000131001000", "11140881MB0000000X4000131001000")
STATES = [CaseState.SUBMITTED.value, CaseState.ACCEPTED.value, CaseState.CLOSED.value]
DAY = date(2026, 11, 21)
SEARCHES: list[dict[str, Any]] = [
    {},
    {"number": "1309"},
    {"number": "130928-20261121"},
    {"number": "130928", "day": DAY},
    {"number": "14", "state": "closed"},
    {"item": ITEMS[0]},
    {"item": ITEMS[1], "state": "accepted", "day": DAY},
    {"window": COUNTIES[0]},
    {"issuing": COUNTIES[1], "state": "closed"},
    {"window": COUNTIES[0], "issuing": COUNTIES[1]},
    {"window": COUNTIES[0], "issuing": COUNTIES[1], "day": DAY, "item": ITEMS[0]},
    {"day": DAY},
    {"day": DAY, "state": "submitted"},
    {"state": "accepted"},
    {"item": "nothing"},
    {"day": date(2020, 1, 1)},
]


def cases(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Rows of cases over four days; many are opened in the same millisecond."""
    chance = random.Random(seed)
    rows = []
    for serial in range(count):
        opened = BEGIN + timedelta(minutes=chance.randrange(4 * 24 * 6) * 10)
        window = chance.choice(COUNTIES)
        rows.append(
            {
                "case_no": f"{window}-{opened + timedelta(hours=8):%Y%m%d}-{serial:06}-{chance.choice('0A7Z')}",
                "window_county": window,
                "issuing_county": chance.choice(COUNTIES),
                "service_item": chance.choice(ITEMS),
                "state": chance.choice(STATES),
                "trial": False,
                "opened_at": to_millis(opened),
                "changed_at": to_millis(opened + timedelta(hours=chance.randrange(3))),
            }
        )
    return rows


def sought(**wanted: Any) -> Sought:
    """As the page makes it."""
    given = {"number": "", "item": "", "window": "", "issuing": "", "day": None, "state": ""} | wanted
    return Sought.typed(**given)


def fits(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """The same in plain words."""
    day = (datetime.fromtimestamp(row["opened_at"] / 1000, UTC) + timedelta(hours=8)).date()
    seen = {
        "item": row["service_item"], "window": row["window_county"], "issuing": row["issuing_county"], "day": day,
        "state": row["state"],
    }  # fmt: skip
    named = all(seen[name] == value for name, value in wanted.items() if name != "number")
    return named and row["case_no"].startswith(wanted.get("number", ""))


def test_all_pages_together_hold_what_fits(world: World, monkeypatch: pytest.MonkeyPatch):
    """Each once and in order, with pages of seven and thirty rows looked at: as if everything had been gone through."""
    monkeypatch.setattr(casesearch, "PAGE", 7)
    rows = cases(200)
    with world.store.write() as tx:
        tx.execute(insert(tables.cases), rows)
    with world.store.read() as tx:
        for wanted in SEARCHES:
            found, after = list[str](), ""
            while True:
                page = casesearch.search(tx, sought(**wanted), after, looked_at=30)
                assert len(page.rows) <= 7
                found += [row.case_no for row in page.rows]
                after = page.after
                if not after:
                    break
            assert sorted(found) == sorted(row["case_no"] for row in rows if fits(row, wanted)), wanted
            key = {row["case_no"]: (row["opened_at"], row["case_no"]) for row in rows}
            if set(wanted) == {"state"}:  # whoever has stood in it longest
                changed = {row["case_no"]: (row["changed_at"], row["case_no"]) for row in rows}
                assert found == sorted(found, key=changed.__getitem__)
            elif "number" in wanted:
                assert found == sorted(found, reverse=True)
            else:
                assert found == sorted(found, key=key.__getitem__, reverse=True)


def test_what_is_typed_is_taken_as_it_is_meant(world: World):
    """Small letters and blanks are forgiven, a pattern's signs mean nothing; a place no page gave is E-PAGE-110."""
    typed = sought(number=" 130928-20261121-000017-c ", item="%_x")
    assert (typed.number, typed.item, typed.anything, sought().anything) == (
        "130928-20261121-000017-C",
        "X",
        True,
        False,
    )
    assert sought(day=DAY, state="closed").query() == "day=2026-11-21&state=closed"
    with world.store.read() as tx:
        for wrong in ("x", "1", ":", "-1:a", f"{'9' * 16}:a", "１:a"):
            with pytest.raises(YunhuobanError, match="E-PAGE-110"):
                casesearch.search(tx, sought(state="closed"), wrong)


def test_a_search_that_takes_long_says_how_far_it_came(world: World, monkeypatch: pytest.MonkeyPatch):
    """Where each row must be fetched from a slow disk it stops in time, and the next page goes on behind it."""
    monkeypatch.setattr(casesearch, "AT_ONCE", 10)
    rows = cases(100)
    wanted = {"window": COUNTIES[0], "state": "closed"}
    with world.store.write() as tx:
        tx.execute(insert(tables.cases), rows)
    with world.store.read() as tx:
        looks = itertools.count(step=casesearch.LONGEST_SECONDS / 2)
        first = casesearch.search(tx, sought(**wanted), monotonic=lambda: next(looks))
        assert (first.partly, bool(first.after)) == (20, True)
        rest = casesearch.search(tx, sought(**wanted), first.after)
    assert (rest.partly, rest.after) == (0, "")
    found = [row.case_no for row in (*first.rows, *rest.rows)]
    assert sorted(found) == sorted(row["case_no"] for row in rows if fits(row, wanted))


@pytest.mark.both_stores
def test_every_search_goes_by_its_index(world: World):
    """No search reads or sorts the whole table, the first page and a later one: the database's own plan says so."""
    said: list[tuple[str, Any]] = []
    with world.store.write() as tx:
        tx.execute(insert(tables.cases), cases(3_000))
        if tx.dialect.name == "postgresql":
            tx.execute(text("ANALYZE cases"))
    with world.store.read() as tx:
        event.listen(tx, "before_cursor_execute", lambda _c, _cu, said_, given, _ctx, _m: said.append((said_, given)))
        served = tx.dialect.name == "postgresql"
        if served:
            for other in ("seqscan", "bitmapscan"):  # of a small table all is read sooner than some in order
                tx.execute(text(f"SET LOCAL enable_{other} = off"))
        for wanted in SEARCHES:
            said.clear()
            for after in ("", f"{to_millis(BEGIN + timedelta(days=2))}:130928-20261122-000001-0"):
                casesearch.search(tx, sought(**wanted), after)
            asked = [each for each in said if "FROM cases" in each[0]]
            assert len(asked) >= 2
            for statement, given in asked:
                plan = explained(tx, statement, given)
                assert any(each in plan for each in indexes_of(wanted, served=served)), (wanted, plan)
                assert not any(each in plan for each in ("Sort", "TEMP B-TREE", "Seq Scan", "SCAN cases\n")), plan


def explained(tx: Connection, statement: str, given: Any) -> str:
    """The database's plan of a statement."""
    how = "EXPLAIN" if tx.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    return "\n".join(str(row[-1]) for row in tx.exec_driver_sql(f"{how} {statement}", given)) + "\n"


def indexes_of(wanted: dict[str, Any], *, served: bool) -> tuple[str, ...]:
    """Which index a search must walk; by number SQLite walks the key's own.

    Of a pair and a day SQLite walks the issuing county's day, which is short, too.
    """
    if "number" in wanted:
        return ("cases_by_number",) if served else ("sqlite_autoindex_cases_1",)
    if "window" in wanted and "issuing" in wanted:
        return ("cases_by_pair", "cases_by_issuing") if "day" in wanted and not served else ("cases_by_pair",)
    by = next((each for each in ("window", "issuing", "item") if each in wanted), "")
    return (f"cases_by_{by}" if by else "cases_by_state" if set(wanted) == {"state"} else "cases_by_opening",)
