"""A county's pool of experts: the directory gets numbers and codes, this county alone keeps who they are."""

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from adapters.hall.revealing import book
from adapters.hall.stating import expertdesk, expertlist
from adapters.hall.stating.expertdesk import ExpertDesk
from adapters.hall.stating.expertpage import attach
from adapters.store import tables
from schemas import codec
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from tests import review_world
from tests.around_pages import place_of
from tests.county_world import ISSUING, World
from tests.review_world import TYPED, WANG, ZHANG, Browser


def desk_of(world: World) -> ExpertDesk:
    """The issuing county's."""
    return ExpertDesk(place_of(world, ISSUING))


def said(world: World) -> list[dict[str, Any]]:
    """What left the county, and that it is no more than this."""
    rows = world.issuing.rows(select(tables.outbox).where(tables.outbox.c.type == "expert.stated"))
    for row in rows:
        assert "钱教授".encode() not in row.body
        assert b"13800000000" not in row.body
    return [codec.decode(Envelope.parse(row.body).data, "Expert") for row in rows]


def test_an_expert_is_stated_by_number_and_the_name_stays_here(world: World) -> None:
    """Masked on the page until the look was noted; in the directory when it came; withdrawn, and out of it."""
    browser = Browser(world, ZHANG, lambda app, access: attach(app, desk_of(world), access))
    browser.done("/stating/experts", **TYPED)
    (record,) = said(world)
    assert record["professions"] == ["环境工程", "给排水"]
    assert record["county"] == ISSUING
    page = browser.get("/stating/experts")
    assert "钱**" in page
    assert "钱教授" not in page
    assert "不在今天的目录中" in page
    assert "E-LOOK-001" in browser.post("/stating/experts/E001/reveal", purpose="").text
    shown = browser.post("/stating/experts/E001/reveal", purpose="contact")
    assert "钱教授" in shown.text
    assert "13800000000" in shown.text
    with world.issuing.store.read() as tx:
        assert [each.what for each in book.every_look(tx)] == ["expert"]
        assert expertdesk.of_number(tx, world.issuing.identity, "E001") == ("钱教授", "13800000000")
        assert expertdesk.of_number(tx, world.issuing.identity, "E009") == ("", "")
    review_world.publish_experts(world, said(world))
    assert "在目录中" in browser.get("/stating/experts")
    browser.done("/stating/experts/E001/withdraw")
    assert [each["withdrawn"] for each in said(world)] == [False, True]
    assert browser.post("/stating/experts/E009/withdraw").status_code == 404


def test_a_clerk_reads_the_pool_and_changes_nothing(world: World) -> None:
    """The pool is the county's word: an approver says it."""
    browser = Browser(world, WANG, lambda app, access: attach(app, desk_of(world), access))
    assert "上传名单" not in browser.get("/stating/experts")
    assert "E-PAGE-060" in browser.post("/stating/experts", **TYPED).text
    assert "E-PAGE-060" in browser.post("/stating/experts/E001/withdraw").text


def listed(*rows: str) -> bytes:
    """A list as a spreadsheet writes it."""
    return expertlist.empty() + "\r\n".join(rows).encode()


def test_a_list_is_taken_whole_or_not_at_all(world: World) -> None:
    """The same press twice states nobody twice; one wrong cell states nobody, and is named by line and column."""
    desk, action = desk_of(world), str(uuid.uuid4())
    rows = ("E001,钱教授,13800000000,环境工程,环评,,2026-11-01,", "E002,孙高工,13800000001,环境工程,环评,,2026-11-01,")
    for _ in range(2):
        assert desk.upload(listed(*rows), person=ZHANG, action_id=action) == 2
    assert [each["expert_no"] for each in said(world)] == ["E001", "E002"]
    browser = Browser(world, ZHANG, lambda app, access: attach(app, desk, access))
    answer = browser.client.post(
        "/stating/experts/file",
        data={"action_id": str(uuid.uuid4())},
        files={"file": ("a.csv", listed(*rows, "E003,李,12,环境工程,环评,,2026-11-01,").decode().encode("utf-8"))},
    )
    assert "E-STATE-022" in answer.text
    assert len(said(world)) == 2


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "E-STATE-021", {}),
        (b"\xff\xff\xff", "E-STATE-021", {}),
        (b"a" * (expertlist.MOST_BYTES + 1), "E-STATE-021", {}),
        (expertlist.empty(), "E-STATE-021", {}),
        ("编号,姓名\r\n1,李".encode(), "E-STATE-021", {}),
        (listed("e1,李,13800000000,环,评,,2026-11-01,"), "E-STATE-022", {"line": "2", "column": "专家编号"}),
        (listed("E1,李,1380000000x,环,评,,2026-11-01,"), "E-STATE-022", {"line": "2", "column": "电话"}),
        (listed("E1,李,13800000000,,评,,2026-11-01,"), "E-STATE-022", {"line": "2", "column": "专业"}),
        (listed("E1,李,13800000000,环,评,9113,2026-11-01,"), "E-STATE-022", {"column": "工作单位统一社会信用代码"}),
        (listed("E1,李,13800000000,环,评,,2026-11-31,"), "E-STATE-022", {"column": "聘期起"}),
        (listed("E1,李,13800000000,环,评,,2026-11-02,2026-11-01"), "E-STATE-022", {"column": "聘期止"}),
        (listed(*["E1,李,13800000000,环,评,,2026-11-01,"] * 2), "E-STATE-022", {"line": "3", "column": "专家编号"}),
    ],
)
def test_what_is_wrong_in_a_list_is_named_and_not_repeated(data: bytes, code: str, words: dict[str, str]) -> None:
    """By line and column; somebody's name or number is not in the error."""
    with pytest.raises(YunhuobanError) as caught:
        expertlist.of_file(data, ISSUING)
    assert caught.value.code.code == code
    assert words.items() <= caught.value.params.items()
    assert "李" not in str(vars(caught.value))
