"""Reading a local record: whatever is wrong with a cell has its own code, its column, and says what belongs there."""

from datetime import date
from pathlib import Path

import pytest

from adapters.local.mapping import MappingFailed, load_mapping
from adapters.local.sources import LocalRecord
from adapters.local.sources.opening import open_source
from tests.unit.adapters.mapping.test_mapping_document import GOOD, load, record

YONGJI = Path(__file__).parents[4] / "adapters" / "counties" / "yongji_140881"
COLUMNS = 'columns = ["号", "标识", "时间", "方式", "人"]'
CLERK = 'via = ["trim"]'


def yongji(folder: Path, trial: str) -> Path:
    """A folder with 永济's mapping, whose trial mark comes from elsewhere; without a text it says nothing of it."""
    text = (YONGJI / "mapping.toml").read_text(encoding="utf-8")
    line = 'trial = { from = "试办", table = "试办" }'
    assert line in text
    (folder / "mapping.toml").write_text(text.replace(line, trial), encoding="utf-8")
    return folder


def application(**cells: object) -> LocalRecord:
    """The first application of 永济's samples, which is on trial, with other cells."""
    records = open_source(load_mapping(YONGJI), str(YONGJI / "samples")).poll(None, 50).records
    local = next(each for each in records if each.kind == "办件申请")
    return LocalRecord(kind=local.kind, key=local.key, row={**local.row, **cells}, place=local.place)


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
        ("flag", {"人": "也许"}, "E-MAP-018"),
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


def test_every_wrong_line_of_a_cell_is_told(tmp_path):
    """A cell cut into lines, two of them wrong: two problems, each with the number of its line."""
    mapping = load_mapping(yongji(tmp_path, ""))
    with pytest.raises(MappingFailed) as failed:
        mapping.read(application(材料清单="公司章程；住所使用证明|1|原件|；；身份证|1"))
    places = [each.place for each in failed.value.problems if each.code.code == "E-MAP-029"]
    assert [place.rpartition("列 ")[2] for place in places] == ["第 1 条", "第 3 条"]


def test_two_tables_without_their_row_are_two_problems(tmp_path):
    """Each names its table, so that neither hides the other."""
    text = GOOD.replace('from = "人"', 'from = "经办.人"').replace(COLUMNS, "columns = []")
    text = text.replace('"时间"', '"受理.时间"')
    with pytest.raises(MappingFailed) as failed:
        load(tmp_path, text).read(record())
    assert [each.place.rpartition(" ")[2] for each in failed.value.problems] == ["受理", "经办"]


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


@pytest.mark.parametrize(
    ("rule", "cell", "trial"),
    [
        ('trial = { from = "试办", table = "试办" }', "是", True),
        ('trial = { from = "试办", table = "试办" }', "", False),
        ('trial = { from = "试办", table = "试办", empty = true }', "", True),
        ('trial = { from = "试办", table = "试办", otherwise = false }', "正式", False),
        ('trial = { from = "试办", via = ["blank", "flag"] }', "无", False),
        ('trial = { from = "试办", via = ["flag"] }', "Ｙ", True),
        ('trial = { from = "试办", via = ["flag"] }', True, True),
        ('trial = { from = "试办", via = ["flag"] }', 0, False),
        ("trial = { const = true }", "否", True),
        ("trial = { const = false }", "是", False),
        ("", "是", False),
    ],
)
def test_whether_a_case_is_on_trial_is_said_in_the_countys_terms(tmp_path, rule, cell, trial):
    """A code, a flag or a fixed value says it; a county that says nothing of it, or an empty cell, has real cases."""
    found = load_mapping(yongji(tmp_path, rule)).read(application(试办=cell))
    assert found is not None
    assert found.trial is trial


