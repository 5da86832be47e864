"""Several windows press at once, on either store: each application is one case, and no two have the same number."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.hall.taking.taker import Taker
from adapters.store import tables
from tests.county_stores import stored
from tests.county_world import ISSUING, ITEM, World
from tests.databases import Databases
from tests.taking_world import CLERK, WHOLE, publish, taker_of

PRESSES, WINDOWS = 4, 4


@pytest.fixture
def taker(world: World, databases: Databases, tmp_path: Path) -> Iterator[Taker]:
    """The window's, over a store of the kind that is tested."""
    with stored(world, world.window, databases, tmp_path):
        publish(world)
        yield taker_of(world)


def test_presses_at_once_make_one_case_each(taker, world):
    """Every draft pressed several times at the same moment, all drafts together: as many cases as drafts."""
    drafts = [taker.start(ISSUING, ITEM, person=CLERK, window_no=f"0{n}", trial=False) for n in range(WINDOWS)]
    for draft in drafts:
        taker.keep(draft, WHOLE, CLERK)
    with ThreadPoolExecutor(PRESSES * WINDOWS) as together:
        pressed = [(draft, together.submit(taker.submit, draft, 1, CLERK)) for draft in drafts for _ in range(PRESSES)]
        told = {(draft, each.result()) for draft, each in pressed}
    assert len(told) == len({case_no for _draft, case_no in told}) == WINDOWS
    columns = tables.outbox.c
    sent = world.window.rows(select(columns.case_no).where(columns.type == "application.submitted"))
    assert sorted(case_no for (case_no,) in sent) == sorted(case_no for _draft, case_no in told)
