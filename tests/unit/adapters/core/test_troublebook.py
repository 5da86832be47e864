"""The trouble book keeps everything that is wrong with a record, for the clerk and for county IT, and names nobody."""

from datetime import UTC, datetime

from sqlalchemy import select

from adapters.local import troublebook
from adapters.local.mapping import MappingFailed
from adapters.local.mapping.reading.cells import CELL_EMPTY, DOES_NOT_FIT
from adapters.store import tables
from schemas.errors import YunhuobanError
from tests.county_world import World

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
COLUMN = "表 t 行 1 “zjhm”列"
PERSON = "130928198501010014"


def noted(world: World, error: YunhuobanError) -> list[tuple[str, ...]]:
    """What the book says after this was noted."""
    with world.window.store.write() as tx:
        troublebook.note(tx, "local/1", error, NOW)
    columns = tables.troubles.c
    rows = world.window.rows(select(columns.code, columns.place, columns.found, columns.expected, columns.causes))
    return [tuple(row) for row in rows]


def test_one_column_that_is_wrong_for_two_fields_is_two_troubles(world: World) -> None:
    """The same code at the same place, each expecting something else: neither hides the other; once more is once."""
    failed = MappingFailed(
        [
            YunhuobanError(DOES_NOT_FIT, place=COLUMN, found="x", expected="整数", doc="份数"),
            YunhuobanError(DOES_NOT_FIT, place=COLUMN, found="x", expected="最多 3 字节", doc="方式"),
            YunhuobanError(CELL_EMPTY, place=COLUMN, expected="方式", doc="方式"),
        ],
        place="表 t 行 1",
    )
    wanted = [
        (DOES_NOT_FIT.code, COLUMN, "x", "整数", ""),
        (DOES_NOT_FIT.code, COLUMN, "x", "最多 3 字节", ""),
        (CELL_EMPTY.code, COLUMN, "", "方式", ""),
    ]
    assert noted(world, failed) == wanted
    assert noted(world, failed) == wanted


def test_it_keeps_what_stands_behind_and_no_number_of_a_person(world: World) -> None:
    """Cause types for county IT; a number in the wrong place is masked, whoever put it there."""
    error = YunhuobanError(DOES_NOT_FIT, place=f"表 t 行 {PERSON}", found=PERSON, expected=PERSON, doc=PERSON)
    error.__cause__ = TimeoutError("张三")
    ((_, place, found, expected, causes),) = noted(world, error)
    assert (place, found, expected) == ("表 t 行 130928********0014", "130928********0014", "130928********0014")
    assert causes == "TimeoutError"
    assert PERSON not in f"{world.window.rows(select(tables.troubles))}"
