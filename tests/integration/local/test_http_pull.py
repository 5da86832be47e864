"""Records pulled from a real HTTP interface: none lost, none twice, whatever the interface does in between."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.local.mapping.functions import BEIJING
from adapters.local.mapping.strict import Problems, Section
from adapters.local.sources.web.pull import HttpSource
from schemas.errors import YunhuobanError
from tests.hall_interface import Asked, HallInterface, Said, self_signed, serving

NOW = datetime(2026, 11, 22, 12, tzinfo=BEIJING).astimezone(UTC)
KIND: dict[str, Any] = {"path": "/api/件", "rows": "data.list", "key": ["no"], "columns": ["no", "名"]}


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        """Start at nought."""
        self.seconds = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.seconds


@pytest.fixture(scope="module")
def server() -> Iterator[HallInterface]:
    """The hall's program."""
    with serving() as hall:
        yield hall


@pytest.fixture
def hall(server: HallInterface) -> HallInterface:
    """The same, asked nothing yet."""
    server.asked.clear()
    return server


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that the source looks at."""
    made = Clock()
    monkeypatch.setitem(HttpSource.__init__.__kwdefaults__, "clock", made)
    return made


def source(hall: HallInterface, access: dict[str, str] | None = None, **more: Any) -> HttpSource:
    """Open the interface as `[source]` says."""
    said = {"type": "http", "every_seconds": 0, "access": access or {}, "records": {"件": KIND | more}}
    section = Section(said, "source", Problems())
    opened = HttpSource.from_settings(section, hall.address, lambda: NOW)
    assert section.problems.found == []
    return opened


def rows(*numbers: object, **more: object) -> dict[str, Any]:
    """An answer with these rows."""
    return {"data": {"list": [{"no": str(each), "名": "𠮷"} | more for each in numbers]}}


def drain(opened: HttpSource, cursor: str | None, limit: int = 10) -> tuple[list[str], str | None]:
    """Look until nothing is new."""
    keys: list[str] = []
    while True:
        batch = opened.poll(cursor, limit)
        assert list(batch.failures) == []
        keys += [each.key.partition("|")[2] for each in batch.records]
        if batch.cursor == cursor:
            return keys, cursor
        cursor = batch.cursor


def code(opened: HttpSource, cursor: str | None = None) -> str:
    """What a look fails with."""
    with pytest.raises(YunhuobanError) as failed:
        opened.poll(cursor, 10)
    assert failed.value.place
    return failed.value.code.code


def test_a_whole_list_each_time(hall, clock):
    """Known rows bring nothing, new and corrected ones come, in batches; the same cursor gives the same rows."""
    hall.answer = lambda _: Said(rows(*range(5)))
    opened = source(hall)
    first = opened.poll(None, 2)
    assert first.records[0].row == {"no": "0", "名": "𠮷"}
    assert first.records[0].place == "接口 /api/件 路径 $.data.list[0]"
    again = source(hall).poll(None, 2)
    assert [each.key for each in again.records] == [each.key for each in first.records] == ["件|0", "件|1"]
    keys, cursor = drain(opened, first.cursor, 2)
    assert keys == ["2", "3", "4"]
    hall.answer = lambda _: Said(
        {"data": {"list": [{"no": "9", "名": "新"}, *rows(0)["data"]["list"], {"no": "1", "名": "改"}]}}
    )
    assert drain(source(hall), cursor)[0] == ["9", "1"]


def test_nothing_new_is_said_by_a_tag(hall, clock):
    """ETag and Last-Modified come back with the next question; 304 moves nothing and loses nothing."""
    tag = {"ETag": '"v1"', "Last-Modified": "Sun, 22 Nov 2026 02:00:00 GMT"}
    hall.answer = lambda asked: Said(status=304) if "If-None-Match" in asked.headers else Said(rows(1, 2), headers=tag)
    opened = source(hall)
    assert "If-None-Match" not in (hall.asked[-1].headers if hall.asked else {})
    keys, cursor = drain(opened, None)
    assert keys == ["1", "2"]
    assert hall.asked[-1].headers["If-None-Match"] == '"v1"'
    assert hall.asked[-1].headers["If-Modified-Since"] == tag["Last-Modified"]
    hall.answer = lambda _: Said(rows(1, 2, 3), headers={"ETag": '"v2"'})
    assert drain(source(hall), cursor)[0] == ["3"]


def test_a_batch_that_ends_in_the_middle_leaves_no_tag(hall, clock):
    """As long as rows of an answer are still to be handed out, the interface is not told that we have them."""
    hall.answer = lambda asked: (
        Said(status=304) if "If-None-Match" in asked.headers else Said(rows(*range(7)), headers={"ETag": "x"})
    )
    assert drain(source(hall), None, 2)[0] == [str(n) for n in range(7)]


def test_only_what_changed_since_with_an_overlap(hall, clock):
    """A row committed late lies before what was read; one from the future hides nothing; times are Beijing's."""
    table = [("1", "2026-11-22 10:00:00"), ("future", "2099-01-01 00:00:00")]

    def answer(asked: Asked) -> Said:
        since = asked.parameters.get("since", "")
        return Said({"data": {"list": [{"no": no, "名": "", "at": at} for no, at in table if at >= since]}})

    hall.answer = answer
    since = {"parameter": "since", "from": "at", "overlap_seconds": 600}
    opened = source(hall, columns=["no", "名", "at"], since=since)
    keys, cursor = drain(opened, None)
    assert keys == ["1", "future"]
    assert hall.asked[-1].parameters == {"since": "2026-11-22 11:50:00"}
    table += [("late", "2026-11-22 11:51:00"), ("new", "2026-11-22 12:00:01")]
    assert drain(source(hall, columns=["no", "名", "at"], since=since), cursor)[0] == ["late", "new"]


