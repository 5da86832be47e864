"""Reading mapping.toml: mistakes are found when it is loaded, all together, each with the nearest right word."""

from pathlib import Path

import pytest

from adapters.local.mapping import MappingFailed, load_mapping
from adapters.local.sinks.opening import open_sink
from adapters.local.sources import LocalRecord
from adapters.local.sources.opening import open_source
from schemas.errors import YunhuobanError

GOOD = """
county = "130928"
name = "试验县"
[source]
type = "csv"
[source.files."送达"]
pattern = "*.csv"
key = ["号"]
columns = ["号", "标识", "时间", "方式", "人"]
[sink]
type = "csv"
[sink.files."回告"]
columns = ["号", "码"]
[tables.m]
"1" = "in_person"
[read."case.handed_over"]
kind = "送达"
case = "号"
[read."case.handed_over".fields]
"license_identifier" = "标识"
"handed_over_at" = { from = "时间", via = ["datetime"] }
"method" = { from = "方式", table = "m" }
"recipient" = "人"
"waybill" = { const = "" }
"clerk" = { from = "人", via = ["trim"] }
[[write."message.refused"]]
kind = "回告"
key = "{context.case_no}"
[write."message.refused".row]
"号" = "context.local_case"
"码" = "code"
"""


def load(folder: Path, text: str, overrides: str | None = None):
    """Write a county's folder and load it."""
    named = "" if overrides is None else 'overrides = "overrides.py"\n'
    (folder / "mapping.toml").write_text(named + text, encoding="utf-8")
    if overrides is not None:
        (folder / "overrides.py").write_text(overrides, encoding="utf-8")
    return load_mapping(folder)


def record(**cells: object) -> LocalRecord:
    """Make a hand-over row of the little county above."""
    row = {"号": "1", "标识": "L", "时间": "2026-11-22 10:00", "方式": "1", "人": "甲"} | cells
    return LocalRecord(kind="送达", key="1", row=row, place="文件 a.csv 第 2 行")


def test_the_good_one_loads(tmp_path):
    """The mapping that the other tests spoil is right, and its ends can be opened."""
    mapping = load(tmp_path, GOOD)
    found = mapping.read(record())
    assert found is not None
    assert found.canonical["method"] == "in_person"
    assert open_source(mapping, str(tmp_path)).poll(None, 5).records == []
    assert open_sink(mapping, str(tmp_path))


@pytest.mark.parametrize(
    ("right", "wrong", "code", "nearest"),
    [
        ('"waybill"', '"waybil"', "E-MAP-041", "waybill"),
        ('via = ["datetime"]', 'via = ["datetim"]', "E-MAP-041", "datetime"),
        ('table = "m"', 'tabel = "m"', "E-MAP-041", "table"),
        ('from = "方式", table = "m"', 'from = "方式", table = "n"', "E-MAP-041", "m"),
        ('[read."case.handed_over"]', '[read."case.handed_out"]', "E-MAP-041", "case.handed_over"),
        ('"码" = "code"', '"码" = "cod"', "E-MAP-041", "code"),
        ('"{context.case_no}"', '"{context.case}"', "E-MAP-041", "context.case_no"),
        ('case = "号"', 'case = "编号"', "E-MAP-046", "号"),
        ('"码" = "code"', '"代码" = "code"', "E-MAP-046", "码"),
        ('"recipient" = "人"', "", "E-MAP-044", None),
        ('kind = "回告"', "kind = 3", "E-MAP-043", None),
        ('name = "试验县"', "", "E-MAP-042", None),
        ('"method" = { from = "方式", table = "m" }', '"method" = { const = "by_drone" }', "E-MAP-045", None),
        ('county = "130928"', 'county = "130928"\ncolour = 1', "E-MAP-041", None),
    ],
)
def test_every_misspelling_is_named(tmp_path, right, wrong, code, nearest):
    """An unknown key, function, table, path or column is an error that names the nearest known one."""
    assert right in GOOD
    with pytest.raises(MappingFailed) as failed:
        load(tmp_path, GOOD.replace(right, wrong, 1))
    found = [each for each in failed.value.problems if each.code.code == code]
    assert found, [(each.code.code, each.params) for each in failed.value.problems]
    if nearest:
        assert found[0].params["nearest"] == nearest


def test_all_mistakes_at_once(tmp_path):
    """Three mistakes are three problems of one error."""
    spoiled = (
        GOOD.replace('"waybill"', '"waybil"').replace('["trim"]', '["trin"]').replace('table = "m"', 'table = "x"')
    )
    with pytest.raises(MappingFailed) as failed:
        load(tmp_path, spoiled)
    assert len(failed.value.problems) >= 3


