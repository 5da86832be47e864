"""The hub's own outages: found from its pulse and its journal, kept once, and nobody's lateness."""

import threading
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from hub import instants
from hub.supervision import listing, outages, tables, watching
from hub.supervision.outages import LONGEST_SILENCE, Outage
from schemas.errors import YunhuobanError
from tests.awaiting import until
from tests.hub_world import Case, World
from tests.supervision_world import Watched, accepted, at
from tests.unit.hub_evidence.standing_broker import StandingBroker


def beats(world: World, *moments: datetime) -> list[list[Outage]]:
    """What each beat found."""
    return [world.store.redo(lambda tx, moment=moment: outages.beat(tx, moment)) for moment in moments]


def test_a_silence_is_an_outage_and_a_beat_in_time_is_none(world: World) -> None:
    """The first beat of all, one in time and a clock set back find nothing; a long silence is found once."""
    start = at("11-23", 9)
    ends = start + LONGEST_SILENCE + timedelta(hours=2)
    found = beats(world, start, start + LONGEST_SILENCE, start, ends, ends)
    assert [len(each) for each in found] == [0, 0, 0, 1, 0]
    with world.store.read() as tx:
        (kept,) = outages.listed(tx)
        assert outages.listed(tx, since=ends) == []
    assert (kept.began_at, kept.ended_at, kept.journal_size) == (start + LONGEST_SILENCE, ends, 0)


def test_what_the_journal_signed_meanwhile_was_no_outage(world: World) -> None:
    """Only the watch was away while checkpoints were signed: the silences between them count, each with its size."""
    case, start = Case(world), at("11-23", 9)
    beats(world, start)
    world.now = start + timedelta(hours=1)
    world.send(case.application())
    world.now += timedelta(minutes=2)
    world.send(accepted(case, date(2026, 11, 27)))
    (found,) = beats(world, start + timedelta(hours=2))
    assert [(each.began_at, each.ended_at, each.journal_size) for each in found] == [
        (start, start + timedelta(hours=1), 0),
        (start + timedelta(hours=1, minutes=2), start + timedelta(hours=2), 2),
    ]


def test_an_outage_moves_the_end_of_a_limit_and_is_told_on_the_card(world: World) -> None:
    """Away on Wednesday from 10 to 15: four hours of work, and the promise of Wednesday ends on Thursday at 14."""
    hub, case = Watched(world), Case(world)
    hub.send(at("11-23", 9), case.application(), accepted(case, date(2026, 11, 25)))
    hub.look(at("11-25", 10))
    hub.look(at("11-25", 15), awake=False)
    hub.look(at("11-26", 13.9))
    assert "red" not in {row.level for row in hub.cards()}
    hub.look(at("11-26", 14.1))
    (red,) = [row for row in hub.cards() if row.level == "red"]
    assert red.raised_at == red.due_at == at("11-26", 14)
    with world.store.read() as tx:
        told = listing.card(tx, red.card_no)
    assert told is not None
    assert [(each.cause, each.worked_minutes) for each in told[1].stops] == [("outage", 4 * 60)]


@pytest.mark.long
def test_while_the_broker_takes_nothing_nobody_is_judged(world: World) -> None:
    """With an alarm, and while it does not answer, there is no beat and no card; afterwards it was an outage."""
    hub, case = Watched(world), Case(world)
    hub.send(at("11-23", 9), case.application(), accepted(case, date(2026, 11, 25)))
    hub.look(at("11-25", 16.5))
    before = hub.cards()
    hub.broker.disk_alarm = True
    hub.look(at("11-25", 20), awake=False)
    hub.broker.disk_alarm, hub.broker.away = False, True
    with pytest.raises(YunhuobanError, match="E-BROKER-020"):
        hub.look(at("11-25", 20), awake=False)
    assert hub.cards() == before
    hub.broker.away = False
    hub.look(at("11-26", 9), awake=False)
    with world.store.read() as tx:
        (kept,) = outages.listed(tx)
    assert (kept.began_at, kept.ended_at) == (at("11-25", 16.5), at("11-26", 9))
    assert "red" not in {row.level for row in hub.cards()}


def test_the_watch_goes_on_after_a_failure_and_ends_when_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that does not answer is asked again at the next turn; then the hub's sign stands in the store."""
    monkeypatch.setattr(watching, "EVERY_SECONDS", 0.02)
    stop, broker = threading.Event(), StandingBroker(away=True)
    thread = threading.Thread(target=watching.watch, args=(world.store, broker, stop, instants.now))
    thread.start()
    try:
        until(lambda: len(broker.asked) > 1)
        assert world.rows(select(tables.pulse)) == []
        broker.away = False
        until(lambda: world.rows(select(tables.pulse)) != [])
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()