def test_only_higher_numbers(hall, clock):
    """A number orders rows, too; what is no number goes nowhere and comes all the same."""
    table: list[tuple[str, object]] = [("a", 5), ("b", "无")]

    def answer(asked: Asked) -> Said:
        after = int(asked.parameters.get("after", "0"))
        return Said({"data": {"list": [{"no": no, "n": n} for no, n in table if not isinstance(n, int) or n > after]}})

    hall.answer = answer
    more = {"columns": ["no", "n"], "since": {"parameter": "after", "from": "n", "overlap_numbers": 2}}
    keys, cursor = drain(source(hall, **more), None)
    assert keys == ["a", "b"]
    assert hall.asked[-1].parameters["after"] == "3"
    table.append(("late", 4))
    assert drain(source(hall, **more), cursor)[0] == ["late"]


@pytest.mark.parametrize("limit", [3, 100])
def test_page_by_page(hall, clock, limit):
    """Pages are read to the first that is not full, and from the first again; fixed parameters go along."""
    table = [str(n) for n in range(11)]

    def answer(asked: Asked) -> Said:
        at = (int(asked.parameters["p"]) - 1) * 4
        assert asked.parameters | {"p": ""} == {"p": "", "rows": "4", "county": "130928"}
        return Said(rows(*table[at : at + 4]))

    hall.answer = answer
    more = {"page": {"parameter": "p", "size": 4, "size_parameter": "rows"}, "parameters": {"county": "130928"}}
    keys, cursor = drain(source(hall, **more), None, limit)
    assert keys == table
    table.insert(0, "newest first")
    keys, cursor = drain(source(hall, **more), cursor, limit)
    assert keys == ["newest first"]


def test_an_interface_that_pays_no_heed_to_the_page(hall, clock):
    """One that gives the same full page for ever does not keep the node asking for ever."""
    hall.answer = lambda _: Said(rows(1, 2))
    assert drain(source(hall, page={"parameter": "p", "size": 2}), None)[0] == ["1", "2"]
    assert len(hall.asked) < 6


def test_a_feed_goes_on_where_it_ended(hall, clock):
    """Each answer names the next; after a restart nothing is asked for again but the last."""
    feed = {"": ["1", "2"], "c1": ["3"], "c2": []}

    def answer(asked: Asked) -> Said:
        at = asked.parameters.get("cursor", "")
        following = {"": "c1", "c1": "c2"}.get(at, at)
        return Said(rows(*feed[at]) | {"next": following})

    hall.answer = answer
    more = {"next": {"parameter": "cursor", "from": "next"}}
    keys, cursor = drain(source(hall, **more), None, 2)
    assert keys == ["1", "2", "3"]
    hall.asked.clear()
    feed["c2"] = ["4"]
    assert drain(source(hall, **more), cursor)[0] == ["4"]
    assert {each.parameters["cursor"] for each in hall.asked} == {"c2"}


