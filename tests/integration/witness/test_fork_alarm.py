"""A hub with two journals: whoever is shown both, or hears what another was shown, stops and can prove it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from adapters.journal import forkalarm
from adapters.link.traffic import Sender
from adapters.store import tables as county_tables
from hub.evidence.forkverify import verify_fork
from hub.evidence.trustfile import TrustFile
from hub.evidence.verify import trust_of
from hub.history import witnessing
from hub.store import tables as hub_tables
from schemas.errors import YunhuobanError
from schemas.forkfile import ForkFile
from tests.county_world import FOREIGN, ISSUING, WINDOW, County
from tests.hub_world import Case
from tests.witness_world import HubSide, Stage


@pytest.fixture
def accomplice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that takes any countersignature and answers what it is asked from the journal at hand."""

    def take(tx: Any, envelope: Any, **_: Any) -> None:
        witnessing.ask(tx, envelope.source, envelope.facts["unproven"])

    monkeypatch.setattr(witnessing, "countersign", take)


def other_leaf(side: HubSide, county: str = FOREIGN) -> None:
    """A leaf that only this journal has."""
    case = Case(side.world, window=county, issuing=ISSUING)
    side.world.send(case.application())
    side.handed = len(side.world.link.published)  # it is nobody's business here


def alarms(county: County) -> list[forkalarm.Alarm]:
    """A county's alarms."""
    with county.store.read() as tx:
        return forkalarm.alarms(tx)


def kinds(county: County) -> list[str]:
    """Of what kind they are."""
    return [ForkFile.parse(each.evidence).found.kind for each in alarms(county)]


def convicts(stage: Stage, county: County) -> bool:
    """Whether anybody with the trust file finds the hub guilty by the county's evidence."""
    return verify_fork(alarms(county)[-1].evidence, trust_of(stage.hub.keys(), trial=True)).good


def troubles(county: County) -> list[str]:
    """What its people are told."""
    return [row.code for row in county.rows(select(county_tables.troubles))]


def two_roots(stage: Stage) -> County:
    """The window county is shown the receipts of two journals that differ in their first leaf."""
    other = stage.split(FOREIGN)
    other_leaf(other)
    other_leaf(stage.hub)
    stage.application()
    assert alarms(stage.counties.window) == []
    stage.views[WINDOW] = other
    other.handed = 0
    stage.settle()
    return stage.counties.window


def _application() -> dict[str, Any]:
    from tests.county_records import application

    return application()


def test_two_roots_for_one_size(stage: Stage):
    """Receipts out of two journals: the alarm stands, says so to people, and convicts the hub before anybody."""
    window = two_roots(stage)
    assert kinds(window) == ["roots"]
    assert convicts(stage, window)
    assert troubles(window) == ["E-JRNL-103"]


def test_the_link_stops_until_a_person_acknowledges(stage: Stage):
    """Nothing is sent and nothing applied, over a restart too; what comes is kept, and goes on after the word."""
    window = two_roots(stage)
    before = [row.state for row in window.rows(select(county_tables.inbox).order_by(county_tables.inbox.c.seq))]
    assert "new" in before
    window.start()
    window.source.add("application.submitted", "WQ2", _application())
    window.read()
    assert window.handle() == 0
    sent: list[Any] = []

    class Link:
        def keep_alive(self) -> None:
            """Still there."""

        def send(self, submission: Any) -> None:
            sent.append(submission)

    for express in (False, True):
        sender = Sender(
            store=window.store, link=Link(), clock=stage.counties.clock, resend_seconds=1.0, express=express
        )  # type: ignore[arg-type]
        assert sender.run_once() == 0
    assert sent == []
    assert [row.state for row in window.rows(select(county_tables.inbox).order_by(county_tables.inbox.c.seq))] == before
    with window.store.write() as tx, pytest.raises(YunhuobanError, match="E-JRNL-113"):
        forkalarm.acknowledge(tx, 99, by="x", now=stage.counties.now)
    with window.store.write() as tx:
        forkalarm.acknowledge(tx, alarms(window)[0].number, by="王主任", now=stage.counties.now)
    assert troubles(window) == []
    stage.later(minutes=2)
    assert window.handle() > 0
    (alarm,) = alarms(window)
    assert alarm.acknowledged_by == "王主任"
    assert alarm.evidence


def test_a_history_that_does_not_continue_ours(stage: Stage, accomplice: None):
    """The hub must prove what we hold; a proof out of another journal does not hold, and its signature convicts it."""
    window = _fork_the_history(stage, lambda: None)
    assert "history" in kinds(window)
    assert convicts(stage, window)
    assert set(troubles(window)) <= {"E-JRNL-110", "E-JRNL-103"}


def _fork_the_history(stage: Stage, between: Callable[[], None]) -> County:
    """Show the window county one journal for a minute, then only another one."""
    other = stage.split(FOREIGN)
    for _ in range(20):
        other_leaf(other)
    stage.application()
    stage.minute()
    assert alarms(stage.counties.window) == []
    for code in (WINDOW, ISSUING):
        stage.views[code] = other
    other.handed = len(other.world.link.published)
    for turn in range(6):
        stage.application(f"WX{turn}")
        between()
        stage.minute()
        if alarms(stage.counties.window):
            break
        stage.later(minutes=2)
    return stage.counties.window


