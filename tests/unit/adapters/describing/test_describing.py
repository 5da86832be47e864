"""A county's folder: begun from its own system it is green at once, and every change shows field by field."""

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from typer.testing import CliRunner

from adapters.cli import app
from adapters.countyit.describing.trying import try_samples
from adapters.local.mapping import load_mapping
from adapters.local.sources.opening import open_source
from adapters.settings import CountySettings
from schemas.errors import YunhuobanError
from tests.hostile import COSTLY, noise, refusal
from tests.unit.adapters.suggesting import hall

PERSONAL = ("applyer_name", "applyer_page_code", "contact_mobile", "qymc", "fddbr", "zs")
COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"


def run(*arguments: object):
    """Run `adapter` with arguments; whatever it raised comes out."""
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Path:
    """永济's folder, begun from its own system."""
    folder = tmp_path_factory.mktemp("begun")
    run("new", "140881", "--source", hall.yongji(folder), "--out", folder / "county")
    return folder / "county"


@pytest.fixture
def county(begun, tmp_path) -> Path:
    """A copy of it to change."""
    for each in (path for path in begun.rglob("*") if path.is_file()):
        copy = tmp_path / "county" / each.relative_to(begun)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(each.read_bytes())
    return tmp_path / "county"


def change(county: Path, old: str, new: str) -> None:
    """Change one place of the mapping."""
    file = county / "mapping.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(("code", "system"), [("130928", hall.wuqiao), ("140881", hall.yongji)])
def test_a_new_folder_is_green_within_a_minute(tmp_path, code, system):
    """From an empty folder to a green test: an application comes out of it, and nobody had to edit anything."""
    source, began = system(tmp_path), time.monotonic()
    run("new", code, "--source", source, "--out", tmp_path / "county")
    done = run("test", tmp_path / "county")
    assert time.monotonic() - began < 60
    assert done.exit_code == 0
    assert "application.submitted" in done.output
    assert (tmp_path / "county" / "README.md").read_text(encoding="utf-8").startswith("# ")


def test_the_folder_has_the_settings_and_names_what_only_people_know(begun, county):
    """Nothing starts while 待填 stands there, and all such places are named at once; filled in, it is a county's."""
    with pytest.raises(YunhuobanError) as caught:
        CountySettings.load(begun)
    found = caught.value
    assert found.code.code == "E-CONF-002"
    assert found.place == "county.toml: contact, telephone, authority.name, authority.code"
    assert "都要填（只收件的县也要）" in (begun / "county.toml").read_text(encoding="utf-8")
    file = begun / "county.toml"
    assert file.stat().st_mode & 0o077 == 0
    filled = file.read_text(encoding="utf-8").replace('"待填"', '"填好"')
    (county / "county.toml").write_text(filled, encoding="utf-8")
    settings = CountySettings.load(county)
    assert (settings.division_code, settings.mapping) == ("140881", county.resolve())
    assert Path(settings.local_read).is_absolute()


@pytest.mark.parametrize("form", ["json", "xml", "xlsx"])
def test_files_of_every_form_are_described(tmp_path, form):
    """An interface's JSON and XML with an envelope, a workbook with a sheet of its own for the materials.

    The folder is green at once, its comments are Chinese, and the county's own files are read by it, materials too.
    """
    source = hall.exported(tmp_path, form)
    run("new", "130928", "--source", source, "--out", tmp_path / "county")
    assert run("test", tmp_path / "county").exit_code == 0
    mapping = load_mapping(tmp_path / "county")
    assert mapping.rules.reads[0].case.column == "project_no"
    batch = open_source(mapping, source).poll(None, 50)
    assert not batch.failures
    assert len(batch.records) == 6
    for each in batch.records:
        found = mapping.read(each)
        assert found is not None
        assert found.canonical["materials"]
        assert found.canonical["registration"]["enterprise_name"] == each.row[
            "qymc" if form == "xlsx" else "register.qymc"
        ]  # fmt: skip
    text = (tmp_path / "county" / "mapping.toml").read_text(encoding="utf-8")
    comments = [line.partition("# ")[2] for line in text.splitlines() if "# " in line]
    assert all(re.search("[\u4e00-\u9fff]|[=\\[\\]{}]|^-*$", each) for each in comments)
    said = run("suggest", source).output
    people = {each.row[name] for each in batch.records for name in each.row if name.rpartition(".")[2] in PERSONAL}
    assert len(people) > 12
    assert [each for each in people - {"", "欧阳𠮷"} if each in said or each in text] == []


READING = {
    "json": """[source]
type = "json"
encoding = "gb18030"
[source.files."case"]
pattern = "*"
rows = "data.list"
key = ["project_no"]
columns = ["project_no", "spare"]
optional = ["spare"]
children = { "papers" = "files.items" }
""",
    "sql": """[source]
type = "sql"
order_kind = "time"
[source.tables.up_pro_accept]
key = ["row_guid"]
order = "cd_time"
children = { up_pro_material = "project_no" }
""",
}


