"""Maintenance is announced to every county through the directory, in the form that the contract has always had."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from hub.cli import app
from hub.commands.shared import store_of
from hub.record import listing
from hub.record.acts import WORDS, Act
from hub.registry import announcements, directory
from hub.settings import HubSettings
from hub.store import open_store
from pages.oslogin import account
from schemas import codec, notices
from schemas import directory as form
from schemas.errors import YunhuobanError
from schemas.notices import Notice
from tests.hub_world import World


def a_notice(world: World, *, hours: float = 2) -> Notice:
    """From now on, for so long."""
    return Notice(from_at=world.now, to_at=world.now + timedelta(hours=hours), zh="消息服务升级", en="An upgrade")


def carried(world: World) -> list[Notice]:
    """What the newest directory says, after one was published if it is due."""
    with world.store.write() as tx:
        directory.publish_if_due(tx, world.network.issuer(), world.now)
    with world.store.read() as tx:
        newest = directory.answer(tx, world.network.issuer(), 0)
    entries = [each for body, _signature in newest for each in form_of(body)]
    return [notices.read(value) for key, value in entries if form.kind_of(key) == form.NOTICE]


def form_of(body: bytes) -> list[tuple[str, bytes]]:
    """The entries of a record."""
    return [(each["key"], each["value"]) for each in codec.decode(body, "Directory")["entries"]]


def test_a_notice_goes_out_with_the_next_directory_and_leaves_it_again(world: World):
    """Announced it is due at once; taken back it is gone; what is over goes with the next one."""
    assert carried(world) == []
    with world.store.write() as tx:
        number = announcements.announce(tx, a_notice(world), now=world.now)
        announcements.announce(tx, a_notice(world, hours=1), now=world.now)
    assert len(carried(world)) == 2
    with world.store.write() as tx:
        announcements.withdraw(tx, number, now=world.now)
        with pytest.raises(YunhuobanError) as again:
            announcements.withdraw(tx, number, now=world.now)
    assert again.value.code.code == "E-OPS-082"
    assert [each.to_at for each in carried(world)] == [world.now + timedelta(hours=1)]
    world.later(hours=1)
    with world.store.write() as tx:
        announcements.announce(tx, a_notice(world), now=world.now)
    assert [each.from_at for each in carried(world)] == [world.now]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to_at": datetime(2026, 11, 22, 8, tzinfo=UTC)}, "E-OPS-080"),
        ({"to_at": datetime(2027, 11, 22, 8, tzinfo=UTC)}, "E-OPS-080"),
        ({"from_at": None}, "E-OPS-080"),
        ({"zh": ""}, "E-OPS-081"),
        ({"en": "two\nlines"}, "E-OPS-081"),
        ({"en": "x" * 301}, "E-OPS-081"),
    ],
)
def test_what_nobody_could_act_on_is_not_announced(world: World, changes: dict[str, object], code: str):
    """Times that are over, far away or missing; words that are missing, too long or of several lines."""
    given_ = {"from_at": world.now, "to_at": world.now + timedelta(hours=1), "zh": "维护", "en": "m"} | changes
    with world.store.write() as tx, pytest.raises(YunhuobanError) as refused:
        announcements.announce(tx, Notice(**given_), now=world.now)  # type: ignore[arg-type]
    assert refused.value.code.code == code


def test_the_command_announces_lists_and_takes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Times without a zone are Beijing's; the record names who did it, as the kernel knows them."""
    monkeypatch.setenv("LOGNAME", "somebody.else")
    open_store(HubSettings.load(tmp_path).database).close()

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["announce", *words, "-d", str(tmp_path)])
        return done.exception.code.code if isinstance(done.exception, YunhuobanError) else done.output

    day = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"
    words = ("--zh", "消息服务升级", "--en", "An upgrade")
    assert "消息服务升级" in run("--from", f"{day}T20:00", "--to", f"{day}T22:00", *words)
    assert run("--from", "tonight", "--to", f"{day}T22:00", *words) == "E-OPS-080"
    assert "20:00:00" in run()
    assert "An upgrade" not in run("--withdraw", "1")
    assert run("--withdraw", "1") == "E-OPS-082"
    with store_of(tmp_path) as store, store.read() as tx:
        told = [(line.who, line.what) for line in listing.lines(tx)]
    assert told == [(account(), WORDS[act]) for act in (Act.ANNOUNCEMENT_WITHDRAWN, Act.ANNOUNCED)]


@given(st.binary(max_size=900))
def test_whatever_a_hub_puts_there_is_shown_and_nothing_breaks(value: bytes):
    """A notice of another form is text, cut to what a desk can show."""
    found = notices.read(value)
    assert len(found.zh) <= 900
    assert found.is_over(datetime(2027, 1, 1, tzinfo=UTC)) in (True, False)
