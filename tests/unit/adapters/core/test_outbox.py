"""The outbox: exact bytes, resending, chaining, and never a word to anybody without a key."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from adapters.boxes import fate, outbox, refused
from adapters.boxes.outbox import Draft
from adapters.directory.directoryview import COUNTY_UNKNOWN, KEY_EXPIRED, NO_DIRECTORY
from adapters.instants import to_millis
from adapters.store import tables
from certs import signing
from schemas import codec
from schemas.envelope import Envelope, new_id
from schemas.errors import YunhuobanError
from tests.county_records import COMPANY, IDENTITY_NO, ITEM, NAME, acceptance, application, decision, hand_over, refusal
from tests.county_world import FOREIGN, ISSUING, OWN_ITEM, WINDOW, County, World, case_no

CASE = case_no(17)


def draft(**changes: Any) -> Draft:
    """An application for the issuing county."""
    values: dict[str, Any] = {
        "type": "application.submitted", "case_no": CASE, "destination": ISSUING, "service_item": ITEM, "trial": False,
        "record": application(),
    }  # fmt: skip
    return Draft(**(values | changes))


def put(county: County, given: Draft) -> Any:
    """Put a draft and return its row."""
    with county.store.write() as tx:
        message_id = county.box.put(tx, given, county.directory(tx), county.world.now)
        return outbox.find(tx, message_id)


def refuse(county: County, row: Any, *, at: datetime | None = None, **changes: Any) -> None:
    """A proven refusal arrives; `at` is the hub's time of it."""
    said = refusal(row.message_id, **changes)
    with county.store.write() as tx:
        refused.end(
            tx, row, said, receipt=b"r", box=county.box, identity=county.identity, directory=county.directory(tx),
            now=county.world.now, admitted_at=at,
        )  # fmt: skip


def test_what_was_committed_is_sent_byte_for_byte(world: World) -> None:
    """Every attempt offers the same bytes and the same signature, which verifies."""
    row = put(world.window, draft())
    for _ in range(3):
        (again,) = world.window.due()
        assert (again.body, again.signature) == (row.body, row.signature)
        with world.window.store.write() as tx:
            fate.sent(tx, again, world.now, 30.0)
        world.later(hours=2)
    certificate = world.window.identity.signing_certificate
    signing.verify(row.signature, row.body, certificate=certificate, typ=signing.Typ.ENVELOPE)


def test_pauses_between_attempts_grow_to_an_hour(world: World) -> None:
    """30 s, 60 s, 120 s … and never more than an hour."""
    put(world.window, draft())
    pauses = []
    for _ in range(10):
        (row,) = world.window.due()
        with world.window.store.write() as tx:
            fate.sent(tx, row, world.now, 30.0)
        start = world.now
        assert world.window.due() == []
        while not world.window.due():
            world.later(seconds=30)
        pauses.append((world.now - start).total_seconds())
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_the_same_given_id_is_stored_once(world: World) -> None:
    """A repeated cause makes no second message, whatever the record says now."""
    name = new_id()
    first = put(world.window, draft(message_id=name))
    second = put(world.window, draft(message_id=name, record=application(clerk="另一人")))
    assert first == second


def test_prev_is_the_last_message_of_this_case_to_this_destination(world: World) -> None:
    """Other cases, other destinations and notices do not enter the chain."""
    first = put(world.window, draft())
    put(world.window, draft(destination=FOREIGN))
    put(world.window, draft(case_no=case_no(18)))
    word = {"message_id": new_id(), "envelope_sha256": bytes(32), "received_at": world.now}
    put(world.window, draft(type="message.received", record=word))
    second = put(world.window, draft())
    assert Envelope.parse(first.body).prev is None
    assert Envelope.parse(second.body).prev == first.message_id


def test_prev_skips_refused_messages(world: World) -> None:
    """After a refusal the next message chains to the last one that stands."""
    first, second = put(world.window, draft()), put(world.window, draft())
    refuse(world.window, second)
    third = put(world.window, draft())
    assert Envelope.parse(third.body).prev == first.message_id
    refuse(world.window, third)
    refuse(world.window, first)
    assert Envelope.parse(put(world.window, draft()).body).prev is None


