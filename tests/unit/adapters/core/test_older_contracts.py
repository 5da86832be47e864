"""A destination that runs an older contract is written to in it; what that cannot say is told and waits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from adapters import identity
from adapters.boxes import inbox
from adapters.boxes.inbox import NOT_READ_HERE
from adapters.boxes.invain import VERSION_REFUSED
from adapters.boxes.outbox import Draft
from adapters.case import casebook
from adapters.directory import directoryview
from adapters.store import tables
from certs import signing
from schemas import codec, releases
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.resolution import NOT_IN_VERSION
from tests import contract_versions
from tests.county_records import ITEM, decision, refusal
from tests.county_world import ISSUING, WINDOW, County, World, case_no

NOT_READ = "E-ADM-043"
OLD = "0.9"


@pytest.fixture(autouse=True)
def yesterday(tmp_path_factory) -> Iterator[None]:
    """One more version, older than all there are: without a decision's `established_on`."""
    known = (contract_versions.older(OLD), *releases.released())
    with contract_versions.released(tmp_path_factory.mktemp("released"), *known):
        yield


def reading(world: World, code: str, *versions: str) -> dict[str, Any]:
    """What the directory holds of a county that states, over its own signature, that it reads these."""
    own = world.network.identities[code]
    statement, _ = identity.key_statement(own, sequence=2, now=world.now)
    body = codec.encode("KeyStatement", codec.decode(statement, "KeyStatement") | {"contract_versions": list(versions)})
    signature = signing.sign(body, key=own.signing_key, certificate=own.signing_certificate, typ=signing.Typ.KEYS)
    return {"key_statement": body, "key_statement_signature": signature}


def states(world: World, code: str, *versions: str) -> None:
    """The county states that it reads these; every county learns it."""
    told = reading(world, code, *versions)
    entries = [world.hub.county(each, now=world.now, **(told if each == code else {})) for each in world.counties]
    directory = world.hub.directory(now=world.now, counties=entries)
    for county in world.counties.values():
        county.arrive_directory(*directory)
        county.handle()


def turned_away(world: World, county: County, row: Any) -> None:
    """The hub's receipt says that the destination does not read what this message is written in."""
    refused = refusal(row.message_id, code=NOT_READ, field="dataschema", now=world.now)
    county.seen.add(row.message_id)
    receipt = world.hub.receipt(row.body, row.signature, at=world.now, message_id=row.message_id, refusal=refused)
    county.arrive_receipt(receipt)
    county.handle()


def unsent(world: World, **changes: Any) -> Any:
    """The issuing county's decision, in its outbox and not yet at the hub."""
    world.up_to("application.accepted")
    world.issuing.source.add("decision.made", world.case_no(), decision(**changes))
    world.issuing.read()
    return next(each for each in world.issuing.due() if each.type == "decision.made")


def forms(county: County) -> list[tuple[str, str | None, str]]:
    """The decision's forms, the oldest first: state, code of the refusal, version of the contract."""
    found = county.rows(
        select(tables.outbox).where(tables.outbox.c.type == "decision.made").order_by(tables.outbox.c.seq)
    )
    return [(row.state, row.refusal_code, Envelope.parse(row.body).contract) for row in found]


def told(county: County) -> list[str]:
    """Codes of what people at this county are told."""
    return [code for (code,) in county.rows(select(tables.troubles.c.code))]


def decided(world: World) -> list[str]:
    """States of the decisions that arrived at the window."""
    return [state for (state,) in world.window.rows(
        select(tables.inbox.c.state).where(tables.inbox.c.type == "decision.made")
    )]  # fmt: skip


def put(county: County, **changes: Any) -> str:
    """A decision for the window county."""
    draft = Draft(
        type="decision.made", case_no=case_no(41), destination=WINDOW, service_item=ITEM, trial=False,
        record=decision(**changes), patient=bool(changes),
    )  # fmt: skip
    with county.store.write() as tx:
        return county.box.put(tx, draft, county.directory(tx), county.world.now)


def row_of(county: County, message_id: str) -> Any:
    """Its row in the outbox."""
    (row,) = county.rows(select(tables.outbox).where(tables.outbox.c.message_id == message_id))
    return row


