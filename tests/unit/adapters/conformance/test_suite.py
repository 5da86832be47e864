"""The suite of a county: what is awkward comes out equal or refused at its field, and what is not is a failure."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.cli import app
from adapters.countyit.conformance import edges, inprocess, localtables, parts, sabotage, suite
from adapters.countyit.conformance.judging import LINK, SOURCE, Judged, judge
from adapters.link.messages import CERTIFICATE_REFUSED
from adapters.local.mapping import load_mapping, samples
from schemas.conformance.result import WINDOW, Result
from tests.sampling import all_or_some

COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"
ITEM = "11140881MB0000000U4000131127004"
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def found() -> dict[str, suite.Conformance]:
    """Both shipped counties, tried once."""
    return {
        code: suite.run(COUNTIES / name) for code, name in (("130928", "wuqiao_130928"), ("140881", "yongji_140881"))
    }


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """永济's folder, to be spoilt."""
    return Path(shutil.copytree(COUNTIES / "yongji_140881", tmp_path / "county"))


def change(county: Path, old: str, new: str) -> None:
    """Change one place of the mapping."""
    file = county / "mapping.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def failed(found: suite.Conformance) -> set[tuple[str, str, str]]:
    """Kind, part and outcome of what failed."""
    return {(each.kind, each.part, each.outcome) for each in found.cases if not each.passed}


@pytest.mark.parametrize("code", ["130928", "140881"])
def test_the_shipped_counties_pass_whole(found, code):
    """A county of tables and one of files: every part is reached, every kind of trouble was met, nothing failed."""
    tried = found[code]
    assert failed(tried) == set()
    assert (tried.passed, tried.untested) == (True, ())
    kinds = {each.kind for each in tried.cases}
    assert {
        "rare",
        "full_width",
        "ends_in_x",
        "no_such_day",
        "empty",
        "nothing",
        "megabyte",
        "twice",
        "unknown",
    } <= kinds
    assert {each.kind for each in tried.cases if each.part == LINK} == {each.value for each in inprocess.Trouble}
    result = tried.result(parts.items_of(load_mapping(COUNTIES / "wuqiao_130928"), [ITEM]), NOW)
    assert {item: result.state(item) for item in (ITEM, WINDOW)} == {ITEM: "passed", WINDOW: "passed"}
    assert Result.parse(result.to_bytes()) == result


def test_a_row_that_the_source_names_is_not_lost(tmp_path):
    """A sample whose time cannot be read is refused by table and key, which is an answer; a row left out is none."""
    folder = COUNTIES / "peixian_320322"
    tried = list(localtables.tried(load_mapping(folder), samples.sample_records(folder), tmp_path))
    assert {each.kind for each in tried} == {"rare", "twice", "double_key"}
    assert all(each.passed for each in tried)


def test_rows_that_belong_by_another_column_are_tried(tmp_path):
    """The scratch database has both columns, and the rows come with theirs."""
    folder = tmp_path / "county"
    shutil.copytree(COUNTIES / "peixian_320322", folder)
    short, long = '"projectguid" }', '{ column = "projectguid", of = "rowguid" } }'
    text = (folder / "mapping.toml").read_text(encoding="utf-8")
    assert short in text
    (folder / "mapping.toml").write_text(text.replace(short, long, 1), encoding="utf-8")
    tried = list(localtables.tried(load_mapping(folder), samples.sample_records(folder), tmp_path))
    assert {each.kind for each in tried} == {"rare", "twice", "double_key"}
    assert all(each.passed for each in tried)


@pytest.mark.long
@pytest.mark.parametrize("name", all_or_some(["lankao_410225", "anji_330523", "peixian_320322"], 1))
def test_the_counties_of_the_dialects_pass_whole(name):
    """The same for each dialect."""
    tried = suite.run(COUNTIES / name)
    assert failed(tried) == set()
    assert (tried.passed, tried.untested) == (True, ())


def test_files_are_tried_in_every_encoding(found):
    """GB18030, UTF-8 with and without a mark, half a file, one column twice, the same file again."""
    source = [each for each in found["140881"].cases if each.part == SOURCE]
    assert {each.kind for each in source} == {"twice", "encoding", "half_written", "unknown", "double_column"}
    assert all(each.place for each in source)


OVERRIDES = """
def first_plane(value):
    return "".join(each for each in str(value) if ord(each) < 65536)

def crashes(value):
    return value.nothing

FUNCTIONS = {"first_plane": first_plane, "crashes": crashes}
"""