@pytest.mark.parametrize(
    ("rule", "cell", "code"),
    [
        ('trial = { from = "试办", table = "试办" }', "也许", "E-MAP-024"),
        ('trial = { from = "试办", via = ["flag"] }', "也许", "E-MAP-018"),
        ('trial = "试办"', "是", "E-MAP-026"),
        ('trial = { from = "试行" }', "是", "E-MAP-046"),
    ],
)
def test_nonsense_in_the_trial_mark_is_never_taken_for_no(tmp_path, rule, cell, code):
    """A case that was meant for trial must not become a real one by a slip of the pen."""
    try:
        mapping = load_mapping(yongji(tmp_path, rule))
    except MappingFailed as failed:
        assert [each.code.code for each in failed.problems] == [code]  # noqa: PT017 -- told at loading, else at reading
    else:
        assert problems(mapping, application(试办=cell)) == [(code, True)]


@pytest.mark.parametrize(
    "rule",
    [
        'trial = { const = "试办" }',
        "trial = { const = 7 }",
        'trial = { from = "试办", table = "申请人类型" }',
        'trial = { from = "试办", empty = "是" }',
    ],
)
def test_a_trial_mark_is_true_or_false(tmp_path, rule):
    """Whatever else a fixed value or a code table would make of it is found when the mapping is loaded."""
    with pytest.raises(MappingFailed) as failed:
        load_mapping(yongji(tmp_path, rule))
    assert {each.code.code for each in failed.value.problems} == {"E-MAP-045"}


def test_only_an_application_is_marked(tmp_path):
    """The other steps are what their case is."""
    with pytest.raises(MappingFailed) as failed:
        load(tmp_path, GOOD.replace('case = "号"', 'case = "号"\ntrial = { const = true }'))
    assert [each.code.code for each in failed.value.problems] == ["E-MAP-041"]


PART = {"name": "姓名", "sex": "性别", "born_on": "出生", "identity_no": "证号", "address": "住址"}
"""The part of an application for an elder's card, and the columns of a table that asks for one."""
ELDER = {"姓名": "欧阳𠮷", "性别": "女", "出生": "1952-03-05", "证号": "130928195203050014", "住址": "某某大街１号"}


def with_part(folder: Path, fields: dict[str, str]) -> Path:
    """永济's mapping, which reads these fields of an elder's card besides."""
    text = (YONGJI / "mapping.toml").read_text(encoding="utf-8")
    line = '"registration.business_scope" = "经营范围"\n'
    assert text.count(line) == 1
    more = "".join(
        f'"elder.{name}" = {{ from = "{column}", via = ["{"date" if name == "born_on" else "trim"}"] }}\n'
        for name, column in fields.items()
    )
    columns = "".join(f', "{column}"' for column in fields.values())
    before = '"经营范围"'
    assert before in text
    (folder / "mapping.toml").write_text(text.replace(before, before + columns, 1).replace(line, line + more))
    return folder


def test_a_part_of_the_record_is_there_as_a_whole_or_not_at_all(tmp_path):
    """A row for an elder's card has the part; one whose cells of it are all empty has none; one in between is told."""
    mapping = load_mapping(with_part(tmp_path, PART))
    read = mapping.read(application(**ELDER))
    assert read is not None
    elder = {name: ELDER[column] for name, column in PART.items()} | {"born_on": date(1952, 3, 5)}
    assert (read.canonical["elder"], read.canonical["food"]) == (elder, None)
    none = mapping.read(application(**dict.fromkeys(ELDER, "")))
    assert none is not None
    assert none.canonical["elder"] is None
    with pytest.raises(MappingFailed) as failed:
        mapping.read(application(**ELDER | {"住址": " "}))
    (problem,) = failed.value.problems
    assert (problem.code.code, "“住址”列" in problem.place, problem.expected) == ("E-MAP-022", True, "住址")


def test_a_part_that_is_mapped_is_mapped_whole(tmp_path):
    """A mapping that knows half of an elder's card would make none that can be issued: what is missing is named."""
    some = {name: column for name, column in PART.items() if name != "address"}
    with pytest.raises(MappingFailed) as failed:
        load_mapping(with_part(tmp_path, some))
    assert [(each.code.code, each.params["path"]) for each in failed.value.problems] == [("E-MAP-044", "elder.address")]
