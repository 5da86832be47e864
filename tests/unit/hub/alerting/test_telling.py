"""Those on call hear of everything once, together, in turn, by real services."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.alerting import book
from hub.alerting.plan import FILE, PlanFile
from hub.alerting.watch import AlertWatch, troubles
from hub.instants import to_millis
from hub.views.ledgerview import Pile
from tests.hub_world import FOREIGN, ISSUING, START, WINDOW, World
from tests.receivers import hook, mailbox
from tests.unit.hub.alerting.standing_facts import COUNTIES, Standing

PLAN = """page = "https://hub.example.cn:8443/"
[quiet]
from = "21:00"
until = "07:00"
[[step]]
name = "值班"
urls = ["{first}"]
[[step]]
name = "负责人"
after_minutes = 15
urls = ["{second}"]
"""


@dataclass
class Watch:
    """A keeper's rounds over a real store, real receivers and facts that the test changes."""

    world: World
    folder: Path
    standing: Standing = field(default_factory=Standing)
    first: list[dict[str, Any]] = field(default_factory=list)
    second: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    def write(self, text: str) -> None:
        """The plan."""
        file = self.folder / FILE
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")

    def restart(self) -> None:
        """A new process."""
        self._watch = AlertWatch(self.world.store, self.standing.facts, PlanFile(self.folder), origin="test")
        self._watch._holder = "one"

    def round(self, **later: float) -> int:
        """After a while."""
        self.world.later(**later)
        return self._watch.run_once(self.world.now)

    @property
    def told(self) -> tuple[int, int]:
        """How many notices each step got."""
        return len(self.first), len(self.second)


@pytest.fixture
def watch(world: World, tmp_path: Path) -> Iterator[Watch]:
    """Two steps, each a webhook."""
    with ExitStack() as stack:
        (first, url), (second, other) = (stack.enter_context(hook()) for _ in range(2))
        made = Watch(world, tmp_path, first=first, second=second)
        made.write(PLAN.format(first=url, second=other))
        yield made


def waits(count: int = 1) -> Pile:
    """A pile that is too old."""
    return Pile(count=count, oldest_at=START - timedelta(hours=2))


def test_ten_thousand_messages_are_one_notice_and_one_when_it_is_over(watch: Watch) -> None:
    """A pair: it began, it is over. Nothing in between, whatever is restarted meanwhile."""
    watch.standing.waiting = {ISSUING: waits(10_000)}
    for _ in range(3):
        watch.round(minutes=1)
        watch.restart()
    assert watch.told == (1, 0)
    assert "10000 份报文" in watch.first[0]["message"]
    assert f"County {ISSUING} {ISSUING}" in watch.first[0]["message"]
    watch.standing.waiting = {}
    for _ in range(3):
        watch.round(minutes=2)
        watch.restart()
    assert watch.told == (2, 0)
    assert "项已恢复" in watch.first[1]["title"]


def test_everything_of_one_round_is_one_notice_in_both_languages(watch: Watch) -> None:
    """With what to do: the runbook's section, and where to acknowledge."""
    watch.standing.waiting = {code: waits() for code in COUNTIES}
    watch.standing.broker = {"disk_alarm": True}
    watch.round()
    (said,) = watch.first
    assert said["title"] == "云伙伴 test: 4 项告警 / Yunhuoban test: alerts: 4"
    text = said["message"]
    assert "消息服务报警" in text
    assert "The broker raises an alarm" in text
    assert "docs/zh-CN/runbooks.md#waiting" in text
    assert "docs/en/runbooks.md#broker-alarm" in text
    assert "https://hub.example.cn:8443/alerts" in text


def test_a_mail_says_the_same(watch: Watch) -> None:
    """Through a real SMTP server."""
    with mailbox() as (post, url):
        watch.write(PLAN.format(first=url, second=url))
        watch.standing.waiting = {ISSUING: waits()}
        watch.round()
    (said,) = post.said()
    assert "报文等得太久没有签收" in said
    assert "Messages have waited too long" in said
    assert [line[:2] for line in said.splitlines()[1:4]] == ["● ", "  ", "确认"], "its lines are lines in a mail, too"


def test_who_does_not_acknowledge_has_the_next_one_told(watch: Watch) -> None:
    """After a quarter of an hour, once, saying why; whoever heard of the beginning hears of the end."""
    watch.standing.waiting = {ISSUING: waits()}
    watch.round()
    watch.round(minutes=14)
    assert watch.told == (1, 0)
    watch.round(minutes=1)
    watch.round(hours=1)
    assert watch.told == (1, 1)
    assert "“值班”没有确认" in watch.second[0]["message"]
    watch.standing.waiting = {}
    watch.round(minutes=1)
    watch.round(minutes=3)
    watch.round(seconds=15)
    assert watch.told == (2, 2)


