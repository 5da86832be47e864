"""Two workers that are told of scan codes at once: a locator has one owner, a license one code, no batch is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from hub.scanning.register import NOT_A_SCAN
from hub.store import tables
from tests.hub_world import ISSUING, WINDOW, World
from tests.unit.hub.side_by_side.together import at_once, begun, worker
from tests.unit.hub.test_scanning_register import LOCATOR, OTHER, scan

_scans = tables.license_scans


def verdicts(world: World) -> list[str]:
    """What became of each word."""
    rows = world.rows(select(tables.messages.c.verdict).where(tables.messages.c.type == "license.scannable"))
    return sorted(row.verdict for row in rows)


def test_two_counties_with_one_locator(world: World, pool: ThreadPoolExecutor):
    """One has it, the other is refused and keeps the code that it had."""
    begun(world)
    world.send(*[scan(world, each, locator=each.encode().ljust(32)) for each in (ISSUING, WINDOW)])
    world.later(seconds=1)
    hands = [worker(world, scan(world, each)) for each in (ISSUING, WINDOW)]
    at_once(world, pool, *[work for _, work in hands])
    assert verdicts(world) == [NOT_A_SCAN.code, "admitted", "admitted", "admitted"]
    owners = {row.county: row.locator for row in world.rows(select(_scans))}
    assert set(owners) == {ISSUING, WINDOW}
    assert sorted(each == LOCATOR for each in owners.values()) == [False, True]
    assert [len(link.acked) for link, _ in hands] == [1, 1]


def test_two_codes_of_one_license(world: World, pool: ThreadPoolExecutor):
    """The later word counts, whichever worker was first; neither is refused."""
    begun(world)
    first = scan(world, ISSUING)
    world.now += timedelta(seconds=1)
    second = scan(world, ISSUING, locator=OTHER)
    at_once(world, pool, *[worker(world, each)[1] for each in (second, first)])
    assert verdicts(world) == ["admitted", "admitted"]
    assert [row.locator for row in world.rows(select(_scans))] == [OTHER]
