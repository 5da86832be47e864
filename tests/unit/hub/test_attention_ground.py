"""The overview speaks of the hub itself by itself: what stops the keeper stops the alerts, and not the page."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub import instants
from hub.alerting import book
from hub.alerting.plan import FILE
from hub.backup import last
from hub.views.groundsource import UNWATCHED, GroundFinder
from hub.web.attention import MOST_NAMED, Attention, attention
from hub.web.groundview import Ground
from hub.web.view import CountyRow, QueueRow
from pages.wording import say
from schemas import topology
from tests.hub_world import WINDOW, Case, World

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
COUNTY = CountyRow(code=WINDOW, name="吴桥县", online=True, since_at=None, held=False)


def queue(name: str, *, ready: int = 0, consumers: int = 1, age: float | None = None) -> QueueRow:
    """One row."""
    code = name.split(".")[1] if name.startswith("county.") else None
    return QueueRow(name=name, county=code, ready=ready, unacknowledged=0, consumers=consumers, oldest_age_seconds=age)


def words(found: list[Attention]) -> list[str]:
    """As a person reads them."""
    return [
        say(each.sentence, "zh", **each.params, **{name: say(text, "zh") for name, text in each.marked_params.items()})
        for each in found
    ]


def on_page(ground: Ground | None = None, *queues: QueueRow) -> list[str]:
    """The lines of a page with one county."""
    return words(attention(queues=queues, counties=[COUNTY], prints=None, alarms=(), ground=ground or Ground()))


def test_nothing_is_said_of_ground_that_is_firm() -> None:
    """Every queue is read, and nothing is the matter."""
    assert on_page(None, *(queue(name) for name in topology.admission_queues()), queue("dead.letters")) == []


@pytest.mark.parametrize(
    ("ground", "said"),
    [
        (Ground(writable=False), "数据库写不进去"),
        (Ground(unwatched_since=NOW), "看护进程没有在查看"),
        (Ground(free_percent=7), "只剩百分之 7"),
        (Ground(clocks={WINDOW: 95}), "吴桥县的时钟快了约 95 秒"),
        (Ground(clocks={"hub": 95}), "中枢的时钟与多数县相差约 95 秒"),
        (Ground(unsaved_since=NOW), "备份太旧"),
        (Ground(alerts=3), "3 项告警还没有人确认"),
    ],
)
def test_each_thing_is_one_line(ground: Ground, said: str) -> None:
    """In words that name what it is and what follows."""
    (line,) = on_page(ground)
    assert said in line


def test_a_process_that_is_gone_is_named() -> None:
    """By what it does, once, however many of its queues nobody reads."""
    gone = [queue(name, consumers=0) for name in topology.admission_queues()]
    assert on_page(None, *gone, queue(topology.ADMISSION_EXPRESS, consumers=0)) == [
        "受理进程没有在工作：没有人取它的队列。",
        "打印放行进程没有在工作：没有人取它的队列。",
    ]


def test_what_piles_up_before_a_process_is_counted() -> None:
    """From the same limits on as the alert; a print claim is somebody at a window."""
    full = [queue(topology.admission_queue(3), ready=1001), queue(topology.ADMISSION_EXPRESS, ready=20)]
    assert on_page(None, *full) == ["1001 份报文在等候受理：进来的比受理的多。"]
    assert on_page(Ground(most_messages=2000, most_claims=19), *full) == [
        "20 份打印申领在等候放行：每一份都有人在窗口等着。"
    ]


def test_a_county_that_does_not_sign_is_named_and_no_queue() -> None:
    """With how long the oldest has waited; more than ten counties are counted."""
    assert on_page(None, queue(f"county.{WINDOW}.inbox", ready=3, age=1900.0)) == [
        "吴桥县有报文等得太久没有签收，最早的一份已等 31 分钟。"
    ]
    crowd = [queue(f"county.{number}.inbox", age=1900.0) for number in range(110101, 110102 + MOST_NAMED)]
    assert on_page(None, *crowd) == ["11 个县有报文等得太久没有签收。"]


def test_counties_of_one_name_are_told_apart() -> None:
    """There are two 和平区 among 177 counties: nobody is to telephone the wrong one."""
    both = [replace(COUNTY, code=code, name="和平区", online=False) for code in ("120101", "210102")]
    other = replace(COUNTY, code="130928", name="吴桥县", online=False)
    found = attention(queues=(), counties=[*both, other], prints=None, alarms=(), ground=Ground(clocks={"210102": 70}))
    said = words(found)
    assert said[:3] == ["和平区(120101)没有连上来。", "和平区(210102)没有连上来。", "吴桥县没有连上来。"]
    assert said[3].startswith("和平区(210102)的时钟快了")


@pytest.fixture
def finder(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GroundFinder:
    """Of the test's hub, by the test's clock; its process began long ago."""
    monkeypatch.setattr(instants, "now", lambda: world.now)
    made = GroundFinder(world.store, tmp_path)
    made._began_at = world.now - timedelta(days=1)
    return made


def test_the_ground_is_asked_of_store_and_disk(world: World, finder: GroundFinder, tmp_path: Path) -> None:
    """A hub that admits and is not saved for a day is told of; whoever saves it, that is over. So with a clock."""
    case = Case(world)
    world.send(case.application(time=world.now + timedelta(seconds=90)))
    assert finder().clocks == {WINDOW: 90}
    assert finder().writable
    assert finder().unsaved_since is None
    world.now += timedelta(hours=27)
    assert finder().unsaved_since == world.now - timedelta(hours=27)
    last.keep(tmp_path, last.LastBackup(at=world.now, octets=1))
    assert finder().unsaved_since is None
    (tmp_path / last.FILE).write_text(json.dumps({"at": "yesterday"}), encoding="utf-8")
    assert finder().unsaved_since is not None


def test_limits_are_those_of_the_alerts(finder: GroundFinder, tmp_path: Path) -> None:
    """Page and alert speak of the same; a file that is wrong leaves the usual ones."""
    assert finder().most_messages == 1000
    (tmp_path / FILE).touch(mode=0o600)
    (tmp_path / FILE).write_text("[limits]\nbacklog_messages = 5\ndisk_free_percent = 90\n", encoding="utf-8")
    assert finder().most_messages == 5
    (tmp_path / FILE).write_text("limits = 1", encoding="utf-8")
    assert finder().most_messages == 1000


def test_a_keeper_that_does_not_look_is_seen(world: World, finder: GroundFinder) -> None:
    """Some minutes after its last look, and not while a hub that has just started waits for its first one."""
    with world.store.write() as tx:
        book.take_turn(tx, "one", world.now)
        book.looked(tx, world.now)
    world.now += UNWATCHED + timedelta(seconds=1)
    assert finder().unwatched_since == world.now - UNWATCHED - timedelta(seconds=1)
    finder._began_at = world.now
    assert finder().unwatched_since is None