def test_refused_for_its_predecessor_it_is_written_anew(world: World) -> None:
    """The same record under a new id, superseding the old one, chained anew; a person is not troubled."""
    first, second = put(world.window, draft()), put(world.window, draft())
    refuse(world.window, first)
    refuse(world.window, second, code="E-ADM-051", field="prev")
    anew = world.window.due()[-1]
    envelope = Envelope.parse(anew.body)
    assert (envelope.supersedes, envelope.prev) == (second.message_id, None)
    with world.window.store.read() as tx:
        assert world.window.box.record(tx, anew.message_id) == application()
    troubled = world.window.rows(select(tables.troubles.c.key))
    assert troubled == [(f"message/{first.message_id}",)]


def test_what_is_written_anew_keeps_its_place_in_the_chain(world: World) -> None:
    """The first of three is refused for its time, the others because of it: all three come again in their order."""
    world.later(minutes=30)
    first, second, third = (put(world.window, draft()) for _ in range(3))
    refuse(world.window, first, code="E-ADM-020", field="time", at=world.now - timedelta(minutes=7))
    refuse(world.window, second, code="E-ADM-051", field="prev")
    refuse(world.window, third, code="E-ADM-051", field="prev")
    anew = [Envelope.parse(row.body) for row in world.window.due()]
    assert [each.supersedes for each in anew] == [first.message_id, second.message_id, third.message_id]
    assert [each.prev for each in anew] == [None, anew[0].id, anew[1].id]
    following = Envelope.parse(put(world.window, draft()).body)
    assert following.prev == anew[2].id


def test_a_clock_that_is_ahead_ends_no_case(world: World) -> None:
    """Refused as from the future, it is sent again under the time that the hub's receipt proves; county IT is told."""
    world.later(minutes=30)
    row = put(world.window, draft())
    hub_says = world.now - timedelta(minutes=7)
    refuse(world.window, row, code="E-ADM-020", field="time", at=hub_says)
    (anew,) = world.window.due()
    envelope = Envelope.parse(anew.body)
    assert (envelope.time, envelope.supersedes) == (hub_says, row.message_id)
    assert world.window.rows(select(tables.troubles.c.code)) == [("E-ADM-020",)]
    assert world.window.rows(select(tables.local_writes.c.type)) == []


def test_writing_anew_ends(world: World) -> None:
    """A hub that always names the predecessor is not answered for ever: after five times a person is told."""
    put(world.window, draft())
    for _ in range(10):
        rows = world.window.due()
        if not rows:
            break
        refuse(world.window, rows[-1], code="E-ADM-051", field="prev")
    assert world.window.due() == []
    assert len(world.window.rows(select(tables.outbox.c.seq))) == 6
    assert len(world.window.rows(select(tables.troubles.c.key))) == 1


def test_a_refusal_is_told_once(world: World) -> None:
    """The same refusal by receipt and by the destination, and again, leaves one trouble and one local write."""
    row = put(world.window, draft())
    for _ in range(3):
        refuse(world.window, row)
    writes = world.window.rows(select(tables.local_writes.c.type))
    assert writes == [("message.refused",)]
    assert len(world.window.rows(select(tables.troubles.c.id))) == 1


def test_a_destination_may_refuse_what_it_signed_for(world: World) -> None:
    """Received means committed there; that it does not apply may show only later, and the sender learns it."""
    row = put(world.window, draft())
    with world.window.store.write() as tx:
        fate.received(tx, row, world.now)
    refuse(world.window, row)
    assert world.window.rows(select(tables.outbox.c.state)) == [("refused",)]


