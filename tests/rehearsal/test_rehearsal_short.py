"""The rehearsal in short: its counties speak the contract, and its page and its person on call read what is said.

The hub is in process here; its page, its alerts and their receivers are real. `make rehearsal` is the long run.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from deploy.bench.messages import Wire
from deploy.crowd.counties import Maker
from hub.alerting.facts import FactFinder
from hub.alerting.plan import FILE, PlanFile
from hub.alerting.watch import AlertWatch
from hub.around import ratings
from hub.around.keeping import AroundKeeper
from hub.outflow import deadletters
from hub.registry import county
from hub.settings import HubSettings
from hub.store import tables
from hub.views.overviewsource import StoreOverview
from hub.web.overview import build_app
from pages.access import Access
from pages.addresses import AddressFile
from pages.serving import Serving
from schemas.envelope import Envelope
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from tests.hub_world import START, Message, World
from tests.hub_world import Case as Written
from tests.rehearsal import past
from tests.rehearsal.duty import PLAN, Duty, on_call
from tests.rehearsal.reader import Reader, lines
from tests.rehearsal.run import Run
from tests.rehearsal.troubles.trouble import Trouble
from tests.rehearsal.wires import NEXT, OPENING, Case
from tests.unit.hub_evidence.standing_broker import StandingBroker

ROUND_SECONDS = 61
"""What passes for the keeper between two of its looks here."""
PAGE_EVERY_SECONDS = 0.2


def test_its_counties_take_a_case_to_the_applicants_hand(world: World):
    """From 申请 to 送达, each step and each receipt admitted by the real pipeline; what comes twice is done once."""
    maker = Maker(world.network.authority, now=START)
    window, issuing = maker.county("110121"), maker.county("110122")
    cards = [each.card for each in (window, issuing)]
    county.enrol_many(world.store, cards, chains=world.network.chains(), now=START, progress=lambda _: None)
    number = str(CaseNo.mint(DivisionCode.parse(window.code), date(2026, 11, 22), 1))
    case = Case(case_no=number, window=window, issuing=issuing)
    kind: str | None = OPENING
    while kind is not None:
        step = case.step(kind, world.now)
        world.send(message(step))
        if kind == "print.claimed":
            kind = "print.granted"
        else:
            world.send(message(case.received(step.message_id, step.body, step.destination, world.now)))
        kind = NEXT.get(kind)
    assert {row.verdict for row in world.rows(select(tables.messages))} == {"admitted"}
    assert [row.state for row in world.rows(select(tables.cases))] == ["handed_over"]
    assert case.done == {OPENING, *NEXT.values()}


def test_what_was_said_weeks_ago_is_refused_now_and_said_anew(world: World):
    """A bad rating of the past is overdue from the refusal of its follow-up until the next one."""
    maker = Maker(world.network.authority, now=START)
    window, issuing = maker.county("110121"), maker.county("110122")
    cards = [each.card for each in (window, issuing)]
    county.enrol_many(world.store, cards, chains=world.network.chains(), now=START, progress=lambda _: None)
    keys = SimpleNamespace(checkpoint=world.network.log, grants=world.network.grants)
    hub: Any = SimpleNamespace(store=world.store, keys=keys, load_trust=world._load_trust)
    case, keeper, counts = past.rated(hub, window, issuing, START), AroundKeeper(world.store), []
    world.later(hours=1)
    for word in (None, case.refused(window.code, world.now), case.step("rating.followed_up", world.now)):
        if word is not None:
            world.send(message(word))
        keeper.catch_up(world.now)
        with world.store.read() as tx:
            counts.append([pile.count for pile in ratings.late_by_county(tx, START + past.AGO).values()])
    assert counts == [[], [1], []]
    assert {row.verdict for row in world.rows(select(tables.messages))} == {"admitted"}


def message(wire: Wire) -> Message:
    """As the broker hands it to admission."""
    return Message(envelope=Envelope.parse(wire.body), body=wire.body, signature=wire.signature)


@contextmanager
def again_and_again(what: Callable[[], object], every_seconds: float) -> Iterator[None]:
    """Until the block is left, in a thread."""
    ending = threading.Event()

    def go_on() -> None:
        while not ending.wait(every_seconds):
            what()

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


@pytest.fixture
def rehearsed(world: World, tmp_path: Path) -> Iterator[tuple[StandingBroker, Run]]:
    """A hub's page that somebody has open, and its alerts, whose clock is fast, with somebody on call."""
    broker, access = StandingBroker(), Access()
    settings = HubSettings(folder=tmp_path)
    with ExitStack() as stack:
        hooked, post, url, mail = stack.enter_context(on_call())
        (tmp_path / FILE).touch(mode=0o600)
        (tmp_path / FILE).write_text(
            PLAN.format(waiting_minutes=5, backup_hours=700, outcome_minutes=60, hook=url, mail=mail)
        )
        view = StoreOverview(world.store, broker, settings)
        app = build_app(view, access, refresh_seconds=PAGE_EVERY_SECONDS)
        serving = stack.enter_context(Serving(app))
        address = AddressFile(tmp_path / "web.address", access, serving.port)
        address.offer()
        stack.enter_context(again_and_again(address.keep_fresh, 0.02))
        facts = FactFinder(world.store, broker, settings, disk=lambda _: 0.5)
        watch = AlertWatch(world.store, facts, PlanFile(tmp_path), origin="test")

        def look() -> None:
            world.later(seconds=ROUND_SECONDS)
            watch.run_once(world.now)

        stack.enter_context(again_and_again(look, 0.1))
        duty, reader = Duty(hooked, post), Reader(tmp_path)
        reader.start()
        stack.callback(duty.stop)
        stack.callback(reader.stop)
        yield broker, Run(reader, duty, lambda _: None)


