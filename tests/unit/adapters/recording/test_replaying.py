"""A changed mapping on recorded traffic: each difference by its field, before anything is sent; then it is accepted."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.cli import app
from adapters.countyit.recording import fixtures
from adapters.countyit.recording.differences import Change, Difference
from adapters.countyit.recording.replaying import replay
from schemas.errors import YunhuobanError
from tests.unit.adapters.suggesting import hall

COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"


def run(*arguments: str | Path) -> Result:
    """`adapter` with these arguments."""
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """永济's folder with a recording of its own sample files."""
    folder = tmp_path / "county"
    shutil.copytree(COUNTIES / "yongji_140881", folder)
    done = run("record", folder, folder / "samples", "--name", "first")
    assert done.exit_code == 0, done.output
    assert "录制 47 条" in done.output.replace("\n", "")
    return folder


def changed(folder: Path, *pairs: tuple[str, str]) -> list[Difference]:
    """What is different after these lines of the mapping were changed."""
    path = folder / "mapping.toml"
    text = path.read_text(encoding="utf-8")
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")
    return list(replay(folder).differences)


def test_an_unchanged_mapping_makes_no_difference(county):
    """The function that a county may call in a test of its own, and the command: exit 0."""
    assert replay(county).same
    done = run("replay", county)
    assert done.exit_code == 0
    assert "47 条录制的记录，结果都和录制时一样" in done.output
    assert "all with the same result" in done.output


@pytest.mark.parametrize(
    ("before", "after", "change", "field"),
    [
        ('"mode" = { const = "relayed" }', '"mode" = { const = "joint" }', Change.CHANGED, "mode"),
        ('"applicant.mobile" = { from = "手机", via', '"applicant.mobile" = { from = "备用", via', Change.REFUSED, ""),
        ('"contact_mobile" = { from = "经办人手机", via = ["blank", "phone"], empty = "" }',
         '"contact_mobile" = { const = "" }', Change.REMOVED, "contact_mobile"),
        ('"alliance" = { const = "" }', '"alliance" = { const = "JJJ" }', Change.ADDED, "alliance"),
        ('"自取" = "in_person"\n"邮寄" = "parcel"', '"邮寄" = "in_person"', Change.CHANGED, "method"),
        ('"是" = "true"', '"有" = "true"', Change.REFUSED, ""),
        ('when = { "事项编码" = { starts_with = "11140881" } }',
         'when = { "事项编码" = { starts_with = "9" } }', Change.NO_LONGER_IGNORED, ""),
        ('when = { "事项编码" = { starts_with = "11140881" } }',
         'when = { "事项编码" = { starts_with = "1" } }', Change.IGNORED, ""),
    ],
)  # fmt: skip
def test_each_change_is_told_by_its_field(county, before, after, change, field):
    """Added, gone, another value, refused that passed, sent that was not: the record and the field are named."""
    text = (county / "mapping.toml").read_text(encoding="utf-8")
    if "备用" in after:  # the file has such a column now, and the recording has not
        (county / "mapping.toml").write_text(text.replace('"手机",', '"手机", "备用",', 1), encoding="utf-8")
    found = changed(county, (before, after))
    assert (change, field) in {(each.change, each.field) for each in found}


def test_a_record_that_passes_now_is_told(county):
    """A code that the table had not: refused when it was recorded, and with the table completed no longer."""
    changed(county, ('"是" = "true"', '"有" = "true"'))
    assert run("replay", county, "--accept").exit_code == 0
    assert replay(county).same
    found = changed(county, ('"有" = "true"', '"是" = "true"'))
    assert Change.ACCEPTED in {each.change for each in found}
    other = [each for each in found if each.field.startswith("E-MAP-024") and each.change is Change.CHANGED]
    assert [each.now for each in other] == ["也许 → 是=true、否=false"], (
        "what is still refused says what would be right now"
    )


