"""What the table can say beyond one column for one field: conditions, codes without a counterpart, and the way back."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.local.mapping import MappingFailed, WriteContext
from adapters.local.mapping.named import NAMED
from tests.unit.adapters.mapping.test_mapping_document import GOOD, load, record

DOCS = Path(__file__).parents[4] / "docs"
COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"
CONTEXT = WriteContext(
    case_no="130928-20261122-000001", local_case="WQ1", source="140881", source_name="永济市",
    written_at=datetime(2026, 11, 22, 2, 0, tzinfo=UTC),
)  # fmt: skip
HANDED_OVER = {
    "license_identifier": "L", "handed_over_at": datetime(2026, 11, 22, 2, 30, tzinfo=UTC), "method": "in_person",
    "recipient": "甲", "waybill": "", "clerk": "乙",
}  # fmt: skip
WAYS = """"waybill" = [
  { when = { "方式" = "2" }, from = "号", via = ["half_width"] },
  { const = "" },
]"""
BACK = """
[[write."case.handed_over"]]
kind = "回告"
key = "{context.case_no}"
when = { "method" = ["in_person"] }
[write."case.handed_over".row]
"号" = { from = "handed_over_at", back = ["half_width", "datetime"] }
"码" = { from = "method", table = "m", otherwise = "9" }
"""


def test_one_field_from_several_columns(tmp_path):
    """The first way whose `when` holds is taken, the last stands for all other rows."""
    text = GOOD.replace('"waybill" = { const = "" }', WAYS).replace(
        '"1" = "in_person"', '"1"="in_person"\n"2"="parcel"'
    )
    mapping = load(tmp_path, text)
    by_post, in_person = mapping.read(record(方式="２", 号="１２")), mapping.read(record())
    assert (by_post.canonical["waybill"], in_person.canonical["waybill"]) == ("12", "")
    (line,) = [each for each in by_post.lineage if each.canonical_field == "waybill"]
    assert (line.local_field, line.rule) == ("号", "half_width / const")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ('[{ when = { "方式" = "2" }, from = "号" }]', "E-MAP-048"),
        ('[{ from = "号" }, { const = "" }]', "E-MAP-048"),
        ("[]", "E-MAP-048"),
        ('[{ when = { "方法" = "2" }, from = "号" }, { const = "" }]', "E-MAP-046"),
        ('[{ wann = { "方式" = "2" }, from = "号" }, { const = "" }]', "E-MAP-041"),
        ('["号"]', "E-MAP-043"),
    ],
)
def test_ways_that_cannot_be(tmp_path, wrong, code):
    """A last way with a condition leaves rows without a value; columns and keys are looked up as everywhere."""
    with pytest.raises(MappingFailed) as failed:
        load(tmp_path, GOOD.replace('"waybill" = { const = "" }', f'"waybill" = {wrong}'))
    assert code in [each.code.code for each in failed.value.problems]


def test_back_writes_what_the_reading_reads(tmp_path):
    """The functions of the reading, named in `back`, write the local form; a row is left only where `when` holds."""
    mapping = load(tmp_path, GOOD + BACK)
    (row,) = mapping.write("case.handed_over", HANDED_OVER, CONTEXT)
    assert row.row == {"号": "2026-11-22 10:30:00", "码": "1"}
    assert mapping.write("case.handed_over", HANDED_OVER | {"method": "parcel"}, CONTEXT) == []


def test_a_code_without_a_counterpart(tmp_path):
    """For a canonical value that the table lacks `otherwise` is written; without it nothing is, and it is told."""
    anyway = BACK.replace('when = { "method" = ["in_person"] }\n', "")
    (row,) = load(tmp_path, GOOD + anyway).write("case.handed_over", HANDED_OVER | {"method": "parcel"}, CONTEXT)
    assert row.row["码"] == "9"
    mapping = load(tmp_path, GOOD + anyway.replace(', otherwise = "9"', ""))
    with pytest.raises(MappingFailed) as failed:
        mapping.write("case.handed_over", HANDED_OVER | {"method": "parcel"}, CONTEXT)
    (problem,) = failed.value.problems
    assert (problem.code.code, problem.params["value"], problem.expected) == ("E-MAP-033", "parcel", "in_person")


@pytest.mark.parametrize(
    ("names", "code", "named"),
    [
        ('["division_of_item"]', "E-MAP-047", "division_of_item"),
        ('["反写"]', "E-MAP-047", "反写"),
        ('["datetim"]', "E-MAP-041", "datetime"),
    ],
)
def test_no_way_back(tmp_path, names, code, named):
    """A function that cannot be undone is refused when the mapping is loaded, with the reason."""
    text = GOOD + BACK.replace('["half_width", "datetime"]', names)
    with pytest.raises(MappingFailed) as failed:
        load(tmp_path, text, "FUNCTIONS = {'反写': lambda value: value[::-1]}\n")
    (problem,) = failed.value.problems
    assert problem.code.code == code
    assert named in problem.params.values()
    assert code != "E-MAP-047" or problem.params["why"]


def test_a_county_gives_its_own_way_back(tmp_path):
    """BACK in overrides.py undoes the county's own function."""
    own = "FUNCTIONS = {'反写': lambda value: value[::-1]}\nBACK = {'反写': lambda value: value[::-1]}\n"
    text = GOOD + BACK.replace(
        'from = "handed_over_at", back = ["half_width", "datetime"]', 'from = "clerk", back = ["反写"]'
    )
    (row,) = load(tmp_path, text, own).write("case.handed_over", HANDED_OVER | {"clerk": "甲乙"}, CONTEXT)
    assert row.row["号"] == "乙甲"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_function_is_on_the_page(language):
    """A county finds each function in the table, with what undoes it; the example is TOML, and its functions exist."""
    text = (DOCS / language / "county.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| (?:Function|函数) \|.*?\n\n", text, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`([a-z_]+)`", re.sub(r"\|[^|]*\|[^|]*\|[^|]*\|$", "", table, flags=re.MULTILINE))) == set(
        NAMED
    )
    (example,) = re.findall(r"^```\n(overrides.*?)^```$", text, re.MULTILINE | re.DOTALL)
    written = tomllib.loads(example)
    assert written["write"]["case.handed_over"][0]["row"]["sdsj"]["back"] == ["datetime"]
    used = re.findall(r"(?:via|back) = \[(.*?)\]", example)
    assert {name.strip(' "') for each in used for name in each.split(",")} <= set(NAMED)


def test_the_example_county_shows_every_function():
    """The table of functions in its README is that of the program."""
    text = (COUNTIES / "wuqiao_130928" / "README.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| 函数 \|.*\Z", text, re.MULTILINE | re.DOTALL)
    named = {each for line in table.splitlines()[2:] for each in re.findall(r"`([a-z_]+)`", line.split("|")[1])}
    assert named == set(NAMED)
