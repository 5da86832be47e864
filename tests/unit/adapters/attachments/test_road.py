"""Files of materials reach the issuing county part by part: the same bytes, whatever the road does to them."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import delete, select

from adapters.attachments.tables import parts, received
from adapters.boxes import inbox
from adapters.hall.taking.tables import scans
from adapters.store import tables
from hub.store import tables as hub_tables
from schemas import codec
from schemas.attachments import CREDIT, PART, REQUESTED
from schemas.envelope import Envelope
from tests.county_world import ISSUING
from tests.taking_world import publish
from tests.unit.adapters.attachments.conftest import PLAIN, Road, scan
from tests.unit.adapters.core.test_older_contracts import reading

FILES = (scan(2 * PLAIN + 5), scan(1, seed=2))


def test_the_issuing_county_gets_what_was_scanned(road):
    """The application is applied before a byte of its files came; then they come, sealed, and are the same bytes.

    The hub keeps nothing of them: no row of its store grows by a part.
    """
    case_no = road.take(*FILES)
    (row,) = road.world.issuing.rows(select(tables.inbox).where(tables.inbox.c.type == "application.submitted"))
    assert row.state == "applied"
    assert road.states(case_no) == ["coming", "coming"]
    road.parts.settle()
    assert road.states(case_no) == ["whole", "whole"]
    assert road.files(case_no) == list(FILES)
    with road.world.issuing.store.read() as tx:
        said = inbox.record_of(tx, road.world.issuing.identity, row.seq)
    assert [each["sha256"] for each in said["files"]] == [each.sha256 for each in road.coming(case_no)]
    (body,) = [each[0] for each in road.world.issuing.rows(select(parts.c.ciphertext).limit(1))]
    assert body[:64] not in b"".join(FILES)
    with road.parts.store.read() as tx:
        (kept,) = tx.execute(select(hub_tables.messages.c.body)).scalars()
    assert len(kept) < PLAIN // 10
    assert len(Envelope.parse(kept).attachments) == 2


@pytest.mark.long
def test_a_county_that_reads_an_older_contract_gets_no_files_and_finds_their_digests(road):
    """Nothing waits for its upgrade: the message announces nothing, and the note of the material has the digest."""
    publish(road.world, **reading(road.world, ISSUING, "1.2"))
    data = scan(10)
    case_no = road.take(data)
    (row,) = road.world.issuing.rows(select(tables.inbox).where(tables.inbox.c.type == "application.submitted"))
    assert row.state == "applied"
    assert Envelope.parse(row.body).attachments == ()
    with road.world.issuing.store.read() as tx:
        said = inbox.record_of(tx, road.world.issuing.identity, row.seq)
    assert f"扫描件1份，sha256:{hashlib.sha256(data).hexdigest()}" in said["materials"][0]["note"]
    assert said["files"] == []
    assert road.coming(case_no) == []


@pytest.mark.long
def test_never_more_is_asked_for_than_the_credit(road):
    """However many files there are, sixteen parts at most are on their way to a county from another one."""
    case_no = road.take(*(scan(PLAIN + 1, seed=number) for number in range(10)))
    open_at_most = 0
    for _ in range(100):
        road.parts.turn()
        asked = sum(len(_record(each)["parts"]) for _, each in _into_hub(road) if each.type == REQUESTED)
        came = sum(1 for queue, each in road.parts.broker.passed if queue.startswith("county") and each.type == PART)
        open_at_most = max(open_at_most, asked - came)
    assert set(road.states(case_no)) == {"whole"}
    assert 1 < open_at_most <= CREDIT


@pytest.mark.parametrize(
    "killed",
    ["receiver", *(pytest.param(each, marks=pytest.mark.long) for each in ("sender", "pump"))],
)
def test_after_a_kill_it_goes_on_where_it_was(road, killed):
    """Each of the three is killed when some parts are there: those stay, the rest comes, and the bytes are the same."""
    whole = scan(12 * PLAIN)
    case_no = road.take(whole)
    road.parts.settle(until=lambda: bool(road.coming(case_no)[0].here_bytes))
    before = {row.part for row in road.world.issuing.rows(select(parts.c.part).where(_of(road, case_no)))}
    assert 0 < len(before) < 12
    if killed == "sender":
        road.parts.restart(road.world.window)
    elif killed == "receiver":
        road.parts.restart(road.world.issuing)
    else:
        road.parts.broker.queues.clear()
        road.parts.pump = road.parts.new_pump()
    mark = len(road.parts.broker.passed)
    for _ in range(3):
        road.parts.settle()
        road.world.later(seconds=61)  # what was lost is asked for again
    assert road.files(case_no) == [whole]
    again = {
        part
        for queue, each in road.parts.broker.passed[mark:]
        if queue.startswith("parts") and each[1].type == REQUESTED
        for part in _record(each[1])["parts"]
    }
    assert not again & before, "what was here was not asked for again"


@pytest.mark.long
def test_what_is_altered_doubled_or_lost_on_the_way_changes_nothing(road):
    """Altered before the hub or behind it a part is not kept, a second copy is dropped, what is lost is asked for."""
    case_no = road.take(scan(9 * PLAIN))
    seen = {"parts": 0, "county": 0}

    def meddle(queue: str, message: Any) -> Iterable[Any]:
        user, one = message if queue.startswith("parts") else ("", message)
        if one.type != PART:
            return [message]
        side = queue.split(".", maxsplit=1)[0]
        seen[side] += 1
        altered = replace(one, body=one.body[:-1] + bytes([one.body[-1] ^ 1]))
        bad = (user, altered) if side == "parts" else altered
        return {2: [bad], 4: [message, message], 6: []}.get(seen[side], [message])

    road.parts.broker.meddle = meddle
    for _ in range(5):
        road.parts.settle()
        road.world.later(seconds=61)
    assert road.files(case_no) == [scan(9 * PLAIN)]
    assert seen["parts"] > 9


@pytest.mark.long
def test_a_county_that_takes_nothing_loses_parts_and_asks_again(road):
    """The hub keeps nothing for a full queue, and nobody waits behind it."""
    case_no = road.take(scan(3 * PLAIN))
    full = f"county.{road.world.issuing.code}.parts"
    road.parts.broker.full.add(full)
    road.parts.settle(20)
    assert road.states(case_no) == ["coming"]
    assert not any(road.parts.broker.queues.values())
    road.parts.broker.full.clear()
    road.world.later(seconds=61)
    road.parts.settle()
    assert road.states(case_no) == ["whole"]


def test_what_is_wiped_at_its_source_is_said_to_be_gone(road):
    """E-PART-010 stands at the file, what came of it is forgotten, and nobody asks again."""
    case_no = road.take(scan(3 * PLAIN))
    with road.world.window.store.write() as tx:
        tx.execute(delete(scans))
    road.parts.settle()
    (found,) = road.coming(case_no)
    assert (found.state, found.code) == ("failed", "E-PART-010")
    assert road.world.issuing.rows(select(parts).where(_of(road, case_no))) == []
    mark = len(road.parts.broker.passed)
    road.world.later(days=1)
    road.parts.settle(5)
    assert len(road.parts.broker.passed) == mark


@pytest.mark.long
def test_a_silent_source_is_asked_ever_more_seldom(road):
    """While its line is down a county is asked after one minute, two, four: not all the time; then it goes on."""
    case_no = road.take(scan(PLAIN))
    road.parts.links[road.world.window.code].up = False
    times = []
    for second in range(0, 1300, 10):
        before = len(_into_hub(road))
        road.parts.turn()
        if len(_into_hub(road)) > before:
            times.append(second)
        road.world.later(seconds=10)
    assert len(times) < 8
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert gaps == sorted(gaps)
    road.parts.links[road.world.window.code].up = True
    road.world.later(seconds=600)
    road.parts.settle()
    assert road.states(case_no) == ["whole"]


@pytest.mark.long
def test_a_county_without_the_message_sends_nothing(road):
    """What no message of ours announces is not looked for, whoever asks; a file of the same store is not served."""
    road.take(scan(10))
    outbox = tables.outbox
    with road.world.window.store.write() as tx:
        tx.execute(outbox.update().values(message_id="0e8dd07b-5d34-4f1c-9f0e-6a36a3a0a1b2"))
    road.parts.settle(10)
    assert [each for _, each in _into_hub(road) if each.type == PART] == []


@pytest.mark.long
def test_a_silent_county_does_not_hide_the_files_of_another(road):
    """Thirty files of one county that is down, and one of a county that is there: the one comes."""
    case_no = road.take(*(scan(50, seed=number) for number in range(30)))
    road.parts.links[road.world.window.code].up = False
    with road.world.issuing.store.write() as tx:
        mine = received.c.case_no == case_no
        tx.execute(received.update().where(mine).values(announced_at=0))
    other = road.take(scan(60, seed=99))
    with road.world.issuing.store.write() as tx:
        tx.execute(received.update().where(received.c.case_no == other).values(source=road.world.foreign.code))
    road.parts.turn()
    requests = [_record(each) for _, each in _into_hub(road)]
    assert {each["source"] for each in requests} == {road.world.window.code, road.world.foreign.code}


def _into_hub(road: Road) -> list[Any]:
    return [each for queue, each in road.parts.broker.passed if queue.startswith("parts")]


def _record(submission: Any) -> dict[str, Any]:
    return codec.decode(submission.body, "AttachmentRequest")


def _of(road: Road, case_no: str) -> Any:
    return parts.c.file_id == road.coming(case_no)[0].file_id