@pytest.mark.parametrize(("text", "code"), [(None, "E-MAP-051"), ("a = [", "E-MAP-052"), ("号 = 1", "E-MAP-052")])
def test_files_that_cannot_be_read(tmp_path, text, code):
    """No file, and a file that is no TOML, say so."""
    with pytest.raises(YunhuobanError) as failed:
        load_mapping(tmp_path) if text is None else load(tmp_path, text)
    assert failed.value.code.code == code


def test_wrong_ends_are_named(tmp_path):
    """A misspelt setting of the source is found when it is opened."""
    mapping = load(tmp_path, GOOD.replace('type = "csv"\n[source.files', 'type = "csv"\nfoldr = "x"\n[source.files', 1))
    with pytest.raises(MappingFailed) as failed:
        open_source(mapping, str(tmp_path))
    assert failed.value.problems[0].params["nearest"] == "folder"


def test_a_county_adds_its_own_function(tmp_path):
    """overrides.py beside the mapping adds functions by name."""
    text = GOOD.replace('via = ["trim"]', 'via = ["反写"]')
    mapping = load(tmp_path, text, "FUNCTIONS = {'反写': lambda value: value[::-1]}\n")
    found = mapping.read(record(人="甲乙"))
    assert found is not None
    assert found.canonical["clerk"] == "乙甲"


def test_a_broken_function_is_one_problem(tmp_path):
    """Whatever a county's own function raises is told as a problem of that cell."""
    text = GOOD.replace('via = ["trim"]', 'via = ["坏"]')
    mapping = load(tmp_path, text, "FUNCTIONS = {'坏': lambda value: 1 / 0}\n")
    with pytest.raises(MappingFailed) as failed:
        mapping.read(record())
    (problem,) = failed.value.problems
    assert (problem.code.code, problem.place) == ("E-MAP-028", "文件 a.csv 第 2 行 “人”列")
    assert problem.expected == "ZeroDivisionError，overrides.py 第 1 行"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("E-MAP-053", "1 / 0"),
        ("E-MAP-053", "\ndef f(:"),
        ("E-MAP-053", "FUNCTIONS = 3"),
        ("E-MAP-053", "FUNCTIONS = {}\nBACK = {'无': str}"),
        ("E-MAP-054", "FUNCTIONS = {'trim': str}"),
    ],
)
def test_overrides_that_cannot_be(tmp_path, code, text):
    """A file that fails, holds no functions, or takes a taken name is refused, with its line where there is one."""
    with pytest.raises(YunhuobanError) as failed:
        load(tmp_path, GOOD, text)
    assert failed.value.code.code == code
    assert ("行" in failed.value.place) == (text in ("1 / 0", "\ndef f(:"))


def test_code_that_merely_lies_there_is_not_run(tmp_path):
    """overrides.py runs with the rights of the node: only a mapping that names it has it loaded."""
    (tmp_path / "overrides.py").write_text("open(__file__ + '.ran', 'w').close()\nFUNCTIONS = {}\n", encoding="utf-8")
    with pytest.raises(YunhuobanError, match="E-MAP-049"):
        load(tmp_path, GOOD)
    assert not (tmp_path / "overrides.py.ran").exists()
    (tmp_path / "overrides.py").unlink()
    with pytest.raises(YunhuobanError, match="E-MAP-049"):
        load(tmp_path, 'overrides = "overrides.py"\n' + GOOD)
    with pytest.raises(YunhuobanError, match="E-MAP-049"):
        load(tmp_path, 'overrides = "../other.py"\n' + GOOD)


def test_the_identity_of_a_mapping(tmp_path):
    """The table or the county's own functions changed: another version, the same again: the same."""
    versions = [
        load(tmp_path, text, own).version
        for text, own in (
            (GOOD, "FUNCTIONS = {}"), (GOOD, "FUNCTIONS = {}\n"), (GOOD + "\n", "FUNCTIONS = {}"),
            (GOOD, "FUNCTIONS = {}"),
        )
    ]  # fmt: skip
    assert len(set(versions)) == 3
    assert versions[0] == versions[3]
    found = load(tmp_path, GOOD, "FUNCTIONS = {}").read(record())
    assert found is not None
    assert found.mapping == versions[0]


def test_a_missing_column_names_the_nearest(tmp_path):
    """A database that has renamed a column is told the column it has now."""
    mapping = load(tmp_path, GOOD)
    row = {"号": "1", "标识": "L", "时间1": "2026-11-22", "方式": "1", "人": "甲"}
    with pytest.raises(MappingFailed) as failed:
        mapping.read(LocalRecord(kind="送达", key="1", row=row, place="p"))
    (problem,) = failed.value.problems
    assert (problem.code.code, problem.params["nearest"]) == ("E-MAP-023", "时间1")
