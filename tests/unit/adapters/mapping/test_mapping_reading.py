"""Reading a local record: whatever is wrong with a cell has its own code, its column, and says what belongs there."""

from pathlib import Path

import pytest

from adapters.mapping import MappingFailed, load_mapping
from adapters.sources import LocalRecord
from adapters.sources.opening import open_source
from tests.unit.adapters.mapping.test_mapping_document import GOOD, load, record

YONGJI = Path(__file__).parents[4] / "adapters" / "counties" / "yongji_140881"
COLUMNS = 'columns = ["号", "标识", "时间", "方式", "人"]'
CLERK = 'via = ["trim"]'


def problems(mapping, local: LocalRecord) -> list[tuple[str, bool]]:
    """The code of every problem of a record, and whether it says what belongs there."""
    with pytest.raises(MappingFailed) as failed:
        mapping.read(local)
    whole, found = failed.value, failed.value.problems
    assert (whole.code.code, whole.place, whole.found) == ("E-MAP-001", local.place, str(len(found)))
    return [(each.code.code, bool(each.expected)) for each in found]


@pytest.mark.parametrize(
    ("via", "cells", "code"),
    [
        ("trim", {"人": b"\x00"}, "E-MAP-011"),
        ("date", {"人": "2026-02-31"}, "E-MAP-012"),
        ("trim", {"时间": "昨天"}, "E-MAP-013"),
        ("yuan", {"人": "很多"}, "E-MAP-014"),
        ("amount_words", {"人": "佰万元"}, "E-MAP-014"),
        ("integer", {"人": "两份"}, "E-MAP-015"),
        ("phone", {"人": "0317-7240000"}, "E-MAP-016"),
        ("item", {"人": "000131127004"}, "E-MAP-017"),
        ("trim", {"人": " "}, "E-MAP-022"),
        ("trim", {"方式": "9"}, "E-MAP-024"),
        ("trim", {"标识": "证" * 500}, "E-MAP-026"),
    ],
)
def test_each_wrong_cell_has_its_code(tmp_path, via, cells, code):
    """A cell that a function, a code table or the contract refuses is one problem, with what should stand there."""
    mapping = load(tmp_path, GOOD.replace(CLERK, f'via = ["{via}"]'))
    assert (code, True) in problems(mapping, record(**cells))


def test_a_record_that_no_rule_knows(tmp_path):
    """A row of a kind that the mapping neither reads nor ignores is told, never dropped."""
    mapping = load(tmp_path, GOOD)
    assert problems(mapping, LocalRecord(kind="别的", key="1", row={"号": "1"}, place="p")) == [("E-MAP-021", False)]


@pytest.mark.parametrize("rows", [[], [{"人": "甲"}, {"人": "乙"}]])
def test_a_table_that_should_have_one_row(tmp_path, rows):
    """A column of a table beside the record is read only when that table has exactly one row for it."""
    text = GOOD.replace('from = "人"', 'from = "经办.人"').replace(COLUMNS, "columns = []")
    mapping = load(tmp_path, text)
    local = record()
    beside = LocalRecord(kind=local.kind, key=local.key, row=local.row, place=local.place, children={"经办": rows})
    assert problems(mapping, beside) == [("E-MAP-025", True)]


@pytest.mark.parametrize(
    ("materials", "code"), [("章程|1|原件|；" * 200, "E-MAP-027"), ("章程|1|原件|；证明|2", "E-MAP-029")]
)
def test_a_list_in_one_cell(materials, code):
    """A list that is longer than the contract allows, and one with a piece missing, are refused as a whole."""
    mapping = load_mapping(YONGJI)
    records = open_source(mapping, str(YONGJI / "samples")).poll(None, 50).records
    local = next(each for each in records if "材料清单" in each.row)
    spoiled = LocalRecord(kind=local.kind, key=local.key, row={**local.row, "材料清单": materials}, place=local.place)
    assert (code, True) in problems(mapping, spoiled)
