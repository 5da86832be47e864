"""The operators' record: in the transaction of what it tells of, only added to, and whatever is done to it is named."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, text, update
from typer.testing import CliRunner

from hub.cli import app as hub_app
from hub.record import listing
from hub.record.acts import Act
from hub.record.noting import Actor, note
from hub.record.tables import operator_record
from hub.record.verifying import Known, verify
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, WINDOW, World

LI, WANG = Actor(account="li.ops", address="192.0.2.7"), "wang.ops"
_number = operator_record.c.number


@pytest.fixture
def recorded(world: World) -> World:
    """A hub with five lines."""
    with world.store.write() as tx:
        for serial in range(5):
            at = world.now + timedelta(seconds=serial)
            about = WINDOW if serial % 2 else ISSUING
            note(tx, LI, Act.COUNTY_STATE, at=at, about=about, reason=f"原因 {serial}", second=WANG if serial else "")
    return world


def told(world: World, known: str = "") -> list[str]:
    """Code and number of everything that the check finds."""
    with world.store.read() as tx:
        found = verify(tx, Known.parse(known) if known else None).findings
    return [f"{each.code.code} {each.place}" for each in found]


def tampered(world: World, change: Callable[[Connection], Any]) -> None:
    """As whoever owns the database does it: the triggers are taken off first."""
    with world.store.write() as tx:
        if tx.dialect.name == "sqlite":
            tx.execute(text("DROP TRIGGER operator_record_no_UPDATE"))
            tx.execute(text("DROP TRIGGER operator_record_no_DELETE"))
        else:
            tx.execute(text("DROP TRIGGER operator_record_only_added ON operator_record"))
        change(tx)


def test_who_did_what_when_from_where_and_why(recorded: World):
    """Newest first, of one person or about one thing, and a page at a time."""
    with recorded.store.read() as tx:
        lines = listing.lines(tx)
        assert [each.number for each in lines] == [5, 4, 3, 2, 1]
        assert (lines[0].who, lines[0].second, lines[0].address) == ("li.ops", "wang.ops", "192.0.2.7")
        assert (lines[0].about, lines[0].reason, lines[4].second) == (ISSUING, "原因 4", "")
        assert lines[0].at == recorded.now + timedelta(seconds=4)
        assert [each.number for each in listing.lines(tx, before=4, limit=2)] == [3, 2]
        assert [each.number for each in listing.lines(tx, about=WINDOW)] == [4, 2]
        assert listing.lines(tx, who="nobody") == []
        assert verify(tx).findings == ()


@pytest.mark.both_stores
def test_the_database_itself_only_adds(recorded: World):
    """No program and no slip of the hand changes or removes a line."""
    for statement in (update(operator_record).values(reason="x"), delete(operator_record)):
        with pytest.raises(YunhuobanError, match="E-STORE-0"), recorded.store.write() as tx:
            tx.execute(statement)
    assert told(recorded) == []


def test_a_line_is_there_only_with_what_it_tells_of(world: World):
    """What is rolled back was never done, and the next line takes its place in the chain."""
    with contextlib.suppress(ZeroDivisionError), world.store.write() as tx:
        note(tx, LI, Act.COUNTY_STATE, at=world.now)
        _ = 1 / 0
    with world.store.write() as tx:
        assert note(tx, LI, Act.COUNTY_STATE, at=world.now, reason="a\0b" * 300) == 1
    assert told(world) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (update(operator_record).where(_number == 3).values(reason="另一个原因"), ["E-RECORD-001 3"]),
        (update(operator_record).where(_number == 2).values(who="zhao.ops"), ["E-RECORD-001 2"]),
        (update(operator_record).where(_number == 5).values(second=""), ["E-RECORD-001 5"]),
        (update(operator_record).where(_number == 4).values(digest=b"\0" * 32), ["E-RECORD-001 4", "E-RECORD-001 5"]),
        (delete(operator_record).where(_number == 2), ["E-RECORD-002 2"]),
        (delete(operator_record).where(_number == 1), ["E-RECORD-002 1"]),
    ],
)
def test_whatever_is_done_to_it_is_named(recorded: World, change: Any, found: list[str]):
    """A line that was changed, a name, a second person taken away, a digest, a line taken out: each by its number."""
    tampered(recorded, lambda tx: tx.execute(change))
    assert told(recorded) == found


def test_an_end_that_was_cut_off_is_missed_by_whoever_wrote_it_down(recorded: World):
    """The chain alone cannot know; E-RECORD-003 with a number and digest from before, E-RECORD-004 for a slip."""
    with recorded.store.read() as tx:
        known = f"5:{listing.lines(tx)[0].digest}"
    assert told(recorded, known) == []
    tampered(recorded, lambda tx: tx.execute(delete(operator_record).where(_number > 3)))
    assert told(recorded) == []
    assert told(recorded, known) == ["E-RECORD-003 5"]
    with pytest.raises(YunhuobanError, match="E-RECORD-004"):
        Known.parse("5:nothing")


def test_commands_are_recorded_and_the_record_is_verified_by_command(recorded: World, monkeypatch: pytest.MonkeyPatch):
    """`hub record verify` says what to write down and fails on a change; the ssh client's address is in the line."""
    (recorded.folder / "hub.toml").write_text(f'store_url = "{recorded.url}"\n', encoding="utf-8")
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.9 50000 192.0.2.1 22")

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(hub_app, [*words, "-d", str(recorded.folder)], env={"COLUMNS": "250"})
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    (recorded.folder / "days.csv").write_text(
        "日期,安排,行政区划代码,办公时间,说明\n2027,全年已公布,,,通知\n", encoding="utf-8"
    )
    run("calendar", "import", str(recorded.folder / "days.csv"))
    code, output = run("record", "verify")
    assert (code, "6:" in output) == (0, True)
    listed = run("record", "list")[1]
    assert "192.0.2.7" in listed
    assert "198.51.100.9" in listed
    assert "导入日历" in listed
    tampered(recorded, lambda tx: tx.execute(delete(operator_record).where(_number == 3)))
    code, output = run("record", "verify")
    assert (code, "E-RECORD-002" in output) == (1, True)
