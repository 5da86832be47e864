"""What a county says of a license's QR code: before the license, and never in the license's way."""

from sqlalchemy import select

from adapters.local import troublebook
from adapters.store import tables
from schemas import codec
from schemas.envelope import Envelope
from schemas.messages import HUB, SCANNABLE
from schemas.scanning import SEALED_BYTES, digest
from tests.county_records import acceptance, application, decision, refusal
from tests.county_world import World

_columns = tables.outbox.c


def granted(world: World) -> str:
    """A case that was granted, its license not made yet."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.settle()
    world.issuing.source.add("application.accepted", world.case_no(), acceptance())
    world.settle()
    world.issuing.source.add("decision.made", world.case_no(), decision())
    world.issuing.read()
    return world.case_no()


def test_it_goes_to_the_hub_before_the_license_and_names_no_case(world: World):
    """In the license's own transaction; digest and ciphertext, neither case nor item nor identifier."""
    granted(world)
    assert world.issuing.issue() == 1
    said = select(_columns.type, _columns.body).where(_columns.type.in_((SCANNABLE, "license.issued")))
    rows = world.issuing.rows(said.order_by(_columns.seq))
    assert [row.type for row in rows] == [SCANNABLE, "license.issued"]
    envelope = Envelope.parse(rows[0].body)
    assert (envelope.destination, envelope.case_no, envelope.service_item, envelope.facts) == (HUB, "", "", None)
    scan = codec.decode(envelope.data, "LicenseScan")
    identifier = (Envelope.parse(rows[1].body).facts or {})["license_identifier"]
    assert scan["license_sha256"] == digest(identifier)
    assert len(scan["face"]) == SEALED_BYTES
    assert identifier.encode() not in rows[0].body


def test_a_hub_that_does_not_know_the_word_holds_no_license_up(world: World):
    """E-ENV-010 of a hub that was not upgraded yet: county IT is told, the license goes all the same."""
    case_no = granted(world)
    world.issuing.issue()
    (row,) = world.issuing.rows(select(tables.outbox).where(_columns.type == SCANNABLE))
    told = refusal(row.message_id) | {"code": "E-ENV-010", "field": "type"}
    world.issuing.arrive_receipt(
        world.hub.receipt(row.body, row.signature, at=world.now, message_id=row.message_id, refusal=told)
    )
    world.issuing.seen.add(row.message_id)
    world.settle()
    states = dict(world.issuing.rows(select(_columns.type, _columns.state).where(_columns.case_no.in_((case_no, "")))))
    assert states[SCANNABLE] == "refused"
    assert states["license.issued"] == "received"
    with world.issuing.store.read() as tx:
        assert [each.code for each in troublebook.newest(tx)] == ["E-ENV-010"]
