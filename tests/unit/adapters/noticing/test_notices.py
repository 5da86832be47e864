"""Who is not in front of a page is told that something waits: once, together, by real services, and no name in it."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from adapters.case import caselist
from adapters.hall.approving import proposals
from adapters.hall.approving.acts import Act
from adapters.hall.noticing import waiting, watch
from adapters.hall.noticing.waiting import Waiting
from adapters.hall.noticing.watch import PAUSE, NoticeWatch
from adapters.printing import ledger
from adapters.printing.states import PrintState
from adapters.store import tables
from pages.notices import channels
from pages.notices.channels import FILE, NO_ADDRESS, NOT_READ, NOT_TOLD, TOO_OPEN, Channels
from pages.people.person import Role
from schemas.errors import Code, YunhuobanError
from tests.county_begun import begin_at
from tests.county_records import COMPANY, NAME
from tests.county_world import ISSUING, WINDOW, World
from tests.receivers import Post, hook, mailbox
from tests.unit.adapters.approving.test_approval_desk import desk_of, press


@pytest.fixture
def post() -> Iterator[tuple[Post, str]]:
    """The server and an address that leads to it."""
    with mailbox() as opened:
        yield opened


def watch_of(world: World, code: str, **urls: str | list[str]) -> NoticeWatch:
    """A county's watch, which tells these roles."""
    county = world.counties[code]

    def look(tx: Connection) -> list[Waiting]:
        cases = caselist.under_way(tx, county.directory(tx), code, world.now)
        return waiting.found(cases, ledger.entries(tx, states={PrintState.AUTHORISED}), proposals.waiting(tx))

    told = {role: Channels([url] if isinstance(url, str) else url) for role, url in urls.items()}
    return NoticeWatch(county.store, told, look, county=county.settings.name)  # type: ignore[arg-type]


def test_an_approver_is_told_of_a_new_case_once_by_mail(world: World, post: tuple[Post, str]) -> None:
    """One mail in Chinese for what is new, none while nothing is, whatever is restarted; nobody's name is in it."""
    taken, url = post
    begin_at(world, "application.submitted")
    for _ in range(2):
        watch_of(world, ISSUING, approver=url).run_once(world.now)
        world.later(hours=1)
    (mail,) = taken.mails
    message = message_from_bytes(mail, policy=policy.default)
    said = f"{message['Subject']} {message.get_body(('plain', 'html')).get_content()}"  # type: ignore[union-attr]
    assert "有 1 件新办件等待办理" in said
    assert NAME not in said
    assert COMPANY not in said


def test_the_second_person_is_told_that_somebody_waits_for_an_approval(world: World, post: tuple[Post, str]) -> None:
    """One mail for what one approver proposed; nothing of what it says stands in it."""
    taken, url = post
    case_no = begin_at(world, "print.authorised")
    press(desk_of(world), case_no, Act.CHANGE_STATE, license_state="revoked", reasons="登记材料不实。")
    for _ in range(2):
        watch_of(world, ISSUING, approver=url).run_once(world.now)
        world.later(hours=1)
    (mail,) = taken.mails
    message = message_from_bytes(mail, policy=policy.default)
    text = message.get_body(("plain", "html")).get_content()  # type: ignore[union-attr]
    assert "有 1 项等待另一位审批人员批准" in text
    assert "新办件" not in text
    assert "登记材料" not in text


def test_a_clerk_is_told_that_something_is_to_be_printed_and_what_comes_soon_after_waits(world: World) -> None:
    """A webhook hears of it; within the pause nothing more is said, after it everything together."""
    with hook() as (taken, url):
        begin_at(world, "print.authorised")
        told = watch_of(world, WINDOW, clerk=url)
        assert told.run_once(world.now) == 1
        assert "有 1 张证照等待打印" in taken[0]["message"]
        world.up_to("print.authorised", "WQ2")
        assert told.run_once(world.now) == 0
        world.later(minutes=PAUSE.seconds / 60)
        assert told.run_once(world.now) == 1
        assert len(taken) == 2


