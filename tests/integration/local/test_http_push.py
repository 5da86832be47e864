"""Records pushed to a real HTTP interface: each is taken once, and what was not taken is told with its place."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.local.mapping.strict import Problems, Section
from adapters.local.sinks import LocalWrite
from adapters.local.sinks.sql import row_guid
from adapters.local.sinks.web import HttpSink
from schemas.errors import YunhuobanError
from tests.hall_interface import Asked, HallInterface, Said, serving

REPLY: dict[str, Any] = {"path": "/api/reply", "columns": ["no", "名", "big"]}


@pytest.fixture(scope="module")
def server() -> Iterator[HallInterface]:
    """The hall's program."""
    with serving() as hall:
        yield hall


@pytest.fixture
def hall(server: HallInterface) -> HallInterface:
    """The same, told nothing yet, and taking everything."""
    server.asked.clear()
    server.answer = lambda _: Said(status=201)
    return server


def sink(hall: HallInterface, access: dict[str, str] | None = None, **more: Any) -> HttpSink:
    """Open the interface as `[sink]` says."""
    said = {"type": "http", "key_column": "guid", "access": access or {}, "records": {"回": REPLY | more}}
    section = Section(said, "sink", Problems())
    opened = HttpSink.from_settings(section, hall.address)
    assert section.problems.found == []
    return opened


def reply(key: str, **row: object) -> LocalWrite:
    """One reply."""
    return LocalWrite(kind="回", key=key, row={"no": key, "名": "𠮷"} | row)


def test_a_record_as_the_interface_gets_it(hall, tmp_path):
    """JSON in UTF-8 with the columns of the mapping, its key in header and body, numbers that stay whole, the token."""
    token = tmp_path / "token"
    token.write_text("geheim", encoding="utf-8")
    token.chmod(0o600)
    one = reply("1", big=2**60, other="not asked for")
    sink(hall, {"token_file": str(token)}).write([one])
    (asked,) = hall.asked
    assert (asked.method, asked.path) == ("POST", "/api/reply")
    assert asked.headers["Content-Type"] == "application/json; charset=utf-8"
    assert asked.headers["Authorization"] == "Bearer geheim"
    assert asked.headers["Idempotency-Key"] == row_guid(one)
    assert json.loads(asked.body) == {"guid": row_guid(one), "no": "1", "名": "𠮷", "big": str(2**60)}


def test_a_call_that_breaks_in_the_middle_is_repeated_with_the_same_keys(hall):
    """What was taken is not sent again by this process; another process sends it again under the same key."""
    hall.answer = lambda asked: Said(status=500 if json.loads(asked.body)["no"] == "2" else 200)
    writes = [reply("1"), reply("2"), reply("3")]
    opened = sink(hall)
    with pytest.raises(YunhuobanError) as failed:
        opened.write(writes)
    assert failed.value.code.code == "E-SRC-085"
    hall.answer = lambda _: Said()
    opened.write(writes)
    opened.write([reply("1")])
    sink(hall).write(writes)
    keys = [asked.headers["Idempotency-Key"] for asked in hall.asked]
    first, second, third = map(row_guid, writes)
    assert keys == [first, second, second, third, first, first, second, third]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said(status=400), "E-SRC-086"), (Said(status=422), "E-SRC-086"), (Said(status=301), "E-SRC-086"),
        (Said(status=304), "E-SRC-086"), (Said(status=403), "E-SRC-084"), (Said(status=409), "E-SRC-085"),
        (Said(status=502), "E-SRC-085"), (Said(b"", headers={"Content-Length": "9"}), "E-SRC-082"),
    ],
)  # fmt: skip
def test_what_is_not_taken(hall, said, code):
    """4xx is a refusal with path, kind and key; 5xx and 409 are for later; nothing of the record is quoted."""
    hall.answer = lambda _: Said(said.body, said.status, said.headers | {"Connection": "close"})
    with pytest.raises(YunhuobanError) as failed:
        sink(hall).write([reply("1")])
    assert failed.value.code.code == code
    assert failed.value.place == f"接口 /api/reply 记录 回 {row_guid(reply('1'))}"
    assert "𠮷" not in f"{failed.value} {failed.value.found}"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": 0, "data": {"ok": True}}, None), ({"code": "200", "data": {"ok": True}}, None),
        ({"code": 500, "msg": "𠮷"}, "E-SRC-086"), ({"code": 0, "data": {"ok": False}}, "E-SRC-086"), ({}, "E-SRC-086"),
        ({"code": {"a": 1}}, "E-SRC-086"), ({"code": "𠮷建国 130928199003074511"}, "E-SRC-086"),
        (b"<html>ok</html>", "E-SRC-087"),
    ],
)  # fmt: skip
def test_what_counts_as_taken_where_everything_is_200(hall, body, code):
    """Values within the answer decide where the mapping names them, all of them."""
    hall.answer = lambda _: Said(body)
    opened = sink(hall, accepted={"code": ["0", "200"], "data.ok": "true"})
    if code is None:
        opened.write([reply("1")])
        return
    with pytest.raises(YunhuobanError) as failed:
        opened.write([reply("1")])
    assert failed.value.code.code == code
    assert "𠮷" not in f"{failed.value} {failed.value.found}"
    assert "1309" not in failed.value.found


def test_an_interface_that_keeps_the_key_takes_a_record_once(hall):
    """An answer that is lost after the record was taken: the repetition carries the key, and leaves one."""
    taken: dict[str, Any] = {}

    def answer(asked: Asked) -> Said:
        taken.setdefault(asked.headers["Idempotency-Key"], json.loads(asked.body))
        lost = {"Content-Length": "9", "Connection": "close"} if len(hall.asked) == 1 else {}
        return Said(b"", headers=lost)

    hall.answer = answer
    opened = sink(hall)
    with pytest.raises(YunhuobanError):
        opened.write([reply("1")])
    opened.write([reply("1")])
    assert len(hall.asked) == 2
    assert len(taken) == 1


def test_kinds_and_settings_that_are_wrong(hall):
    """A kind that the mapping does not push is named before anything is sent; unknown keys come with the nearest."""
    with pytest.raises(YunhuobanError) as failed:
        sink(hall).write([reply("1"), LocalWrite(kind="别的", key="1", row={})])
    assert failed.value.code.code == "E-SRC-088"
    assert hall.asked == []
    section = Section(
        {"key_colum": "", "records": {"回": {"path": "/", "columns": [], "acepted": {}}}}, "sink", Problems()
    )
    HttpSink.from_settings(section, "http://host")
    assert [each.params["nearest"] for each in section.problems.found] == ["key_column", "accepted"]
