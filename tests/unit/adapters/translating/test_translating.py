"""Local and canonical record side by side: every field, the rule between, each problem where it is, nobody's data."""

import json
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from adapters.cli import app
from adapters.countyit.translating import terminal
from adapters.countyit.translating.sides import masked, shown, sides
from adapters.local.mapping import load_mapping
from adapters.local.mapping.named import NAMED, spoken
from adapters.local.sources import LocalRecord
from schemas.errors import YunhuobanError
from tests.hostile import COSTLY, refusal

COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"
WUQIAO, YONGJI = COUNTIES / "wuqiao_130928", COUNTIES / "yongji_140881"
MAPPING = load_mapping(WUQIAO)


def run(*arguments: object):
    """Run `adapter translate`; whatever it raised comes out."""
    done = CliRunner().invoke(app, ["translate", *[str(each) for each in arguments]])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def sample(key: str) -> LocalRecord:
    """One of 吴桥's samples."""
    found = json.loads((WUQIAO / "samples" / "records.json").read_text(encoding="utf-8"))
    each = next(one for one in found if one["key"] == key)
    return LocalRecord(kind=each["kind"], key=key, row=each["row"], place=key, children=each.get("children", {}))


def test_both_sides_of_every_field():
    """Column, content, rule in Chinese and in the mapping's words, field and value; unused columns by name."""
    found = sides(load_mapping(WUQIAO), sample("申请-寻常"), unmasked=False)
    lines = {each.canonical_field: each for each in found.lines}
    number = lines["applicant.document_no"]
    assert (number.local_field, number.spoken, number.rule) == ("applyer_page_code", "证件号码", "document_no")
    assert number.found == number.value == "130928********0014"
    assert (lines["materials[1].name"].local_field, lines["materials[1].name"].value) == (
        "up_pro_material.material_name", "公司章程",
    )  # fmt: skip
    assert lines["registration.registered_capital_fen"].value == "100000000"
    assert (found.name, found.wrong, found.problems) == ("申请", 0, [])
    assert "row_guid" in found.unused
    assert "applyer_page_code" not in found.unused


def test_every_problem_stands_at_its_field():
    """What `read` raises as one list is the same, problem by problem, at the fields that it is about."""
    mapping, record = load_mapping(WUQIAO), sample("申请-处处有错")
    found = sides(mapping, record, unmasked=False)
    with pytest.raises(YunhuobanError) as failed:
        mapping.read(record)
    at_fields = {(one.zh.code, one.zh.place) for line in found.lines for one in line.problems}
    assert at_fields == {(each.code.code, each.place) for each in failed.value.problems}
    assert found.wrong == len(failed.value.problems)
    assert all(one.zh.sentence != one.en.sentence for line in found.lines for one in line.problems)


CELLS = st.none() | st.text(max_size=30) | st.integers() | st.floats() | st.binary(max_size=4) | st.datetimes()


@given(
    cells=st.dictionaries(st.sampled_from(sorted(sample("申请-寻常").row)), CELLS, max_size=6), unmasked=st.booleans()
)
@COSTLY
def test_any_cells(cells: dict[str, object], unmasked: bool):
    """Whatever stands in a row: both sides are shown, with exactly the problems that reading it has."""
    base = sample("申请-寻常")
    record = LocalRecord(kind=base.kind, key="k", row={**base.row, **cells}, place="行", children=base.children)
    found = sides(MAPPING, record, unmasked=unmasked)
    terminal.shown(found)
    error = refusal(lambda: MAPPING.read(record))
    problems = getattr(error, "problems", ())
    told = [one for line in found.lines for one in line.problems] + list(found.problems)
    assert {each.code.code for each in problems} == {each.zh.code for each in told}
    assert found.wrong == len(problems)


def test_what_no_rule_fits_and_what_is_none_of_ours():
    """A record without a rule has its problem as a whole; one that is ignored says why."""
    mapping = load_mapping(WUQIAO)
    stranger = LocalRecord(kind="别的表", key="1", row={"a": "1"}, place="行")
    assert [each.zh.code for each in sides(mapping, stranger, unmasked=False).problems] == ["E-MAP-021"]
    own = sides(mapping, sample("申请-本县事项"), unmasked=False)
    assert own.why_not == "本县自己的事项，不跨省"


def test_nobody_is_shown_unless_asked_for(tmp_path):
    """Neither terminal nor file has a name, number, telephone or company of the records; --unmasked has them."""
    html = tmp_path / "out.html"
    done = run(WUQIAO, "--html", html, "--limit", 4)
    assert done.exit_code == 1  # some samples are meant to be wrong
    text = html.read_text(encoding="utf-8")
    people = ("欧阳𠮷", "130928198501010014", "19900000001", "商贸有限公司")
    assert not [each for each in people if each in done.output or each in text]
    open_text = run(WUQIAO, "--html", html, "--unmasked", "--limit", 2).output + html.read_text(encoding="utf-8")
    assert all(each in open_text for each in people)
    assert "没有脱敏" in html.read_text(encoding="utf-8")