def test_a_case_that_is_late_is_said_to_be(world: World) -> None:
    """Once more, and in other words."""
    with hook() as (taken, url):
        begin_at(world, "application.submitted")
        told = watch_of(world, ISSUING, approver=url)
        told.run_once(world.now)
        world.later(days=30)
        told.run_once(world.now)
        assert "有 1 件办件超期" in taken[1]["message"]


def test_what_cannot_be_told_is_a_trouble_and_told_later(world: World) -> None:
    """The desk says so without the address' secret; when the service answers again the trouble is gone."""
    begin_at(world, "application.submitted")
    with hook(status=500) as (_taken, url):
        told = watch_of(world, ISSUING, approver=url)
        assert told.run_once(world.now) == 0
        assert told.run_once(world.now) == 0
        assert len(_taken) == 1
    (trouble,) = world.issuing.rows(select(tables.troubles.c.code, tables.troubles.c.found))
    assert trouble == (NOT_TOLD.code, "json")
    world.later(minutes=PAUSE.seconds / 60)
    with hook() as (taken, url):
        assert watch_of(world, ISSUING, approver=url).run_once(world.now) == 1
    assert len(taken) == 1
    assert world.issuing.rows(select(tables.troubles.c.code)) == []


def test_one_dead_address_has_nobody_told_twice(world: World) -> None:
    """Who was reached is told once; that another was not is a trouble, not a reason to say it all again."""
    begin_at(world, "application.submitted")
    with hook() as (taken, good), hook(status=500) as (_refused, dead):
        told = watch_of(world, ISSUING, approver=[dead, good])
        for _ in range(3):
            told.run_once(world.now)
            world.later(hours=1)
    assert len(taken) == 1
    assert world.issuing.rows(select(tables.troubles.c.code)) == [(NOT_TOLD.code,)]


def test_a_clock_that_was_put_back_silences_nobody(world: World) -> None:
    """What was told under a clock far ahead does not stand before the next new thing until that time has come."""
    with hook() as (taken, url):
        begin_at(world, "application.submitted")
        told = watch_of(world, ISSUING, approver=url)
        told.run_once(world.now + timedelta(days=1))
        world.up_to("application.submitted", "WQ2")
        assert told.run_once(world.now) == 1
    assert len(taken) == 2


@pytest.mark.parametrize(
    ("text", "mode", "code"),
    [
        ('approver = ["json://127.0.0.1/x"]', 0o640, TOO_OPEN),
        ('approver = ["nonsense"]', 0o600, NO_ADDRESS),
        ('approver = "json://127.0.0.1/x"', 0o600, NOT_READ),
        ("approver = [", 0o600, NOT_READ),
        ("approver = []", 0o600, NOT_READ),
    ],
)
def test_addresses_that_are_none_or_open_to_others_are_refused(
    tmp_path: Path, text: str, mode: int, code: Code
) -> None:
    """At the start, by name; what stands in the file is not repeated."""
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    (tmp_path / FILE).chmod(mode)
    with pytest.raises(YunhuobanError, match=code.code) as refused:
        channels.read(tmp_path)
    assert "127.0.0.1" not in f"{refused.value.found} {refused.value.place}"


def test_a_wrong_file_stops_no_node(world: World, tmp_path: Path) -> None:
    """It is a trouble on the desk until the file is right."""
    (tmp_path / FILE).write_text("approver = [", encoding="utf-8")
    (tmp_path / FILE).chmod(0o600)
    codes = select(tables.troubles.c.code)
    assert watch.opened(world.issuing.store, tmp_path, world.now) == {}  # type: ignore[arg-type]
    assert world.issuing.rows(codes) == [(NOT_READ.code,)]
    (tmp_path / FILE).write_text('approver = ["json://127.0.0.1/x"]\n', encoding="utf-8")
    assert set(watch.opened(world.issuing.store, tmp_path, world.now)) == {Role.APPROVER}  # type: ignore[arg-type]
    assert world.issuing.rows(codes) == []


def test_without_a_file_nobody_is_told(tmp_path: Path) -> None:
    """And with one, each role by its own addresses."""
    assert channels.read(tmp_path) == {}
    (tmp_path / FILE).write_text('approver = ["json://127.0.0.1/x"]\n', encoding="utf-8")
    (tmp_path / FILE).chmod(0o600)
    assert set(channels.read(tmp_path)) == {Role.APPROVER}
