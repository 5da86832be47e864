"""A local write whose place somebody else's row has: told once, tried seldom, done when the way is free."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from adapters.local.sinks import LocalWrite
from adapters.local.sinks.sql import SqlSink
from adapters.store import tables
from tests.county_records import application
from tests.county_world import World

PAUSE = timedelta(seconds=300)
OURS = LocalWrite(kind="accept", key="1", row={"no": "N1"})


def test_it_is_told_once_and_tried_at_the_longest_pause(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first try already waits five minutes; the trouble stays as it was first told until the row is written."""
    sink = SqlSink(f"sqlite:///{tmp_path / 'local.db'}", "extend")

    def clerk(statement: str) -> None:
        with closing(sqlite3.connect(tmp_path / "local.db", isolation_level=None)) as connection:
            connection.execute(statement)

    def written(*_: Any) -> None:
        sink.write([OURS])

    def told() -> list[tuple[Any, ...]]:
        columns = tables.troubles.c
        return [tuple(each) for each in world.issuing.rows(select(columns.code, columns.place, columns.seen_at))]

    clerk("CREATE TABLE accept (no TEXT PRIMARY KEY, extend TEXT)")
    clerk("INSERT INTO accept (no) VALUES ('N1')")
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    world.carry(world.window)
    while world.issuing.handle():
        pass
    monkeypatch.setattr(world.issuing.sink, "write", written)
    with capture_logs() as logs:
        assert world.issuing.write() == 0
        first = told()
        assert [each[:2] for each in first] == [("E-SRC-025", "表 accept 行 no=N1")]
        clerk("UPDATE accept SET no = 'N3' WHERE no = 'N1'")
        world.now += PAUSE - timedelta(seconds=1)
        assert world.issuing.write() == 0  # not its time yet, though the way is free
        clerk("UPDATE accept SET no = 'N1' WHERE no = 'N3'")
        world.now += timedelta(seconds=1)
        assert world.issuing.write() == 0
    assert told() == first
    assert [each["event"] for each in logs if each["log_level"] == "warning"] == ["local.not_written"]
    clerk("DELETE FROM accept")
    world.now += PAUSE
    assert world.issuing.write() == 1
    assert told() == []
    sink.close()