def test_a_node_states_what_it_reads(world: World) -> None:
    """Its own contract first, then every released version; the directory tells others in which one to write."""
    body, _ = identity.key_statement(world.window.identity, sequence=3, now=world.now)
    assert codec.decode(body, "KeyStatement")["contract_versions"] == releases.readable()
    assert releases.readable()[:: len(releases.readable()) - 1] == [releases.current(), OLD]
    for versions, expected in (((), ""), ((releases.current(), OLD), ""), ((OLD,), OLD), (("9.0", OLD), OLD)):
        states(world, WINDOW, *versions)
        assert world.issuing.view().contract(WINDOW) == expected
        assert world.issuing.view().contract("999999") == ""


def test_the_destination_gets_its_own_version(world: World) -> None:
    """Envelope, dataschema and payload are those of its version, and are opened and kept by it like any other."""
    states(world, WINDOW, OLD)
    world.up_to("application.accepted")
    world.issuing.source.add("decision.made", world.case_no(), decision())
    world.settle()
    (row,) = world.issuing.rows(select(tables.outbox).where(tables.outbox.c.type == "decision.made"))
    envelope = Envelope.parse(row.body)
    assert (envelope.contract, envelope.dataschema) == (OLD, releases.dataschema("Decision", OLD))
    (arrived,) = world.window.rows(select(tables.inbox).where(tables.inbox.c.message_id == row.message_id))
    assert arrived.state == "applied"
    with world.window.store.read() as tx:
        assert inbox.record_of(tx, world.window.identity, arrived.seq) == decision()
    stored = world.window.identity.storage.open(arrived.record_sealed, place=f"inbox/{row.message_id}")
    assert stored[: codec.HEADER_BYTES] == codec.MAGIC + bytes.fromhex(releases.of(OLD).crc64["Decision"])
    (back,) = world.window.rows(select(tables.outbox).where(tables.outbox.c.type == "application.submitted"))
    assert Envelope.parse(back.body).contract == "", "the other reads ours"


def test_what_it_cannot_say_waits_for_the_upgrade(world: World) -> None:
    """A local record with a field that the destination does not know is told and kept, and sent when it knows it."""
    states(world, WINDOW, OLD)
    world.up_to("application.accepted")
    record = decision(established_on=date(2026, 11, 22))
    world.issuing.source.add("decision.made", world.case_no(), record)
    world.settle()
    (trouble,) = world.issuing.rows(select(tables.troubles))
    assert (trouble.code, trouble.place.split()[-1]) == ("E-CODEC-010", "Decision.established_on")
    assert world.issuing.rows(select(tables.outbox).where(tables.outbox.c.type == "decision.made")) == []
    states(world, WINDOW, releases.current(), OLD)
    world.settle()
    assert world.issuing.rows(select(tables.troubles)) == []
    (row,) = world.window.rows(select(tables.inbox).where(tables.inbox.c.type == "decision.made"))
    with world.window.store.read() as tx:
        assert inbox.record_of(tx, world.window.identity, row.seq) == record


def test_what_is_owed_becomes_a_draft(world: World) -> None:
    """A patient message is kept while its destination cannot read it, and finished in whatever it reads then."""
    states(world, WINDOW, OLD)
    owed = put(world.issuing, established_on=date(2026, 11, 22))
    assert row_of(world.issuing, owed).state == "draft"
    states(world, WINDOW, releases.current())
    world.issuing.handle()
    assert row_of(world.issuing, owed).state == "waiting"
    assert Envelope.parse(row_of(world.issuing, owed).body).contract == ""
    after = put(world.issuing)
    assert row_of(world.issuing, after).state == "waiting"