def test_what_somebody_has_taken_on_goes_to_nobody_else(watch: Watch) -> None:
    """Acknowledged within the time."""
    watch.standing.waiting = {ISSUING: waits()}
    watch.round()
    with watch.world.store.write() as tx:
        (row,) = book.standing(tx)
        book.acknowledge(tx, row.id, by="li.ops", note="calling", now=watch.world.now)
    watch.round(hours=2)
    assert watch.told == (1, 0)


def test_in_quiet_hours_only_what_is_urgent_is_told(watch: Watch) -> None:
    """The rest is told together when they are over, unless it is over by then: nobody is woken for a late message."""
    watch.world.now = START.replace(hour=14)  # 22:00 in Beijing
    watch.standing.waiting = {ISSUING: waits(), WINDOW: waits()}
    watch.round()
    assert watch.told == (0, 0)
    watch.standing.broker = {"memory_alarm": True}
    watch.round(minutes=1)
    assert watch.told == (1, 0)
    assert "报文等得太久" not in watch.first[0]["message"]
    watch.standing.waiting = {ISSUING: waits()}
    watch.standing.broker = {}
    watch.round(hours=1)
    watch.round(minutes=3)
    assert watch.told == (2, 0)
    watch.round(hours=8)
    assert watch.told == (3, 0)
    assert WINDOW not in watch.first[2]["message"]
    assert ISSUING in watch.first[2]["message"]


def test_what_comes_soon_after_a_notice_waits_for_the_rest(watch: Watch) -> None:
    """One county after the other: the first at once, the others together five minutes later; what is urgent at once."""
    watch.standing.waiting = {ISSUING: waits()}
    watch.round()
    watch.standing.waiting[WINDOW] = waits()
    watch.round(minutes=1)
    watch.standing.waiting[FOREIGN] = waits()
    watch.round(minutes=1)
    assert watch.told == (1, 0)
    watch.round(minutes=3)
    assert watch.told == (2, 0)
    assert all(code in watch.first[1]["message"] for code in (WINDOW, FOREIGN))
    watch.standing.broker = {"disk_alarm": True}
    watch.round(minutes=1)
    assert watch.told == (3, 0)


def test_a_step_that_cannot_be_told_has_its_turn_given_on(watch: Watch) -> None:
    """After three tries the next step is told at once, and the page names the step; it is tried anew with the next."""
    with hook() as (taken, good), hook(status=500) as (refused, dead):
        watch.write(PLAN.format(first=dead, second=good))
        watch.standing.waiting = {ISSUING: waits()}
        for _ in range(4):
            watch.round(minutes=1)
        assert (len(refused), len(taken)) == (3, 1)
    with watch.world.store.read() as tx:
        assert troubles(tx) == {"值班": "E-NOTE-004"}


def test_the_last_step_is_tried_for_as_long_as_it_stands(watch: Watch) -> None:
    """Where nobody is left to hand it on to, it is never given up."""
    with hook(status=500) as (refused, dead):
        watch.write(PLAN.format(first=dead, second=dead))
        watch.standing.waiting = {ISSUING: waits()}
        for _ in range(8):
            watch.round(minutes=1)
        assert len(refused) > 6


def test_a_wrong_plan_keeps_the_one_before(watch: Watch) -> None:
    """A slip of the pen silences nobody; the right one is taken up without a restart."""
    watch.round()
    good = (watch.folder / FILE).read_text(encoding="utf-8")
    watch.write("step = 3")
    watch.standing.waiting = {ISSUING: waits()}
    watch.round(minutes=1)
    assert watch.told == (1, 0)
    with hook() as (taken, url):
        watch.write(good.replace(good.split('urls = ["')[1].split('"')[0], url))
        watch.standing.broker = {"disk_alarm": True}
        watch.round(minutes=1)
        assert len(taken) == 1


def test_without_a_plan_everything_is_written_down_and_nobody_told(world: World, tmp_path: Path) -> None:
    """The page shows it, and when it was looked at."""
    watch = Watch(world, tmp_path)
    watch.standing.waiting = {ISSUING: waits()}
    assert watch.round() == 0
    with world.store.read() as tx:
        assert [row.subject for row in book.standing(tx)] == [ISSUING]
        assert to_millis(book.looked_at(tx) or START) == to_millis(world.now)