def test_a_countys_own_function_that_loses_characters_fails(county, tmp_path):
    """Exit 1 with part, field and what was expected, on the screen and in the file.

    Another function of the county's own that breaks is a refusal at its field, never a crash of the program. A message
    that no sample becomes was not tested: it is named, and is no failure by itself.
    """
    (county / "samples" / "去件" / "办件补件_20261123090000.csv").unlink()
    (county / "overrides.py").write_text(OVERRIDES, encoding="utf-8")
    change(county, 'county = "140881"', 'overrides = "overrides.py"\ncounty = "140881"')
    change(county, '"applicant.name" = "申请人"', '"applicant.name" = { from = "申请人", via = ["first_plane"] }')
    change(
        county,
        '"waybill" = { from = "运单号", via = ["blank"], empty = "" }',
        '"waybill" = { from = "运单号", via = ["crashes"], empty = "" }',
    )
    done = CliRunner().invoke(app, ["test", str(county), "--out", str(tmp_path / "all.json")])
    assert done.exit_code == 1
    assert all(words in done.output for words in ("生僻字", "Rare characters", "applicant.name", "✗"))
    said = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    wrong = [each for each in said["cases"] if not each["passed"]]
    assert ("rare", "applicant.name ← 申请人", "lost") in {
        (each["kind"], each["place"], each["outcome"]) for each in wrong
    }
    assert not any(each["outcome"] == "crashed" for each in said["cases"])
    assert said["untested"] == ["read.case.handed_over", "read.supplement.provided", "read.case.withdrawn"]
    assert "没有自测：read.case.handed_over" in done.output
    assert {each["part"] for each in wrong} <= {"read.application.submitted", "read.case.handed_over"}


def test_a_column_that_came_to_be_truncated_fails():
    """The judge itself: what comes out shorter than what was put in is lost, not mapped."""
    mapping = load_mapping(COUNTIES / "wuqiao_130928")
    record = next(each for each in samples.sample_records(COUNTIES / "wuqiao_130928") if each.key == "申请-寻常")
    edge = edges.Edge(
        kind="rare", part="read.application.submitted", field="project_name", column="project_name", record=record,
        good=(edges.RARE,), refusable=False,
    )  # fmt: skip
    judged = judge(mapping, edge)
    assert (judged.passed, judged.outcome) == (False, "lost")
    assert "吉祥" not in judged.found  # at most its length: a sample may be a real person's


def sabotaged(scratch: Path) -> dict[str, Judged]:
    """The sabotage alone, over 吴桥's samples."""
    folder = COUNTIES / "wuqiao_130928"
    mapping = load_mapping(folder)
    became = [mapping.read(each) for each in samples.sample_records(folder) if each.key == "申请-寻常"]
    return {each.kind: each for each in sabotage.tried(mapping, [each for each in became if each], scratch)}


def test_a_sender_that_gives_up_fails(monkeypatch, tmp_path):
    """What is not tried again after a lost line, a nack or a late confirm has not arrived, and that is noticed."""
    monkeypatch.setattr(sabotage, "_TURNS", 1)
    tried = sabotaged(tmp_path)
    assert {"cut_before", "nack", "late_ack"} <= {kind for kind, each in tried.items() if not each.passed}


def test_a_revoked_certificate_that_nobody_names_fails(monkeypatch, tmp_path):
    """To stop is not enough: the county has to be told that it was revoked (E-LINK-004)."""
    monkeypatch.setattr(inprocess, "CERTIFICATE_REFUSED", inprocess.LOST)
    revoked = sabotaged(tmp_path)["revoked"]
    assert (revoked.passed, revoked.expected) == (False, f"停止发送并报 {CERTIFICATE_REFUSED.code}")


def test_a_county_that_only_decides_has_its_link_tried(tmp_path):
    """Without any application among the samples, a decision goes over the line, as often as an application would."""
    folder = COUNTIES / "wuqiao_130928"
    mapping = load_mapping(folder)
    became = [mapping.read(each) for each in samples.sample_records(folder) if each.key == "办结"]
    tried = list(sabotage.tried(mapping, [each for each in became if each], tmp_path))
    assert [each.kind for each in tried] == [each.value for each in inprocess.Trouble]
    assert all(each.passed for each in tried)


def test_neither_folder_nor_node_is_no_test():
    """Nothing to try is a wrong call, not a pass."""
    assert CliRunner().invoke(app, ["test"]).exit_code == 2
