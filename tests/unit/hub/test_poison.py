"""A message that kills the worker is set aside after three solo crashes; its batch suffers nothing."""

import json

import pytest
from sqlalchemy import select

import hub.intake.looking
from hub.outflow import deadletters
from hub.store import tables
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, WINDOW, Case, Message, ScriptedLink, World, proves


class Killed(BaseException):
    """Ends the worker as SIGKILL would."""


def killing(monkeypatch: pytest.MonkeyPatch, poison: Message, error: type[BaseException]) -> None:
    """Make reading this message fatal."""
    real = hub.intake.looking.first_look

    def read(delivery):
        if delivery.body == poison.body:
            raise error
        return real(delivery)

    monkeypatch.setattr(hub.intake.looking, "first_look", read)


def set_aside(world: World, poison: Message, innocent: list[Message]) -> None:
    """What must be so in the end."""
    verdicts = world.verdicts(WINDOW)
    assert verdicts[poison.envelope.id] == "E-ADM-090"
    assert {verdicts[each.envelope.id] for each in innocent} == {"admitted"}
    assert set(world.delivered(ISSUING)) == {each.envelope.id for each in innocent}
    (refusal,) = [entry for entry in world.receipts(WINDOW) if entry["message_id"] == poison.envelope.id]
    assert proves(refusal, poison.body, poison.signature)  # or its sender cannot believe it and sends for ever
    (letter,) = world.rows(select(tables.dead_letters))
    assert (letter.body, letter.reason, letter.state) == (poison.body, "poison", "waiting")
    assert json.loads(letter.headers)["signatures"] == [poison.signature]
    world.pipeline.flush()
    assert world.rows(select(tables.solo_attempts)) == []


def test_a_message_that_kills_the_process_is_found(world: World, monkeypatch: pytest.MonkeyPatch):
    """Killed again and again: each time the broker redelivers all; at the fourth sight the one is set aside."""
    innocent = [Case(world).application() for _ in range(5)]
    poison = Case(world).application()
    killing(monkeypatch, poison, Killed)
    everything = [*innocent[:2], poison, *innocent[2:]]
    kills = 0
    with pytest.raises(Killed):
        world.send(*everything)
    while kills < 10:
        acked = {each.body for each in world.link.acked}
        published, world.link = world.link.published, ScriptedLink()
        world.link.published = published
        world.pipeline = world.worker()
        world.link.acked = []
        left = [each for each in everything if each.body not in acked]
        everything = left
        try:
            world.send(*[each.delivery(redelivered=True) for each in left])
            break
        except Killed:
            kills += 1
    assert kills == 3
    set_aside(world, poison, innocent)


@pytest.mark.both_stores
def test_an_exception_is_a_crash_of_one_message_not_of_the_worker(world: World, monkeypatch: pytest.MonkeyPatch):
    """The batch is handled one by one, the innocent at once, the poison three times alone and then set aside."""
    innocent = [Case(world).application() for _ in range(5)]
    poison = Case(world).application()
    killing(monkeypatch, poison, ZeroDivisionError)
    world.send(*innocent[:2], poison, *innocent[2:])
    for _ in range(6):
        world.pipeline.run_once(0.0)
    set_aside(world, poison, innocent)
    assert len(world.link.acked) == 6


def test_poison_cannot_be_replayed_only_discarded(world: World, monkeypatch: pytest.MonkeyPatch):
    """Its refusal is final and was told to its sender; the bytes stay for whoever looks for the cause."""
    poison = Case(world).application()
    killing(monkeypatch, poison, ZeroDivisionError)
    world.send(poison)
    for _ in range(5):
        world.pipeline.run_once(0.0)
    (letter,) = world.rows(select(tables.dead_letters))
    with pytest.raises(YunhuobanError, match="E-ADM-093"), world.store.write() as tx:
        deadletters.replay(tx, letter.id, reason="try", now=world.now)
    with world.store.write() as tx:
        deadletters.discard(tx, letter.id, reason="found the bug", now=world.now)
    assert world.rows(select(tables.dead_letters.c.state)) == [("discarded",)]
    world.send(poison)
    assert len(world.rows(select(tables.journal))) == 1


def test_a_redelivered_innocent_leaves_no_trace(world: World):
    """Its attempt is forgotten once it was handled."""
    messages = [Case(world).application() for _ in range(3)]
    world.send(*[each.delivery(redelivered=True) for each in messages])
    world.pipeline.run_once(0.0)
    assert world.rows(select(tables.solo_attempts)) == []
    assert len(world.link.acked) == 3