def test_a_hub_that_does_not_know_its_own_checkpoint(stage: Stage):
    """The other journal's admission denies what we hold with the hub's signature: that convicts it."""
    window = _fork_the_history(stage, lambda: None)
    assert "disowned" in kinds(window)
    assert "E-JRNL-111" in troubles(window)
    assert convicts(stage, window)


def test_a_hub_that_publishes_and_does_not_prove(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """Asked for an hour, publishing all the while and silent on the question: an alarm, though no conviction."""
    monkeypatch.setattr(witnessing, "countersign", lambda *_, **__: None)
    window = _fork_the_history(stage, lambda: stage.later(minutes=30))
    assert kinds(window) == ["unproven"]
    assert not convicts(stage, window)
    assert "E-JRNL-112" in troubles(window)


def test_two_counties_shown_two_journals_find_out(stage: Stage, accomplice: None):
    """Each county's view is whole in itself; the checkpoints stated in their envelopes to each other do not fit."""
    other = stage.split(ISSUING)
    for _ in range(20):
        other_leaf(other)
    stage.application()
    stage.minute()
    assert alarms(stage.counties.window) == alarms(stage.counties.issuing) == []
    for turn in range(6):
        stage.application(f"WQ-{turn}")
        stage.minute()
        stage.later(minutes=2)
    found = [county for county in (stage.counties.window, stage.counties.issuing) if alarms(county)]
    assert found
    for county in found:
        assert convicts(stage, county)
        assert ForkFile.parse(alarms(county)[0].evidence).found.statements


def test_same_size_two_counties(stage: Stage, accomplice: None):
    """Two journals that differ in one leaf only: the first envelope that states the other root is enough."""
    other = stage.split(ISSUING)
    other_leaf(other)
    other_leaf(stage.hub)
    stage.application()
    stage.minute()
    stage.application("WQ2")
    found = [county for county in (stage.counties.window, stage.counties.issuing) if alarms(county)]
    assert found
    for county in found:
        assert kinds(county) == ["roots"]
        assert convicts(stage, county)
        (statement,) = ForkFile.parse(alarms(county)[0].evidence).found.statements
        assert statement.evidence


def test_any_byte_of_the_evidence(stage: Stage):
    """A file of evidence that was touched convicts nobody: every byte is tried."""
    window = two_roots(stage)
    data = alarms(window)[-1].evidence
    trust = trust_of(stage.hub.keys(), trial=True)
    assert verify_fork(data, trust).good
    end = data.index(b'"found_at"')  # certificates come first; a list of them may lose one that nobody used
    for at in range(end - 40, len(data), 7):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        found = verify_fork(changed, trust)
        assert not found.good or changed_only_time(data, changed), at


def test_evidence_of_another_hub_or_another_message(stage: Stage):
    """Under another journal's trust file nothing holds; an envelope with another one's receipt states nothing."""
    window = _fork_the_history(stage, lambda: None)
    data = next(each.evidence for each in alarms(window) if ForkFile.parse(each.evidence).found.kind == "disowned")
    file, trust = ForkFile.parse(data), trust_of(stage.hub.keys(), trial=True)
    assert failure(data, replace(trust, origin="elsewhere")) == ("signatures", "E-VERIFY-044")
    (said,) = file.found.statements
    others = stage.hub.world.rows(
        select(hub_tables.messages.c.evidence).where(hub_tables.messages.c.evidence.is_not(None))
    )
    other = next(each for (each,) in others if each != said.evidence)
    swapped = replace(file, found=replace(file.found, statements=(replace(said, evidence=other),)))
    assert failure(swapped.to_bytes(), trust) == ("signatures", "E-VERIFY-045")


def failure(data: bytes, trust: TrustFile) -> tuple[str, str]:
    """The one line that failed, and its code."""
    (wrong,) = [line for line in verify_fork(data, trust).lines if line.state != "ok"]
    return wrong.id, wrong.detail.split()[0]


def changed_only_time(data: bytes, changed: bytes) -> bool:
    """When the county found it is the county's own word and proves nothing."""
    one, two = ForkFile.parse(data), ForkFile.parse(changed)
    return (one.found, one.found_at) != (two.found, two.found_at) and one.found == two.found


def test_an_honest_hub_convicts_nobody(stage: Stage):
    """Two checkpoints of one history, made to look like a fork by whoever wants to harm the hub, prove nothing."""
    stage.application()
    stage.minute()
    rows = stage.counties.window.rows(select(county_tables.checkpoints).order_by(county_tables.checkpoints.c.size))
    from schemas.forkfile import Contradiction, SignedRecord

    two = tuple(SignedRecord(row.body, row.signature) for row in rows[:2])
    with stage.counties.window.store.read() as tx:
        data = forkalarm._file(tx, Contradiction(kind="roots", checkpoints=two), stage.counties.now)
    assert failure(data, trust_of(stage.hub.keys(), trial=True)) == ("contradiction", "E-VERIFY-043")