@pytest.mark.parametrize("kind", READING)
def test_any_kind_of_source_is_described_through_its_own_door(tmp_path, kind):
    """Whatever a node can read is looked at by the settings with which it will be read; they stand in the mapping."""
    source = hall.exported(tmp_path, "json") if kind == "json" else hall.applications()
    (tmp_path / "read.toml").write_text(READING[kind], encoding="utf-8")
    run("new", "130928", "--source", source, "--reading", tmp_path / "read.toml", "--out", tmp_path / "county")
    assert run("test", tmp_path / "county").exit_code == 0
    mapping = load_mapping(tmp_path / "county")
    batch = open_source(mapping, source).poll(None, 50)
    assert not batch.failures
    assert len(batch.records) == 6
    (rule,) = mapping.rules.reads
    assert (rule.case.column, rule.lists[0].source) == (
        "project_no", "papers" if kind == "json" else "up_pro_material",
    )  # fmt: skip
    if kind == "json":
        found = mapping.read(batch.records[0])
        assert found is not None
        assert found.canonical["materials"]
    assert run("suggest", source, "--reading", tmp_path / "read.toml").exit_code == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "E-MAP-059"),
        ("[source", "E-MAP-059"),
        ("[sorce]", "E-MAP-001"),
        ('[source]\ntype = "fax"', "E-MAP-001"),
        ('[source]\ntype = "csv"', "E-SRC-002"),
    ],
)
def test_settings_of_a_source_that_cannot_be(tmp_path, text, code):
    """No file, no TOML, another table, an unknown kind, nothing that comes: each is told, and nothing is written."""
    (tmp_path / "local").mkdir()
    if text is not None:
        (tmp_path / "read.toml").write_text(text, encoding="utf-8")
    out = tmp_path / "county"
    with pytest.raises(YunhuobanError, match=code):
        run("new", "130928", "--source", tmp_path / "local", "--reading", tmp_path / "read.toml", "--out", out)
    assert not out.exists()


def test_a_system_without_anything_known_is_green_and_says_what_is_missing(tmp_path):
    """What nothing was found for is 待填: it loads, and no record gets through until it is filled in."""
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "x.csv").write_text("甲,乙\r\n1,2\r\n", encoding="utf-8")
    run("new", "130928", "--source", tmp_path / "local", "--out", tmp_path / "county")
    done = run("test", "--samples", tmp_path / "county")
    assert done.exit_code == 0
    assert "待填" in (tmp_path / "county" / "mapping.toml").read_text(encoding="utf-8")
    outcome = try_samples(tmp_path / "county").outcomes["样例-寻常"]
    assert {each["code"] for each in outcome} == {"E-MAP-030"}
    assert "materials" in {each["expected"] for each in outcome}


def test_a_folder_with_something_in_it_is_left_alone(county, tmp_path):
    """A second `adapter new` never overwrites a mapping that somebody worked on."""
    before = (county / "mapping.toml").read_bytes()
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "x.csv").write_text("甲\r\n1\r\n", encoding="utf-8")
    with pytest.raises(YunhuobanError, match="E-MAP-055"):
        run("new", "140881", "--source", tmp_path / "local", "--out", county)
    assert (county / "mapping.toml").read_bytes() == before


def test_no_folder_for_what_is_no_county(tmp_path):
    """A wrong code is refused before anything is written."""
    with pytest.raises(YunhuobanError, match="E-ID-003"):
        run("new", "139999", "--source", tmp_path, "--out", tmp_path / "county")
    assert not (tmp_path / "county").exists()


def test_a_change_is_shown_field_by_field_and_kept_on_demand(county):
    """Exit 1 with the field, what was expected and what came; `--update` shows the same, then keeps it."""
    change(county, '"window_no" = { from = "窗口", via = ["half_width"] }', '"window_no" = "窗口"')
    done = run("test", "--samples", county)
    assert done.exit_code == 1
    assert all(word in done.output for word in ("canonical.window_no", "07", "０７"))
    done = run("test", "--samples", county, "--update")
    assert done.exit_code == 0
    assert "canonical.window_no" in done.output
    assert run("test", "--samples", county).exit_code == 0


def test_a_difference_in_a_name_is_shown_masked(county):
    """Somebody may have put a real person into the samples."""
    file = county / "samples" / "expected.json"
    file.write_text(file.read_text(encoding="utf-8").replace("欧阳𠮷", "欧阳修"), encoding="utf-8")
    done = run("test", "--samples", county)
    assert done.exit_code == 1
    assert "欧阳修" not in done.output
    assert "欧阳𠮷" not in done.output
    assert "从第 3 个字符起不同" in done.output


def test_a_sample_more_or_less_is_a_difference(county):
    """Neither a sample that nobody looked at nor one that is gone counts as passed."""
    file = county / "samples" / "records.json"
    records = json.loads(file.read_text(encoding="utf-8"))
    records[0]["key"] = "另一条"
    file.write_text(json.dumps(records), encoding="utf-8")
    report = try_samples(county)
    assert [(each.key, len(each.differences)) for each in report.tried] == [
        ("另一条", 1), ("样例-空着", 0), ("样例-寻常", 1),
    ]  # fmt: skip