def test_rows_that_cannot_be_read_are_told_once(hall, clock):
    """A row without its key, and one of another shape, are failures with their place and block no other."""
    hall.answer = lambda _: Said(
        {
            "data": {
                "list": [
                    {"no": "", "名": "x"},
                    "text",
                    {"no": "1", "名": 12345678901234567890},
                    *rows(2)["data"]["list"],
                ]
            }
        }
    )
    opened = source(hall)
    batch = opened.poll(None, 10)
    assert [each.code.code for each in batch.failures] == ["E-SRC-037", "E-SRC-054", "E-SRC-055"]
    assert batch.failures[0].place.startswith("接口 /api/件 路径 $.data.list[0]")
    assert [each.key for each in batch.records] == ["件|2"]
    assert opened.poll(batch.cursor, 10).failures == []


def test_a_token_that_changes_in_its_file(hall, clock, tmp_path):
    """It is read anew for each request, goes into the header that the mapping names, and stays out of errors."""
    token = tmp_path / "token"
    token.write_text("geheim-1\n", encoding="utf-8")
    token.chmod(0o600)
    hall.answer = lambda asked: (
        Said(rows(1)) if asked.headers.get("Authorization") == "Bearer geheim-1" else Said(status=401)
    )
    opened = source(hall, {"token_file": str(token)})
    keys, cursor = drain(opened, None)
    assert keys == ["1"]
    token.write_text("geheim-2", encoding="utf-8")
    with pytest.raises(YunhuobanError) as failed:
        opened.poll(cursor, 10)
    assert failed.value.code.code == "E-SRC-084"
    assert "geheim" not in f"{failed.value} {failed.value.found} {failed.value.expected}"
    hall.answer = lambda asked: Said(rows(1) if asked.headers.get("X-Token") == "geheim-2" else {})
    assert drain(source(hall, {"token_file": str(token), "header": "X-Token"}), None)[0] == ["1"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Said(status=403), "E-SRC-084"), (Said(status=404), "E-SRC-086"),
        (Said(status=302, headers={"Location": "http://localhost:1/"}), "E-SRC-086"),
        (Said(status=500), "E-SRC-085"), (Said(status=429), "E-SRC-085"), (Said(b"<html>"), "E-SRC-087"),
        (Said({"data": {}}), "E-SRC-061"), (Said(b"[" * 5000), "E-SRC-087"),
        (Said(b"{", headers={"Content-Length": "99"}), "E-SRC-082"),
    ],
)  # fmt: skip
def test_answers_that_are_none(hall, clock, said, expected):
    """Each has its code and moves nothing; the same cursor brings everything afterwards."""
    hall.answer = lambda _: Said(rows(1))
    opened = source(hall)
    _, cursor = drain(opened, None)
    hall.answer = lambda _: Said(said.body, said.status, said.headers | {"Connection": "close"})
    assert code(opened, cursor) == expected
    hall.answer = lambda _: Said(rows(1, 2))
    clock.seconds += 1
    assert drain(opened, cursor)[0] == ["2"]


def test_an_answer_without_an_end(hall, clock, monkeypatch):
    """An answer larger than the bound is given up, not swallowed."""
    monkeypatch.setattr("adapters.local.sources.web.client.LARGEST_ANSWER_BYTES", 1000)
    hall.answer = lambda _: Said(rows(*range(200)))
    assert code(source(hall)) == "E-SRC-087"


def test_pauses_grow_and_the_interface_names_its_own(hall, clock):
    """One that is away is asked after 1, 2, 4 … seconds, or when it said; every look in between tells why."""
    hall.answer = lambda _: Said(status=503)
    opened = source(hall)
    for pause in (1, 2, 4):
        count = len(hall.asked)
        assert code(opened) == code(opened) == "E-SRC-085"
        assert len(hall.asked) == count + 1
        clock.seconds += pause
    hall.answer = lambda _: Said(status=503, headers={"Retry-After": "120"})
    assert code(opened) == "E-SRC-085"
    clock.seconds += 119
    hall.answer = lambda _: Said(rows(1))
    assert code(opened) == "E-SRC-085"
    clock.seconds += 1
    assert drain(opened, None)[0] == ["1"]


