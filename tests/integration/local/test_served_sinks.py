"""The SQL sink over real PostgreSQL and MariaDB: each row once, whole, and nothing of it changed by a lax server."""

import threading
from uuid import UUID

import pytest

from adapters.local.sinks import LocalWrite
from adapters.local.sinks.sql import SqlSink, row_guid
from schemas.errors import YunhuobanError
from tests.integration.local.served_hall import ServedHall

SOON = ["mariadb", pytest.param("postgresql", marks=pytest.mark.long)]
"""Where the two servers differ in nothing that this program could see, the second one has its turn with LONG=1."""


@pytest.fixture(params=["postgresql", "mariadb"])
def hall(request: pytest.FixtureRequest):
    """The local system with a table of replies: narrow columns, a type of its own for everything."""
    node = request.getfixturevalue("county_mariadb" if request.param == "mariadb" else "postgres")
    made = ServedHall(node=node, name=node.create())
    guid, moment, truth, old = (
        ("CHAR(32)", "DATETIME(3)", "BOOLEAN", "CHARACTER SET utf8mb3")
        if made.is_mariadb
        else ("UUID", "TIMESTAMP(3)", "BOOLEAN", "")
    )
    made.says(
        f"CREATE TABLE reply (row_guid {guid} PRIMARY KEY, 名 VARCHAR(4) NOT NULL, t {moment}, d DATE, n INTEGER,"
        f" fee DECIMAL(12,2), yes {truth}, old VARCHAR(9) {old})"
    )
    yield made
    made.close()


def reply(key: str, **row: object) -> LocalWrite:
    """One reply."""
    return LocalWrite(kind="reply", key=key, row={"名": "𠮷〇"} | row)


def test_the_way_back_twice_is_once(hall):
    """Every type takes what it should; written again it is the one row, and what a clerk changed stays changed."""
    whole = reply("1", t="2026-11-22 10:00:00.123", d="2026年11月22日", n=3, fee="12.50", yes="1", old=None)
    sink = SqlSink(hall.url, "row_guid")
    sink.write([whole, reply("2")])
    hall.says("UPDATE reply SET n = 4")
    sink.write([whole])
    sink.close()
    (row,) = hall.says("SELECT row_guid, 名, CAST(t AS CHAR(23)), d, n, fee, yes, old FROM reply WHERE fee IS NOT NULL")
    assert UUID(str(row[0])).hex == row_guid(whole)
    assert (row[1], str(row[3]), row[4], str(row[5]), bool(row[6]), row[7]) == (
        *("𠮷〇", "2026-11-22", 4, "12.50", True, None),
    )
    assert row[2] == "2026-11-22 10:00:00.123"
    assert hall.says("SELECT count(*) FROM reply") == [(2,)]


@pytest.mark.parametrize("hall", SOON, indirect=True)
@pytest.mark.parametrize("bad", [reply("2", 名="比四个字长"), reply("2", fee="99999999999.99")])
def test_what_does_not_fit_is_refused_whole(hall, bad):
    """A server that would cut a name or cap a number must not: nothing of the call is written, no cell is quoted."""
    sink = SqlSink(hall.url, "row_guid")
    with pytest.raises(YunhuobanError) as failed:
        sink.write([reply("1"), bad])
    assert failed.value.code.code == "E-SRC-021"
    assert "比四" not in f"{failed.value} {failed.value.found}"
    assert hall.says("SELECT count(*) FROM reply") == [(0,)]
    sink.close()


def test_a_rare_character_never_becomes_a_question_mark(hall):
    """A column that has no such character refuses it (MariaDB's utf8mb3); one that has keeps it."""
    sink = SqlSink(hall.url, "row_guid")
    if hall.is_mariadb:
        with pytest.raises(YunhuobanError) as failed:
            sink.write([reply("1", old="𠮷")])
        assert failed.value.code.code == "E-SRC-021"
    else:
        sink.write([reply("1", old="𠮷")])
    assert hall.says("SELECT old FROM reply") == ([] if hall.is_mariadb else [("𠮷",)])
    sink.close()


@pytest.mark.parametrize("hall", SOON, indirect=True)
def test_two_nodes_at_once_write_one_row(hall):
    """Two processes that write the same reply at the same time leave one; the one that loses repeats its call."""
    together = threading.Barrier(2)
    lost: list[YunhuobanError] = []

    def write() -> None:
        sink = SqlSink(hall.url, "row_guid")
        together.wait()
        for number in range(3):
            try:
                sink.write([reply(str(number))])
            except YunhuobanError as error:
                lost.append(error)
                sink.write([reply(str(number))])
        sink.close()

    both = [threading.Thread(target=write) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join(60)
    assert hall.says("SELECT count(*) FROM reply") == [(3,)]
    assert {each.code.code for each in lost} <= {"E-SRC-021"}


@pytest.mark.parametrize("hall", SOON, indirect=True)
def test_writing_goes_on_after_the_server_was_killed(hall):
    """While the server is away a write says so; the same call after its restart writes everything once."""
    sink = SqlSink(hall.url, "row_guid")
    sink.write([reply("1")])
    hall.node.kill()
    with pytest.raises(YunhuobanError) as failed:
        sink.write([reply("1"), reply("2")])
    assert failed.value.code.code == "E-SRC-021"
    hall.node.start()
    sink.write([reply("1"), reply("2")])
    assert hall.says("SELECT count(*) FROM reply") == [(2,)]
    sink.close()


@pytest.mark.parametrize("hall", SOON, indirect=True)
def test_a_row_in_the_place_of_ours_is_named_by_either_server(hall):
    """A clerk's row under the same unique number is told as that, and is left as it is."""
    hall.says("CREATE UNIQUE INDEX once ON reply (n)")
    sink = SqlSink(hall.url, "row_guid")
    sink.write([reply("a clerk's", n=7)])
    with pytest.raises(YunhuobanError) as failed:
        sink.write([reply("1", n=6), reply("2", n=7)])
    assert (failed.value.code.code, failed.value.place) == ("E-SRC-025", "表 reply 行 n")
    assert hall.says("SELECT n FROM reply") == [(7,)]
    sink.close()
