"""`hub calendar …` as an operator types it: look, check, import, correct; a wrong file changes nothing."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from hub.cli import app
from hub.registry import calendars
from hub.store import open_store, tables
from schemas.errors import YunhuobanError
from schemas.workdays.override import DayRule
from schemas.workdays.overridefile import OverrideRefused
from tests.hub_world import START

NOTICE = (
    "日期,安排,行政区划代码,办公时间,说明\n2027,全年已公布,,,通知\n2027-10-01,休息,,,国庆节\n2027-10-02,休息,,,国庆节\n"
    "2027-10-09,上班,,,国庆节\n2027-04-09,休息,450000,,广西三月三\n周五,办公时间,450105,9:00-12:00,\n"
)


@pytest.fixture
def hub(tmp_path):
    """Return the folder of a hub that has a store and no keys."""
    folder = tmp_path / "hub"
    folder.mkdir()
    return folder


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a calendar file."""

    def write(text, encoding="utf-8"):
        file = tmp_path / "日历.csv"
        file.write_text(text, encoding=encoding)
        return str(file)

    return write


def run(*words):
    """What a command prints."""
    done = CliRunner().invoke(app, ["calendar", *words], env={"COLUMNS": "200"})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def rows(folder):
    """How many imports the store keeps."""
    store = open_store(f"sqlite:///{folder / 'hub.sqlite'}")
    with store.read() as tx:
        count = tx.execute(select(func.count()).select_from(tables.calendar_overrides)).scalar_one()
        assert calendars.serial(tx) == count
    store.close()
    return count


def test_a_published_year_is_shown_with_its_holidays_and_make_up_days(hub):
    """2026 with 248 working days, National Day as one stretch, and the make-up Saturday after it."""
    shown = run("show", "2026", "-d", str(hub))
    assert "248" in shown
    assert "10-01 – 10-07" in shown
    assert "10-10" in shown
    assert "09:00-12:00 13:00-17:00" in shown
    assert "日历未公布" not in shown


def test_an_unpublished_year_says_so_until_its_notice_is_imported(hub, written):
    """2027 is provisional, then it is not; a county of Guangxi has its own holiday and hours."""
    assert "日历未公布" in run("show", "2027", "-d", str(hub))
    assert "4" in run("import", written(NOTICE, "gb18030"), "-d", str(hub))
    country, county = run("show", "2027", "-d", str(hub)), run("show", "2027", "--county", "450105", "-d", str(hub))
    assert "日历未公布" not in country
    assert "10-01 – 10-02" in country
    assert "三月三" not in country
    assert "广西壮族自治区南宁市江南区" in county
    assert "三月三" in county
    assert "09:00-12:00" in county


def test_checking_a_file_needs_no_hub_and_changes_nothing(written, tmp_path, monkeypatch):
    """It only reads."""
    monkeypatch.chdir(tmp_path)
    assert "4" in run("check", written(NOTICE))
    assert [each.name for each in tmp_path.iterdir()] == ["日历.csv"]


def test_a_wrong_file_changes_nothing(hub, written):
    """Good rows beside a bad one are not taken either."""
    run("import", written(NOTICE), "-d", str(hub))
    before = run("show", "2027", "-d", str(hub))
    with pytest.raises(OverrideRefused):
        run(
            "import",
            written(NOTICE.replace("2027-10-01,休息", "2027-10-01,上班") + "2027-02-30,休息,,,\n"),
            "-d",
            str(hub),
        )
    assert run("show", "2027", "-d", str(hub)) == before
    assert rows(hub) == 1


def test_importing_the_same_file_again_writes_nothing(hub, written):
    """An operator who is not sure may do it again."""
    run("import", written(NOTICE), "-d", str(hub))
    assert "没有带来变化" in run("import", written(NOTICE), "-d", str(hub))
    assert rows(hub) == 1


def test_what_was_imported_can_be_exported_corrected_and_put_in_its_place(hub, written, tmp_path):
    """A rule that should never have been there goes away; the earlier import stays in the store."""
    run("import", written(NOTICE), "-d", str(hub))
    out = tmp_path / "全部.csv"
    run("export", str(out), "-d", str(hub))
    corrected = "".join(line for line in out.read_text("utf-8-sig").splitlines(keepends=True) if "三月三" not in line)
    out.write_text(corrected, encoding="utf-8")
    run("import", str(out), "--replace", "-d", str(hub))
    assert "三月三" not in run("show", "2027", "--county", "450105", "-d", str(hub))
    assert "10-01 – 10-02" in run("show", "2027", "-d", str(hub))
    assert rows(hub) == 2


@pytest.mark.parametrize("words", [("check", "none.csv"), ("import", "none.csv"), ("export", "none/all.csv")])
def test_a_file_that_cannot_be_used_is_named(hub, tmp_path, words):
    """Not there, or in a folder that is not there."""
    command, file = words
    where = [] if command == "check" else ["-d", str(hub)]
    with pytest.raises(YunhuobanError) as refusal:
        run(command, str(tmp_path / file), *where)
    assert (refusal.value.code.code, refusal.value.place) == ("E-CAL-013", file.rpartition("/")[2])


def test_show_refuses_a_code_that_is_no_division(hub):
    """A mistyped code is not shown as if it were a county without rules."""
    with pytest.raises(YunhuobanError) as refusal:
        run("show", "2026", "--county", "139999", "-d", str(hub))
    assert refusal.value.code.code == "E-ID-003"


def test_both_stores_keep_imports(databases, tmp_path):
    """The newest row counts and holds everything; the one before is still there."""
    store = open_store(databases.make(tmp_path))
    first = calendars.overridefile.decode(NOTICE.encode())
    second = calendars.overridefile.decode("日期,安排\n2027-10-01,上班\n".encode())
    with store.write() as tx:
        assert calendars.imported(tx) == calendars.Override()
        assert calendars.enter(tx, first, replacing=False, file_name="一", now=START)
        assert calendars.enter(tx, second, replacing=False, file_name="二" * 300, now=START)
    with store.read() as tx:
        assert calendars.imported(tx) == first.merged(second)
        assert calendars.calendar(tx).of().is_working_day(date(2027, 10, 1))
        kept = tx.execute(select(tables.calendar_overrides.c.body).order_by(tables.calendar_overrides.c.serial)).all()
    assert [calendars.overridefile.decode(row.body) for row in kept] == [first, first.merged(second)]
    store.close()


def test_imports_never_grow_beyond_what_can_be_read_again(databases, tmp_path):
    """Two files that are small enough, and together are not: the second is refused, the first still counts."""
    store = open_store(databases.make(tmp_path))
    first, second = (
        calendars.Override(
            days=tuple(
                DayRule(date(2027, 1, 1) + timedelta(days=n), place, working=False, note="长" * 100)
                for n in range(1900)
            )
        )
        for place in ("", "450000")
    )
    with store.write() as tx:
        assert calendars.enter(tx, first, replacing=False, file_name="一", now=START)
        with pytest.raises(OverrideRefused) as refusal:
            calendars.enter(tx, second, replacing=False, file_name="二", now=START)
        assert [each.code.code for each in refusal.value.problems] == ["E-CAL-002"]
    with store.read() as tx:
        assert calendars.imported(tx) == first
    store.close()