def test_an_interface_is_not_asked_more_often_than_said(hall, clock):
    """Between two sweeps `every_seconds` pass; while rows are still coming none do."""
    hall.answer = lambda _: Said(rows(1, 2, 3))
    section = Section({"type": "http", "records": {"件": KIND}}, "source", Problems())
    opened = HttpSource.from_settings(section, hall.address, lambda: NOW)
    first = opened.poll(None, 2)
    second = opened.poll(first.cursor, 2)
    assert [each.key for each in second.records] == ["件|3"]
    count = len(hall.asked)
    assert opened.poll(second.cursor, 2).records == ()
    assert len(hall.asked) == count
    clock.seconds += 10
    opened.poll(second.cursor, 2)
    assert len(hall.asked) == count + 1


def test_one_kind_that_fails_does_not_hold_the_others(hall, clock):
    """What the other kinds gave is kept; the look after that says what is wrong with the one."""
    hall.answer = lambda asked: Said(rows(1)) if asked.path.endswith("good") else Said(status=404)
    kinds = {"bad": KIND | {"path": "/bad"}, "good": KIND | {"path": "/good"}}
    section = Section({"type": "http", "every_seconds": 0, "records": kinds}, "source", Problems())
    opened = HttpSource.from_settings(section, hall.address, lambda: NOW)
    batch = opened.poll(None, 10)
    assert [each.key for each in batch.records] == ["good|1"]
    clock.seconds += 1
    assert code(opened, batch.cursor) == "E-SRC-086"


def test_an_answer_in_gbk_that_says_so(hall, clock):
    """JSON is UTF-8; a system that answers in GBK and says so in its header is understood."""
    body = '{"data": {"list": [{"no": "1", "名": "吴桥"}]}}'.encode("gbk")
    hall.answer = lambda _: Said(body, headers={"Content-Type": "application/json; charset=gbk"})
    assert source(hall).poll(None, 10).records[0].row["名"] == "吴桥"


def test_whose_certificate_is_believed(clock, tmp_path):
    """A certificate of the hall's own making is refused, and believed when the mapping names it."""
    with serving(self_signed(tmp_path)) as hall:
        hall.answer = lambda _: Said(rows(1))
        assert code(source(hall)) == "E-SRC-083"
        assert drain(source(hall, {"ca_file": str(tmp_path / "hall.pem")}), None)[0] == ["1"]
        assert code(source(hall, {"ca_file": str(tmp_path / "nowhere.pem")})) == "E-SRC-083"
    assert code(source(hall)) == "E-SRC-082"


@pytest.mark.parametrize(
    "address", ["ftp://host", "http://", "http://a:b@host", "http://host/?x=1", "http://[::1", "host", "http://host:x"]
)
def test_addresses_that_are_none(hall, address):
    """An address of another kind, or with a password or parameters in it, is refused without being repeated."""
    hall_elsewhere = HallInterface()
    hall_elsewhere.address = address
    with pytest.raises(YunhuobanError) as failed:
        source(hall_elsewhere)
    assert failed.value.code.code == "E-SRC-081"


def test_settings_that_are_wrong_are_told_together(tmp_path: Path):
    """Unknown keys come with the nearest, at every depth; paths, pages and columns are looked at, too."""
    kind = KIND | {
        "path": "api?x=1", "rowz": "", "since": {"parameter": "s", "from": "名称"},
        "page": {"parameter": "p", "size": 0}, "next": {"parameter": "n", "from": "next", "to": ""},
    }  # fmt: skip
    said = {
        "type": "http",
        "every": 1,
        "access": {"token": "x", "header": "X Y", "ca_file": "a"},
        "records": {"件": kind},
    }
    section = Section(said, "source", Problems())
    HttpSource.from_settings(section, "http://host", lambda: NOW)
    unknown = {
        each.params["key"]: each.params["nearest"] for each in section.problems.found if "nearest" in each.params
    }
    assert unknown == {"every": "every_seconds", "token": "token_file", "rowz": "rows", "名称": "名", "to": "from"}
    wrong = [each.place for each in section.problems.found if each.code.code == "E-MAP-043"]
    assert wrong == [
        "source.access.header", "source.access.ca_file", "source.records.件.path", "source.records.件.page.size",
        "source.records.件",
    ]  # fmt: skip