@pytest.mark.parametrize("case", ["none", "expired", "suspended", "unknown", "statement", "foreign statement"])
def test_nothing_is_encrypted_without_a_good_key(world: World, case: str) -> None:
    """No directory, an expired one, a suspended or unknown county, a statement that ended or is another's: nothing."""
    county, now = world.window, world.now
    entry = world.hub.county(ISSUING, now=now)
    expected = {"none": NO_DIRECTORY, "expired": NO_DIRECTORY, "suspended": COUNTY_UNKNOWN, "unknown": COUNTY_UNKNOWN}
    match case:
        case "expired":
            world.later(days=7)
        case "suspended":
            entry["state"] = "suspended"
        case "unknown":
            entry = world.hub.county(FOREIGN, now=now)
        case "statement":
            world.later(days=366)
        case "foreign statement":
            other = world.hub.county(FOREIGN, now=now)
            entry |= {name: other[name] for name in ("key_statement", "key_statement_signature")}
    more = {"expires_at": now + timedelta(days=700)} if case == "statement" else {}
    if case not in ("none", "expired"):
        with county.store.write() as tx:  # the lists of the network are fresh only for two weeks
            record = codec.decode(world.hub.directory(now=now, counties=[entry], **more)[0], "Directory")
            tx.execute(delete(tables.directory_entries))
            tx.execute(insert(tables.directory_entries), record["entries"])
            ends = to_millis(record["expires_at"])
            tx.execute(update(tables.directories).values(serial=record["serial"], expires_at=ends))
    with county.store.write() as tx:
        view = None if case == "none" else county.directory(tx)
        with pytest.raises(YunhuobanError) as caught:
            county.box.put(tx, draft(), view, world.now)
    assert caught.value.code is expected.get(case, KEY_EXPIRED)
    assert county.rows(select(tables.outbox.c.seq)) == []


def test_what_is_owed_waits_as_a_draft_and_goes_on_by_itself(world: World) -> None:
    """A patient message is kept, unsent and unreadable, while its county is suspended; then it is finished, chained."""
    county, now = world.window, world.now
    first = put(county, draft())
    suspended = [world.hub.county(ISSUING, now=now, state="suspended")]
    county.arrive_directory(*world.hub.directory(now=now, counties=suspended))
    county.handle()
    owed = put(county, draft(patient=True))
    assert owed.state == "draft"
    assert [row.message_id for row in county.due()] == [first.message_id]
    after = put(county, draft(patient=True))
    county.arrive_directory(*world.hub.directory(now=now))
    county.handle()
    county.handle()
    rows = county.due()
    assert [row.message_id for row in rows] == [first.message_id, owed.message_id, after.message_id]
    chain = [Envelope.parse(row.body).prev for row in rows]
    assert chain == [None, first.message_id, owed.message_id]
    assert all(Envelope.parse(row.body).encrypted_for != bytes(32) for row in rows)


def test_at_rest_nothing_names_the_applicant(world: World) -> None:
    """After a whole case neither database file, its journal included, holds the applicant's name or number."""
    world.up_to("case.handed_over")
    world.window.source.add("application.submitted", "WQ2", application())
    world.window.read()
    files = [path for path in world.folder.iterdir() if path.name.startswith((WINDOW, ISSUING))]
    assert len(files) >= 2
    content = b"".join(path.read_bytes() for path in files)
    for secret in (NAME, IDENTITY_NO, COMPANY):
        assert secret.encode() not in content
        assert secret.encode("utf-16-le") not in content


def test_both_counties_the_same(world: World) -> None:
    """A county may be window and authority of one case: the ladder is the same, within one node."""
    county = world.window
    county.source.add(
        "application.submitted", "WQ9", application(service_item=OWN_ITEM), destination=WINDOW, item=OWN_ITEM
    )
    world.settle()
    assert county.rows(select(tables.troubles)) == []
    number = world.case_no()
    for kind, record in (("application.accepted", acceptance()), ("decision.made", decision())):
        county.source.add(kind, number, record)
        world.settle()
    county.room.ask(f"{number}-D1-1")
    world.settle()
    county.sheets.confirm(f"{number}-D1-1", stock_serial="S1", by="desk")
    county.source.add("case.handed_over", "WQ9", hand_over())
    world.settle()
    assert county.rows(select(tables.cases.c.state)) == [("handed_over",)]
    assert county.rows(select(tables.troubles)) == []
    assert {state for (state,) in county.rows(select(tables.outbox.c.state))} == {"received"}
