"""The hub passes parts of attachments that were announced and asked for, and nothing else; a refusal has its code."""

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from adapters.link.messages import Submission
from hub.broker import Delivery
from hub.parts.asked import Asked, Wish
from hub.parts.passing import Pump
from hub.store import tables
from schemas import codec, topology
from schemas.attachments import CREDIT, PART, PART_BYTES, RECORDS, REFUSED, REQUESTED
from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, World
from tests.parts_world import Broker, HubLink, delivery

PARTS = [b"f" * PART_BYTES, b"last part of a file"]


class Road:
    """The pump over a hub that has admitted one application with one attachment of two parts."""

    def __init__(self, world: World) -> None:
        self.world, self.broker = world, Broker()
        self.case = Case(world)
        announced = {
            "ciphertext_sha256": hashlib.sha256(b"".join(PARTS)).digest(),
            "ciphertext_bytes": sum(map(len, PARTS)),
            "part_sha256": [hashlib.sha256(each).digest() for each in PARTS],
        }
        self.message = self.case.application(attachments=(announced,)).envelope
        world.send(self.case.sent["application.submitted"])
        self.link = HubLink(self.broker)
        self.pump = Pump(link=self.link, store=world.store, monotonic=lambda: 0.0, confirm_seconds=1.0)

    def of(self, county: str, word: str, /, **said: Any) -> Delivery:
        """What the broker hands over of a county's record; `said` overrides what is right."""
        right: dict[str, Any] = {"source": WINDOW, "message_id": self.message.id, "attachment": 0}
        own = {REQUESTED: {"parts": [0, 1]}, PART: {"part": 1, "data": PARTS[1]}, REFUSED: {"part": -1, "code": "E-X"}}
        right |= own[word]
        body = codec.encode(RECORDS[word], right | said)
        return _delivered(county, word, body, self.case.case_no)

    def give(self, *deliveries: Delivery) -> list[tuple[str, str, bytes]]:
        """What the counties are given because of these: queue, type and bytes."""
        mark = len(self.broker.passed)
        self.link.take = lambda *_args, **_kinds: list(deliveries)  # type: ignore[method-assign]
        assert self.pump.run_once(0.0) == len(deliveries)
        return [(queue, each.type, each.body) for queue, each in self.broker.passed[mark:]]

    def refused(self, given: Delivery) -> str:
        """The code with which something is refused to whoever sent it, and to nobody else."""
        ((queue, word, body),) = self.give(given)
        assert (queue, word) == (topology.county_parts(given.user_id or ""), REFUSED)
        return str(codec.decode(body, "AttachmentRefusal")["code"])


def _delivered(county: str, word: str, body: bytes, case_no: str) -> Delivery:
    key = topology.parts_key(county, case_no, word)
    sent = Submission(exchange=topology.PARTS, routing_key=key, body=body, message_id="m", type=word, signatures=[])
    return delivery("parts.00", county, sent)


@pytest.fixture
def road(world: World) -> Road:
    """One application with one attachment is admitted."""
    return Road(world)


def test_what_was_asked_for_passes_once_as_it_came(road):
    """The wish goes to the source, the parts to whoever asked, byte for byte; a second copy goes nowhere."""
    wish = road.of(ISSUING, REQUESTED)
    assert road.give(wish) == [(f"county.{WINDOW}.parts", REQUESTED, wish.body)]
    parts = [road.of(WINDOW, PART), road.of(WINDOW, PART, part=0, data=PARTS[0])]
    assert road.give(*parts) == [(f"county.{ISSUING}.parts", PART, each.body) for each in parts]
    assert road.refused(parts[0]) == "E-PART-005"
    gone = road.of(WINDOW, REFUSED)
    assert road.give(gone) == [(f"county.{ISSUING}.parts", REFUSED, gone.body)]
    with road.world.store.read() as tx:
        assert tx.execute(tables.journal.select()).all() != []
        assert all(len(row.body) < PART_BYTES for row in tx.execute(tables.messages.select()))