def test_a_type_of_message_that_came_later_waits_too(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The destination's version has the record and not the message: it is not sent what it would refuse."""
    before = contract_versions.older(OLD)
    messages = {name: each for name, each in before.messages.items() if name != "decision.made"}
    with contract_versions.released(tmp_path_factory.mktemp("other"), replace(before, messages=messages)):
        states(world, WINDOW, OLD)
        with pytest.raises(YunhuobanError, match="E-CODEC-011") as caught:
            put(world.issuing)
        assert (caught.value.place, caught.value.expected) == ("decision.made", OLD)


def test_nothing_in_common(world: World) -> None:
    """With a county that reads nothing of ours nothing is sent, and it is said which versions there are."""
    states(world, WINDOW, "9.0")
    with pytest.raises(YunhuobanError, match="E-LINK-106") as caught:
        put(world.issuing)
    assert (caught.value.found, caught.value.expected) == ("9.0", ", ".join(releases.readable()))
    assert caught.value.code is releases.NONE_IN_COMMON
    assert directoryview.KEY_EXPIRED.area == releases.NONE_IN_COMMON.area, "it waits like one without a key"


def test_a_draft_outlives_the_upgrade_of_its_own_county(world: World) -> None:
    """What was begun under yesterday's contract is finished by today's node."""
    states(world, WINDOW, "9.0")
    owed = put(world.issuing, reasons="理由")
    row = row_of(world.issuing, owed)
    assert row.state == "draft"
    old = codec.encode("Decision", decision(reasons="理由"), OLD)
    sealed = world.issuing.identity.storage.seal(old, place=f"outbox/{owed}")
    envelope = replace(Envelope.parse(row.body), contract=OLD, dataschema=releases.dataschema("Decision", OLD))
    with world.issuing.store.write() as tx:
        tx.execute(tables.outbox.update().values(body=envelope.to_bytes(), record_sealed=sealed))
    states(world, WINDOW, OLD)
    world.issuing.handle()
    done = Envelope.parse(row_of(world.issuing, owed).body)
    assert (done.contract, done.dataschema) == (OLD, releases.dataschema("Decision", OLD))
    with world.issuing.store.read() as tx:
        assert world.issuing.box.record(tx, owed) == decision(reasons="理由")


def test_what_the_hub_refused_for_its_version_is_written_anew(world: World) -> None:
    """The destination went back while the message was on its way: it goes again by itself, and nobody is told."""
    row = unsent(world)
    states(world, WINDOW, OLD)
    turned_away(world, world.issuing, row)
    world.settle()
    assert forms(world.issuing) == [("refused", NOT_READ, ""), ("received", None, OLD)]
    assert (decided(world), told(world.issuing)) == (["applied"], [])
    assert world.window.rows(select(tables.cases.c.state)) == [("licensed",)]


def test_the_refused_version_is_not_tried_again_under_the_same_directory(world: World) -> None:
    """The hub knows more than our directory: the message waits and says so, and goes with the next directory."""
    row = unsent(world)
    turned_away(world, world.issuing, row)
    world.settle()
    assert [state for state, _, _ in forms(world.issuing)] == ["refused", "draft"]
    assert told(world.issuing) == [VERSION_REFUSED.code]
    world.later(seconds=1)
    states(world, WINDOW, OLD)
    world.settle()
    assert forms(world.issuing) == [("refused", NOT_READ, ""), ("received", None, OLD)]
    assert (decided(world), told(world.issuing)) == (["applied"], [])


def test_a_version_that_is_read_again_is_tried_again(world: World) -> None:
    """The destination went back and forth before we heard of it: a directory made after the refusal is believed."""
    row = unsent(world)
    turned_away(world, world.issuing, row)
    world.later(seconds=1)
    states(world, WINDOW, releases.current(), OLD)
    world.settle()
    assert forms(world.issuing) == [("refused", NOT_READ, ""), ("received", None, "")]
    assert told(world.issuing) == []


@pytest.mark.parametrize(
    ("versions", "changes", "code"),
    [
        (("9.0",), {}, releases.NONE_IN_COMMON),
        ((OLD,), {"established_on": date(2026, 11, 22)}, NOT_IN_VERSION),
    ],
)
def test_what_cannot_be_written_anew_waits_and_says_so(world: World, versions: Any, changes: Any, code: Any) -> None:
    """No common version, or a field that the older one lacks: told with its code until the destination is upgraded."""
    row = unsent(world, **changes)
    states(world, WINDOW, *versions)
    turned_away(world, world.issuing, row)
    for _ in range(2):
        world.settle()
        assert [state for state, _, _ in forms(world.issuing)] == ["refused", "draft"]
        assert set(told(world.issuing)) == {code.code}
    world.later(minutes=2)
    states(world, WINDOW, releases.current(), OLD)
    world.settle()
    assert forms(world.issuing) == [("refused", NOT_READ, ""), ("received", None, "")]
    assert (decided(world), told(world.issuing)) == (["applied"], [])


def on_its_way(world: World) -> Any:
    """The issuing county's decision, admitted and in the window's inbox, which has not looked at it."""
    row = unsent(world)
    world.carry(world.issuing)
    world.issuing.handle()
    (kept,) = world.window.rows(select(tables.inbox).where(tables.inbox.c.message_id == row.message_id))
    assert (kept.state, forms(world.issuing)) == ("new", [("admitted", None, "")])
    return kept


def unreadable(county: County, seq: int, **values: Any) -> None:
    """The county runs a program that does not know this envelope's record: another header than any that it knows."""
    here = tables.inbox.c.seq == seq
    with county.store.write() as tx:
        body = tx.execute(select(tables.inbox.c.body).where(here)).scalar_one()
        unknown = codec.MAGIC + bytes(8) + body[codec.HEADER_BYTES :]
        tx.execute(tables.inbox.update().where(here).values(body=unknown, **values))


def effects(county: County) -> list[str]:
    """The traces that decisions left in the county's own system."""
    writes = tables.local_writes.c
    return [one for (one,) in county.rows(select(writes.case_no).where(writes.type == "decision.made"))]


@pytest.mark.parametrize("source", ["140881", ""], ids=["it came before", "it came after"])
def test_what_lies_unread_at_a_county_that_went_back_comes_again(world: World, source: str) -> None:
    """It keeps what it cannot read; its sender learns what it reads, writes it anew, and it has its effect once."""
    kept = on_its_way(world)
    unreadable(world.window, kept.seq, source=source)
    for _ in range(10):
        world.window.handle()
        world.later(minutes=2)
    assert decided(world) == ["new"], "nobody is refused for what a newer program can read"
    assert told(world.window) == [NOT_READ_HERE.code]
    states(world, WINDOW, OLD)
    world.settle()
    assert forms(world.issuing) == [("refused", NOT_READ, ""), ("received", None, OLD)]
    assert decided(world) == ["refused", "applied"]
    assert (effects(world.window), told(world.window)) == ([world.case_no()], [])
    assert world.window.rows(select(tables.cases.c.state)) == [("licensed",)]


def test_what_was_opened_before_the_county_went_back_has_no_second_effect(world: World) -> None:
    """Its signature for the first form is still on the way when the second is written: both are signed for."""
    on_its_way(world)
    world.window.handle()
    assert decided(world) == ["applied"]
    states(world, WINDOW, OLD)
    world.settle()
    assert [code for _, code, _ in forms(world.issuing)] == [NOT_READ, None]
    assert decided(world) == ["applied", "applied"]
    assert effects(world.window) == [world.case_no()]
    assert world.window.rows(select(tables.cases.c.state)) == [("licensed",)]
    assert told(world.window) + told(world.issuing) == []
    with world.window.store.write() as tx:
        case = casebook.find(tx, world.case_no())
        assert case is not None
        casebook.restate(tx, case)
        assert casebook.find(tx, world.case_no()) == case, "counted once, too, when the case is gone through anew"


@pytest.mark.parametrize("readable", [True, False], ids=["read", "not read"])
def test_the_first_form_that_comes_late_has_no_effect(world: World, readable: bool) -> None:
    """The broker still held it: read again or not, the second form has taken its place."""
    kept = on_its_way(world)
    with world.window.store.write() as tx:
        tx.execute(tables.inbox.delete().where(tables.inbox.c.seq == kept.seq))
    states(world, WINDOW, OLD)
    world.settle()
    world.window.arrive(
        kept.body, kept.signature, source=kept.source, message_id=kept.message_id, type_=kept.type,
        evidence=kept.evidence,
    )  # fmt: skip
    if not readable:
        (row,) = world.window.rows(select(tables.inbox).where(tables.inbox.c.message_id == kept.message_id))
        unreadable(world.window, row.seq, source="")
    world.settle()
    assert sorted(decided(world)) == ["applied", "refused"]
    assert (effects(world.window), told(world.window)) == ([world.case_no()], [])


def test_the_order_stays_when_only_the_first_of_two_was_unread(world: World) -> None:
    """The message after it, written in the older version, waits for the form that comes again."""
    kept = on_its_way(world)
    unreadable(world.window, kept.seq)
    states(world, WINDOW, OLD)
    world.issuing.issue()  # the license, chained to the decision
    world.settle()
    assert world.window.rows(select(tables.cases.c.state)) == [("licensed",)]
    applied = world.window.rows(
        select(tables.local_writes.c.type).where(tables.local_writes.c.source == ISSUING).order_by(
            tables.local_writes.c.seq)
    )  # fmt: skip
    assert [kind for (kind,) in applied] == [
        "application.accepted", "decision.made", "license.issued", "print.authorised",
    ]  # fmt: skip
