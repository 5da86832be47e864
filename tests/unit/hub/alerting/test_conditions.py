"""What of the hub's standing is the matter, and what is not."""

from datetime import timedelta

import pytest

from hub.alerting import outcry
from hub.alerting.conditions import Matter, found
from hub.alerting.kinds import KINDS
from hub.alerting.limits import DEFAULT, Limits
from hub.observing.workers import Roll
from hub.views.certificatelife import Ending
from hub.views.ledgerview import Pile
from hub.views.standing import ListStanding
from schemas import topology
from tests.hub_world import FOREIGN, ISSUING, START, WINDOW
from tests.unit.hub.alerting.standing_facts import Standing

LATE = ListStanding(number=1, age_days=3, ends_at=START + timedelta(days=9), late=True)
ENDING = [
    Ending(holder="", name="broker", ends_at=START, days_left=5),
    Ending(holder=WINDOW, name="signing", ends_at=START, days_left=7),
    Ending(holder=WINDOW, name="connection", ends_at=START, days_left=9),
]
LONG_AGO = START - timedelta(minutes=31)
EVERY = {
    "broker-away": (Standing(broker=None), [Matter(subject="hub")]),
    "broker-alarm": (Standing(broker={"disk_alarm": True}), [Matter(subject="disk")]),
    "revocation-list": (Standing(lists=[LATE]), [Matter(subject="hub")]),
    "worker-died": (
        Standing(queues={topology.admission_queue(3): {"consumers": 0}}),
        [Matter(subject="admission")],
    ),
    "admission-backlog": (
        Standing(queues={topology.ADMISSION_EXPRESS: {"ready": 21}, topology.admission_queue(1): {"ready": 999}}),
        [Matter(subject="express", count=21)],
    ),
    "disk": (Standing(others={"free_share": 0.09}), [Matter(subject="hub", count=9)]),
    "clock": (
        Standing(others={"ahead_seconds": {WINDOW: 90.0, ISSUING: -2.0, FOREIGN: -1.0}}),
        [Matter(subject=WINDOW, count=90)],
    ),
    "backup": (
        Standing(others={"unsaved_since": START - timedelta(hours=27, minutes=5)}),
        [Matter(subject="hub", count=27, since_at=START - timedelta(hours=27, minutes=5))],
    ),
    "certificate": (
        Standing(others={"certificates": ENDING}),
        [Matter(subject="hub", count=5), Matter(subject=WINDOW, count=7)],
    ),
    "dead-letters": (
        Standing(others={"dead": {WINDOW: Pile(count=10_000, oldest_at=START)}}),
        [Matter(subject=WINDOW, count=10_000, since_at=START)],
    ),
    "waiting": (
        Standing(waiting={ISSUING: Pile(count=10_000, oldest_at=LONG_AGO), WINDOW: Pile(count=1, oldest_at=START)}),
        [Matter(subject=ISSUING, count=10_000, since_at=LONG_AGO)],
    ),
    "county-offline": (Standing(offline={ISSUING}), [Matter(subject=ISSUING)]),
    "print-unknown": (
        Standing(others={"unknown_prints": {WINDOW: Pile(count=2, oldest_at=START)}}),
        [Matter(subject=WINDOW, count=2, since_at=START)],
    ),
    "statute-cards": (
        Standing(others={"red_plus": {ISSUING: Pile(count=1, oldest_at=START)}}),
        [Matter(subject=ISSUING, count=1, since_at=START)],
    ),
    "red-cards": (
        Standing(others={"red": {WINDOW: Pile(count=2, oldest_at=START)}}),
        [Matter(subject=WINDOW, count=2, since_at=START)],
    ),
    "late-cases": (
        Standing(others={"late": {ISSUING: Pile(count=3, oldest_at=START)}}),
        [Matter(subject=ISSUING, count=3, since_at=START)],
    ),
    "late-answers": (
        Standing(others={"late_answers": {ISSUING: Pile(count=2, oldest_at=START)}}),
        [Matter(subject=ISSUING, count=2, since_at=START)],
    ),
    "bad-ratings": (
        Standing(others={"bad_ratings": {WINDOW: Pile(count=1, oldest_at=START)}}),
        [Matter(subject=WINDOW, count=1, since_at=START)],
    ),
}


def test_nothing_is_the_matter_with_a_hub_that_runs() -> None:
    """Every kind is looked at, and none is found."""
    assert found(Standing().facts(), DEFAULT) == {name: [] for name in KINDS if name != outcry.KIND}


def test_every_kind_has_its_case() -> None:
    """Whoever adds a kind shows here when it stands."""
    assert set(EVERY) | {outcry.KIND} == set(KINDS), "a store that is gone says nothing of itself"


@pytest.mark.parametrize("kind", EVERY)
def test_a_kind_stands_alone(kind: str) -> None:
    """Ten thousand messages for one county are one matter, and nothing else is said to be wrong beside it."""
    standing, wanted = EVERY[kind]
    answer = found(standing.facts(), DEFAULT)
    assert answer[kind] == wanted
    assert {name for name, matters in answer.items() if matters} == {kind}


def test_a_process_that_died_beside_others_is_the_matter() -> None:
    """Once, whether its queues are read by the others or by nobody, with how many there were."""
    rolls = {"admission": Roll(there=2, gone=1), "keeper": Roll(there=1, gone=0), "slow": Roll(there=0, gone=1)}
    wanted = [Matter(subject="admission", count=1, whole=3), Matter(subject="slow", count=1, whole=1)]
    for queues in ({}, {topology.admission_queue(3): {"consumers": 0}}):
        assert found(Standing(queues=queues, others={"workers": rolls}).facts(), DEFAULT)["worker-died"] == wanted


def test_of_a_broker_that_does_not_answer_nothing_is_known() -> None:
    """So no county is said to be back and no process to be at work: those kinds are missing, not empty."""
    answer = found(Standing(broker=None).facts(), DEFAULT)
    assert set(KINDS) - set(answer) - {outcry.KIND} == {
        "broker-alarm",
        "county-offline",
        "worker-died",
        "admission-backlog",
    }


@pytest.mark.parametrize(
    ("ahead", "wanted"),
    [
        ({WINDOW: 90.0, ISSUING: 88.0, FOREIGN: -1.0}, [Matter(subject="hub", count=88)]),
        ({WINDOW: -90.0, ISSUING: -300.0, FOREIGN: -70.0}, [Matter(subject="hub", count=70)]),
        ({WINDOW: 90.0, ISSUING: 88.0}, [Matter(subject=ISSUING, count=88), Matter(subject=WINDOW, count=90)]),
        ({WINDOW: -90.0}, []),
    ],
)
def test_whose_clock_is_wrong(ahead: dict[str, float], wanted: list[Matter]) -> None:
    """The hub's when most counties are ahead, or when nobody's message is fresh; two counties prove nothing."""
    assert found(Standing(others={"ahead_seconds": ahead}).facts(), DEFAULT)["clock"] == wanted


def test_without_a_revocation_list_everything_waits() -> None:
    """None at all is as bad as one that has ended."""
    assert found(Standing(lists=[]).facts(), DEFAULT)["revocation-list"] == [Matter(subject="hub")]


def test_limits_are_settings() -> None:
    """What is too long for one hub is usual for another."""
    facts = Standing(waiting={ISSUING: Pile(count=1, oldest_at=LONG_AGO)}).facts()
    assert found(facts, Limits(waiting_minutes=32))["waiting"] == []