def test_the_command_shows_the_differences_and_keeps_them_when_told(county, tmp_path):
    """Exit 1 and a table and a page, with the masked values; after `--accept` there is no difference any more."""
    changed(county, ('"mode" = { const = "relayed" }', '"mode" = { const = "joint" }'))
    page = tmp_path / "replay.html"
    done = run("replay", county, "--html", page)
    assert done.exit_code == 1
    for words in ("值变了 changed", "mode", "relayed", "joint", "Nothing has been sent."):
        assert words in done.output
    html = page.read_text(encoding="utf-8")
    for words in ("办件申请|", "值变了", "changed", "relayed", "joint", "还没有发送任何内容"):
        assert words in html
    assert "http" not in html, "a page that needs no network"
    assert run("replay", county, "--accept").exit_code == 0
    assert run("replay", county).exit_code == 0


def test_a_database_is_recorded_without_its_people(tmp_path):
    """吴桥's own database, as its window fills it: nobody in it is in any file of the county's folder."""
    url = hall.wuqiao(tmp_path, count=3)
    folder = tmp_path / "county"
    folder.mkdir()
    shutil.copy(COUNTIES / "wuqiao_130928" / "mapping.toml", folder)
    done = run("record", folder, url, "--limit", "50")
    assert done.exit_code == 0, done.output
    (recording,) = fixtures.read_all(folder)
    assert [each.outcome["message_type"] for each in recording.records] == ["application.submitted"] * 3
    with sqlite3.connect(tmp_path / "wuqiao.db") as connection:
        columns = "applyer_name, applyer_page_code, contact_mobile, project_name"
        people = [each for row in connection.execute(f"SELECT {columns} FROM up_pro_accept") for each in row]
        people += [each for row in connection.execute("SELECT qymc, fddbr, zs FROM wq_register") for each in row]
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.name != "mapping.toml" and path.is_file())
    assert len(people) == 21
    assert [each for each in people if each.encode() in kept] == []
    assert replay(folder).same


@pytest.mark.parametrize(
    ("name", "code"), [("first", "E-MAP-062"), ("../first", "E-MAP-064"), ("a" * 61, "E-MAP-064"), ("-", "E-MAP-064")]
)
def test_a_recording_needs_a_name_of_its_own(county, name, code):
    """An earlier recording is not overwritten, and no file is written outside the folder."""
    done = run("record", county, county / "samples", f"--name={name}")
    assert isinstance(done.exception, YunhuobanError)
    assert done.exception.code.code == code
    assert [path.name for path in county.parent.rglob("*first*.json")] == ["first.json"]


def test_nothing_recorded_is_told(tmp_path):
    """A folder without files: no empty recording, of which every replay would say that nothing is different."""
    (tmp_path / "去件").mkdir()
    shutil.copy(COUNTIES / "yongji_140881" / "mapping.toml", tmp_path)
    done = run("record", tmp_path, tmp_path)
    assert isinstance(done.exception, YunhuobanError)
    assert done.exception.code.code == "E-MAP-065"
    assert not (tmp_path / "recordings").exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "\xff", '{"county": "1", "recorded_on": "x", "records": []}', "[" * 9999]
)
def test_a_recording_that_somebody_changed_is_told(county, text):
    """Whatever stands in the file: E-MAP-061 with the name of the file."""
    (county / "recordings" / "first.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(YunhuobanError, match=r"E-MAP-061 first\.json"):
        replay(county)


def test_a_day_that_is_none_is_a_changed_recording(county):
    """A tag with a value that it cannot have."""
    path = county / "recordings" / "first.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["records"][0]["row"]["期限"] = {"decimal": "x"}
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(YunhuobanError, match="E-MAP-061"):
        replay(county)


def test_without_a_recording_there_is_nothing_to_replay(tmp_path):
    """Said, and not taken for "nothing is different"."""
    shutil.copy(COUNTIES / "yongji_140881" / "mapping.toml", tmp_path)
    with pytest.raises(YunhuobanError, match="E-MAP-063"):
        replay(tmp_path)