def test_it_says_when_it_did_not_look_at_everything(tmp_path):
    """Of more than --limit only so many are shown, on the screen and in the file, and both say so; else neither."""
    html = tmp_path / "out.html"
    for limit, told in ((2, True), (500, False)):
        done = run(WUQIAO, "--limit", limit, "--html", html)
        for text in (done.output, html.read_text(encoding="utf-8")):
            assert ("只看了前 2 条，后面还有；用 --limit 多看。" in text) is told
            assert ("Only the first 2 were looked at" in text) is told


def test_what_the_mapping_leaves_open_is_not_the_rows_fault(tmp_path):
    """E-MAP-060 names the place in mapping.toml; the database is not even asked."""
    county = tmp_path / "county"
    shutil.copytree(WUQIAO, county)
    file = county / "mapping.toml"
    text = file.read_text(encoding="utf-8").replace('order = "cd_time"', 'order = "待填"', 1)
    file.write_text(text, encoding="utf-8")
    for place in ([], ["sqlite:////nowhere/hall.db"]):
        with pytest.raises(YunhuobanError, match="E-MAP-060") as failed:
            run(county, *place)
        assert failed.value.params["places"] == "source.tables.up_pro_accept.order"
        assert "mapping.toml" in failed.value.place


def test_the_file_needs_nothing_and_does_nothing(tmp_path):
    """One file: no script, nothing loaded, what a record says stands there as text; Chinese first, English beside."""
    county = tmp_path / "county"
    shutil.copytree(WUQIAO, county)
    records = json.loads((county / "samples" / "records.json").read_text(encoding="utf-8"))
    records[0]["row"]["project_no"] = "<script>alert(1)</script>"
    (county / "samples" / "records.json").write_text(json.dumps(records[:1]), encoding="utf-8")
    html = tmp_path / "out.html"
    run(county, "--html", html)
    text = html.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert re.findall(r"""src\s*=|href\s*=\s*"[^#]|url\(|@import""", text) == []
    assert re.search(r"本地字段 <small lang=\"en\">Local field", text)


def test_one_file_of_the_local_system(tmp_path):
    """A file may be looked at alone; one of no kind is refused with the names that would fit."""
    folder = YONGJI / "samples"
    files = sorted(each for each in folder.rglob("*.csv") if "申请" in each.name)
    done = run(YONGJI, files[0])
    assert "申请" in done.output
    other = tmp_path / "别的.csv"
    other.write_bytes(b"a\r\n1\r\n")
    with pytest.raises(YunhuobanError, match="E-MAP-058") as failed:
        run(YONGJI, other)
    assert ".csv" in failed.value.expected


def test_a_good_system_ends_with_zero(tmp_path):
    """Exit 0 says that all could be sent."""
    county = tmp_path / "county"
    shutil.copytree(WUQIAO, county)
    records = json.loads((county / "samples" / "records.json").read_text(encoding="utf-8"))
    (county / "samples" / "records.json").write_text(json.dumps(records[:1]), encoding="utf-8")
    assert run(county).exit_code == 0


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("１３０９２８１９８５０１０１００１４", "130928********0014"),
        ("130928198501010015", "***（18 个字符）"),
        ("19912345678", "199****5678"),
        ("电话19912345678", "***（13 个字符）"),
        ("欧阳修", "欧阳*"),
        ("河北省沧州市吴桥县桑园镇长江路1号", "河*******…（17 个字符）"),
    ],
)
def test_masks(value, wanted):
    """A number by its own mask; what is not understood shows less, never more."""
    assert masked(value) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(None, "—"), ("  ", "（空）"), (b"x", "（bytes）"), ("\ud800", "?"), (0, "0"), ("19912345678", "199****5678")],
)
def test_what_a_cell_may_hold(value, wanted):
    """Nothing, blanks, bytes and broken text are shown as what they are; a number in the wrong column is masked."""
    assert shown(value, personal=False, unmasked=False) == wanted


def test_every_rule_can_be_spoken():
    """Each function has a Chinese name; what a county added itself is said by its own."""
    assert spoken("half_width → blank → integer") == "全角转半角 → “无”等算空 → 整数"
    assert spoken("table 收件方式 / const") == "对照表“收件方式” / 固定值"
    assert spoken("本县函数") == "本县函数"
    assert all(spoken(name) != name for name in NAMED)