def test_each_refusal_has_its_code(road):
    """What is written wrong, announced by nobody, for somebody else, beyond the end, not asked for, or altered."""
    right = road.of(ISSUING, REQUESTED)
    for wrong in (
        replace(right, routing_key=right.routing_key.replace(".attachment", "9.attachment")),
        replace(right, exchange=topology.SUBMIT),
        replace(right, type="application.submitted"),
        replace(right, properties_set=right.properties_set | {"priority"}),
        replace(right, headers={"CC": ["county.130928.inbox"]}),
        replace(right, content_type="text/plain"),
        replace(right, body=right.body[:-1]),
        road.of(WINDOW, PART, source=ISSUING),
    ):
        assert road.refused(wrong) == "E-PART-001"
    for wrong in (
        road.of(FOREIGN, REQUESTED),
        road.of(WINDOW, REQUESTED),
        road.of(ISSUING, REQUESTED, message_id="0e8dd07b-5d34-4f1c-9f0e-6a36a3a0a1b2"),
        road.of(ISSUING, REQUESTED, source=FOREIGN),
        road.of(ISSUING, PART, source=ISSUING),
    ):
        assert road.refused(wrong) == "E-PART-003"
    for said in ({"attachment": 1}, {"attachment": -1}, {"parts": [0, 2]}, {"parts": [-1]}):
        assert road.refused(road.of(ISSUING, REQUESTED, **said)) == "E-PART-004"
    assert road.refused(road.of(WINDOW, PART)) == "E-PART-005"
    road.give(right)
    for data in (PARTS[1][:-1], PARTS[1] + b"\0", b"", PARTS[1][::-1]):
        assert road.refused(road.of(WINDOW, PART, data=data)) == "E-PART-006"
    assert road.give(road.of(WINDOW, PART))[0][1] == PART, "the wish stood all the while"


def test_nothing_passes_to_or_from_a_county_that_is_not_active(road):
    """A suspended county neither asks nor sends; afterwards it goes on."""
    columns = tables.counties.c
    for state, county in (("suspended", WINDOW), ("suspended", ISSUING), ("active", ISSUING)):
        with road.world.store.write() as tx:
            tx.execute(update(tables.counties).values(state="active"))
            tx.execute(update(tables.counties).where(columns.division_code == county).values(state=state))
        found = road.give(road.of(ISSUING, REQUESTED))
        assert (found[0][1] == REQUESTED) is (state == "active")
        if state == "suspended":
            assert codec.decode(found[0][2], "AttachmentRefusal")["code"] == "E-PART-002"


def test_nobody_is_told_when_the_broker_names_no_county(road):
    """Without a county behind it there is nobody to tell, and nothing goes on."""
    assert road.give(replace(road.of(ISSUING, REQUESTED), user_id="hub")) == []


def test_what_a_county_writes_in_the_place_of_a_type_is_not_logged(road):
    """It may be anything, and a person's name among it; the code says what is wrong."""
    with capture_logs() as told:
        assert road.refused(replace(road.of(WINDOW, PART), type="龘建国")) == "E-PART-001"
    assert [line["code"] for line in told] == ["E-PART-001"]
    assert "龘建国" not in str(told)


def test_a_refusal_carries_codes_only(road):
    """What a source says of its own file goes to the other county's log: words in the place of a code do not pass."""
    assert road.refused(road.of(WINDOW, REFUSED, code="龘建国")) == "E-PART-001"
    assert [queue for queue, _word, _body in road.give(road.of(WINDOW, REFUSED))] == [topology.county_parts(ISSUING)]


def test_only_admitted_messages_announce(world):
    """What was refused, or is parked, announces nothing."""
    road = Road(world)
    for state in ("refused", "parked"):
        with world.store.write() as tx:
            tx.execute(update(tables.messages).values(state=state))
        assert road.refused(road.of(ISSUING, REQUESTED)) == "E-PART-003"


def test_wishes_are_few_and_forgotten_when_nobody_asks():
    """Of one county towards another twice the credit is remembered, the newest; of quiet pairs nothing."""
    now = [0.0]
    asked = Asked(lambda: now[0])
    wishes = [Wish("m", 0, number) for number in range(100)]
    for each in wishes:
        asked.wish("1", "2", [each])
    assert [each for each in wishes if asked.grant("1", "2", each)] == wishes[-2 * CREDIT :]
    asked.wish("1", "2", wishes[:1])
    now[0] = 3600.0
    asked.wish("3", "2", wishes[:1])
    assert not asked.grant("1", "2", wishes[0])
    assert asked.grant("3", "2", wishes[0])


def test_a_case_carries_no_more_than_its_limit(world):
    """Application and supplement count together (E-ENV-014); what takes an earlier one's place counts once."""
    case = Case(world)
    most = 100 * 2**20
    world.send(case.application(attachments=(_sized(most - 5, 1),)))
    world.send(case.message("supplement.requested", {"supply_until": date(2026, 12, 20)}))
    for attachment, admitted in ((_sized(6, 2), False), (_sized(5, 3), True)):
        sent = case.message("supplement.provided", None, chain=admitted, attachments=(attachment,))
        world.send(sent)
        if admitted:
            assert world.verdicts(WINDOW)[sent.envelope.id] == "admitted"
        else:
            assert world.refusal(sent)["code"] == "E-ENV-014"


def _sized(plain: int, name: int) -> dict[str, Any]:
    count = -(-plain // (PART_BYTES - 16))
    return {
        "ciphertext_sha256": bytes([name]) * 32,
        "ciphertext_bytes": plain + 16 * count,
        "part_sha256": [bytes(32)] * count,
    }