def test_a_county_without_samples(county):
    """A test of nothing is not green."""
    (county / "samples" / "records.json").unlink()
    with pytest.raises(YunhuobanError, match="E-MAP-057"):
        run("test", "--samples", county)


@pytest.mark.parametrize("name", ["wuqiao_130928", "yongji_140881", "lankao_410225", "anji_330523", "peixian_320322"])
def test_the_shipped_counties_pass(name):
    """A database's rows and a folder's files are tried alike, without a broker."""
    assert run("test", "--samples", COUNTIES / name).exit_code == 0


def test_a_file_that_cannot_be_read_is_no_pass(county):
    """A sample file that the source refuses is told and fails the test."""
    (county / "samples" / "records.json").unlink()
    (county / "samples" / "去件").mkdir()
    (county / "samples" / "去件" / "办件申请_1.csv").write_text("甲\r\n1\r\n", encoding="utf-8")
    report = try_samples(county)
    assert [each.code.code for each in report.failures] == ["E-SRC-033"]
    assert not report.passed


GOOD = (COUNTIES / "wuqiao_130928" / "samples" / "records.json").read_bytes()[:2000] + b"]"


@given(data=noise([b'[{"kind": "k", "key": "a", "row": {}}]', b'{"a": "ignored"}', GOOD]))
@COSTLY
def test_any_samples(tmp_path: Path, data: bytes):
    """Samples and expectations from anybody's editor: outcomes, or a declared error that names the file."""
    (tmp_path / "samples").mkdir(exist_ok=True)
    (tmp_path / "mapping.toml").write_text('county = "130928"\nname = "吴桥县"\n', encoding="utf-8")
    for name, other, content in (
        ("records", "expected", b"{}"),
        ("expected", "records", b'[{"kind": "k", "key": "a", "row": {}}]'),
    ):
        (tmp_path / "samples" / f"{name}.json").write_bytes(data)
        (tmp_path / "samples" / f"{other}.json").write_bytes(content)
        error = refusal(lambda: try_samples(tmp_path))
        assert error is None or error.code.code in ("E-MAP-056", "E-MAP-057")


@pytest.mark.parametrize("options", [[], ["--samples"], ["--update"]])
def test_what_cannot_be_read_yet_is_no_pass(county, options):
    """All samples come out as before, and yet it fails with E-MAP-060: by this mapping nothing would ever be read."""
    file = county / "mapping.toml"
    text = re.sub(r"^key = .*$", 'key = ["待填"]', file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    file.write_text(text, encoding="utf-8")
    done = run("test", county, *options)
    assert done.exit_code == 1
    assert options or "例都对，但样例或映射还有上面所说的问题。" in done.output
    (problem,) = try_samples(county).failures
    assert problem.code.code == "E-MAP-060"
    assert re.fullmatch(r"source\.files\..+\.key", problem.params["places"])


@pytest.mark.parametrize(
    ("asked", "told"),
    {
        "applicant.kind": ("natural_person / legal_person", "映射中必须写", "application.submitted"),
        "applicant.document_no": ("文字", "最多 40 字节", "敏感个人信息"),
        "materials[].taken_as": ("收取方式：原件、复印件、电子", "supplement.provided"),
        "case.handed_over": ("waybill", "in_person / parcel", "handed_over_at"),
        "case.closed result": ("licensed / denied / decided",),
    }.items(),
)
def test_a_canonical_field_is_explained(asked, told):
    """Kind of value, cap, codes, class of privacy, and the messages that have it; English beside it."""
    said = run("explain", asked).output
    assert all(each in said for each in told)
    assert "must stand in the mapping" in said
    assert "personal" in said or "sensitive" in said


@pytest.mark.parametrize("word", ["applicant.kin", "case.closed clerk.x", "nobody.said clerk"])
def test_a_word_that_is_neither_code_nor_field(word):
    """E-PAGE-050, and nothing is guessed."""
    with pytest.raises(YunhuobanError, match="E-PAGE-050"):
        run("explain", word)


def test_unfilled_in_a_list_and_a_column(county):
    """待填 loads where the columns of a file are listed, too, and is one problem for each field."""
    change(county, '"clerk" = "收件人"', '"clerk" = "待填"')
    change(county, 'from = "材料清单"', 'from = "待填"')
    assert load_mapping(county).county == "140881"
    report = try_samples(county)
    assert report.tried[0].unfilled == 2
    # The message that came before is not told field by field: only that it is gone, and why.
    said = [(each.field, each.expected, each.found) for each in report.tried[0].differences]
    assert said[0] == ("（结果）", "application.submitted", "2 处问题 problems")
    assert [field for field, _, _ in said[1:]] == [
        "E-MAP-030 样例 样例-寻常 标准字段 clerk", "E-MAP-030 样例 样例-寻常 标准字段 materials",
    ]  # fmt: skip