def test_two_troubles_are_said_and_so_are_their_ends(world: World, rehearsed: tuple[StandingBroker, Run]):
    """On an open page by its live stream, by mail and by hook, in Chinese; and the end, as the pair of the alert."""
    broker, run = rehearsed
    (sent,) = Written(world).up_to("application.submitted")

    def die() -> None:
        with world.store.write() as tx:
            deadletters.keep_from_broker(tx, sent.delivery(queue="dead.letters"), world.now)

    def replay() -> None:
        with world.store.write() as tx:
            (row,) = deadletters.waiting(tx)
            deadletters.replay(tx, row.id, reason="mended", now=world.now)

    troubles = [
        Trouble(
            name="alarm", title="alarm", kind="broker-alarm", place="磁盘", on_page="磁盘不足",
            begin=lambda: setattr(broker, "disk_alarm", True), end=lambda: setattr(broker, "disk_alarm", False),
        ),
        Trouble(
            name="dead", title="dead", kind="dead-letters", place="140881", on_page="死信等人处理",
            begin=die, end=replay,
        ),
    ]  # fmt: skip
    courses = run.through(troubles)
    assert all(each.said for each in courses), [each.record() for each in courses]
    alarm, dead = (each.record() for each in courses)
    assert "所有报文暂停收发" in alarm["words"]["page"]
    assert alarm["words"]["alert"].startswith("消息服务报警，所有报文暂停收发: 磁盘")
    assert dead["words"]["page"] == "1 份死信等人处理：没有一步处理得了它们。"
    assert {"trouble", "seconds_to_page", "seconds_to_alert", "words"} <= alarm.keys()
    assert {way for each in courses for way in each.ways} == {"hook", "mail"}


def test_what_was_never_said_is_not_good(rehearsed: tuple[StandingBroker, Run], monkeypatch: pytest.MonkeyPatch):
    """Then the lines that stood there instead are kept."""
    _, run = rehearsed
    for name in ("PAGE_SECONDS", "ALERT_SECONDS", "OVER_SECONDS"):
        monkeypatch.setattr(f"tests.rehearsal.run.{name}", 0.3)
    nothing = Trouble(
        name="none", title="none", kind="broker-alarm", place="内存", on_page="内存不足",
        begin=lambda: None, end=lambda: None,
    )  # fmt: skip
    (course,) = run.through([nothing])
    assert not course.said
    assert course.record()["seconds_to_page"] is None


def test_a_line_is_read_as_a_person_reads_it():
    """Without its sign, its time, its telephone and its button."""
    section = """<section id="attention"><ul><li class="wait"><span class="sign" aria-hidden="true">…</span>
    <span class="what">吴桥县没有连上来。 <small>自 <time>09:00</time></small> <a href="tel:1">☎ 1</a></span>
    <a class="button act" href="/counties/130928">看这个县</a></li></ul></section>"""
    assert lines(section) == ["吴桥县没有连上来。"]
