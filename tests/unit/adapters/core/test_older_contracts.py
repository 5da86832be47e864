"""A destination that runs an older contract is written to in it; what that cannot say is told and waits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from adapters import directoryview, identity, inbox
from adapters.outbox import Draft
from adapters.store import tables
from certs import signing
from schemas import codec, releases
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from tests import contract_versions
from tests.county_records import ITEM, decision
from tests.county_world import WINDOW, County, World, case_no


@pytest.fixture(autouse=True)
def yesterday(tmp_path_factory) -> Iterator[None]:
    """One released version, older than the working contract: without a decision's `established_on`."""
    with contract_versions.released(tmp_path_factory.mktemp("released"), contract_versions.older()):
        yield


def states(world: World, code: str, *versions: str) -> None:
    """The county states, over its own signature, that it reads these; every county learns it."""
    own = world.network.identities[code]
    statement, _ = identity.key_statement(own, sequence=2, now=world.now)
    body = codec.encode("KeyStatement", codec.decode(statement, "KeyStatement") | {"contract_versions": list(versions)})
    signature = signing.sign(body, key=own.signing_key, certificate=own.signing_certificate, typ=signing.Typ.KEYS)
    told = {"key_statement": body, "key_statement_signature": signature}
    entries = [world.hub.county(each, now=world.now, **(told if each == code else {})) for each in world.counties]
    directory = world.hub.directory(now=world.now, counties=entries)
    for county in world.counties.values():
        county.arrive_directory(*directory)
        county.handle()


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
    assert codec.decode(body, "KeyStatement")["contract_versions"] == [releases.current(), "1.0"]
    for versions, expected in (((), ""), ((releases.current(), "1.0"), ""), (("1.0",), "1.0"), (("9.0", "1.0"), "1.0")):
        states(world, WINDOW, *versions)
        assert world.issuing.view().contract(WINDOW) == expected
        assert world.issuing.view().contract("999999") == ""


def test_the_destination_gets_its_own_version(world: World) -> None:
    """Envelope, dataschema and payload are those of its version, and are opened and kept by it like any other."""
    states(world, WINDOW, "1.0")
    world.up_to("application.accepted")
    world.issuing.source.add("decision.made", world.case_no(), decision())
    world.settle()
    (row,) = world.issuing.rows(select(tables.outbox).where(tables.outbox.c.type == "decision.made"))
    envelope = Envelope.parse(row.body)
    assert (envelope.contract, envelope.dataschema) == ("1.0", releases.dataschema("Decision", "1.0"))
    (arrived,) = world.window.rows(select(tables.inbox).where(tables.inbox.c.message_id == row.message_id))
    assert arrived.state == "applied"
    with world.window.store.read() as tx:
        assert inbox.record_of(tx, world.window.identity, arrived.seq) == decision()
    stored = world.window.identity.storage.open(arrived.record_sealed, place=f"inbox/{row.message_id}")
    assert stored[: codec.HEADER_BYTES] == codec.MAGIC + bytes.fromhex(releases.of("1.0").crc64["Decision"])
    (back,) = world.window.rows(select(tables.outbox).where(tables.outbox.c.type == "application.submitted"))
    assert Envelope.parse(back.body).contract == "", "the other reads ours"


def test_what_it_cannot_say_waits_for_the_upgrade(world: World) -> None:
    """A local record with a field that the destination does not know is told and kept, and sent when it knows it."""
    states(world, WINDOW, "1.0")
    world.up_to("application.accepted")
    record = decision(established_on=date(2026, 11, 22))
    world.issuing.source.add("decision.made", world.case_no(), record)
    world.settle()
    (trouble,) = world.issuing.rows(select(tables.troubles))
    assert (trouble.code, trouble.place.split()[-1]) == ("E-CODEC-010", "Decision.established_on")
    assert world.issuing.rows(select(tables.outbox).where(tables.outbox.c.type == "decision.made")) == []
    states(world, WINDOW, releases.current(), "1.0")
    world.settle()
    assert world.issuing.rows(select(tables.troubles)) == []
    (row,) = world.window.rows(select(tables.inbox).where(tables.inbox.c.type == "decision.made"))
    with world.window.store.read() as tx:
        assert inbox.record_of(tx, world.window.identity, row.seq) == record


def test_what_is_owed_becomes_a_draft(world: World) -> None:
    """A patient message is kept while its destination cannot read it, and finished in whatever it reads then."""
    states(world, WINDOW, "1.0")
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
    before = contract_versions.older()
    messages = {name: each for name, each in before.messages.items() if name != "decision.made"}
    with contract_versions.released(tmp_path_factory.mktemp("other"), replace(before, messages=messages)):
        states(world, WINDOW, "1.0")
        with pytest.raises(YunhuobanError, match="E-CODEC-011") as caught:
            put(world.issuing)
        assert (caught.value.place, caught.value.expected) == ("decision.made", "1.0")


def test_nothing_in_common(world: World) -> None:
    """With a county that reads nothing of ours nothing is sent, and it is said which versions there are."""
    states(world, WINDOW, "9.0")
    with pytest.raises(YunhuobanError, match="E-LINK-106") as caught:
        put(world.issuing)
    assert (caught.value.found, caught.value.expected) == ("9.0", f"{releases.current()}, 1.0")
    assert caught.value.code is releases.NONE_IN_COMMON
    assert directoryview.KEY_EXPIRED.area == releases.NONE_IN_COMMON.area, "it waits like one without a key"


def test_a_draft_outlives_the_upgrade_of_its_own_county(world: World) -> None:
    """What was begun under yesterday's contract is finished by today's node."""
    states(world, WINDOW, "9.0")
    owed = put(world.issuing, reasons="理由")
    row = row_of(world.issuing, owed)
    assert row.state == "draft"
    old = codec.encode("Decision", decision(reasons="理由"), "1.0")
    sealed = world.issuing.identity.storage.seal(old, place=f"outbox/{owed}")
    envelope = replace(Envelope.parse(row.body), contract="1.0", dataschema=releases.dataschema("Decision", "1.0"))
    with world.issuing.store.write() as tx:
        tx.execute(tables.outbox.update().values(body=envelope.to_bytes(), record_sealed=sealed))
    states(world, WINDOW, "1.0")
    world.issuing.handle()
    done = Envelope.parse(row_of(world.issuing, owed).body)
    assert (done.contract, done.dataschema) == ("1.0", releases.dataschema("Decision", "1.0"))
    with world.issuing.store.read() as tx:
        assert world.issuing.box.record(tx, owed) == decision(reasons="理由")
