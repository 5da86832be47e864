"""What a license's QR code leads to, in the hub's store: said by a county, found by a locator, on both databases."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.scanning import finding
from hub.store import tables
from schemas import codec, shapes
from schemas.envelope import Envelope, new_id
from schemas.messages import HUB, SCANNABLE
from schemas.scanning import SEALED_BYTES, digest
from tests.hub_world import ISSUING, WINDOW, Case, Message, World, sign

LOCATOR, OTHER = b"L" * 32, b"M" * 32


def scan(world: World, county: str, **changes: Any) -> Message:
    """A county's word about a code."""
    record = {"locator": LOCATOR, "license_sha256": bytes(32), "face": bytes(SEALED_BYTES)} | changes
    data = codec.encode("LicenseScan", record)
    envelope = Envelope(
        id=new_id(), source=county, destination=HUB, type=SCANNABLE, case_no="", service_item="", time=world.now,
        expires=world.now + timedelta(days=1), trial=False, dataschema=shapes.dataschema("LicenseScan"),
        encrypted_for=None, data_commitment=hashlib.sha256(data).digest(), data=data,
    )  # fmt: skip
    return sign(envelope, world.network.counties[county])


def found(world: World, locator: bytes = LOCATOR) -> finding.Found | None:
    """What the page would find."""
    with world.store.read() as tx:
        return finding.find(tx, locator)


@pytest.mark.both_stores
def test_a_code_said_before_its_license_is_found_when_that_comes(world: World):
    """The two messages may overtake each other; the same word twice is one; another county's word opens nothing."""
    case = Case(world, trial=True)
    word = scan(world, ISSUING, license_sha256=digest(case.license_identifier), face=b"f" * SEALED_BYTES)
    case.up_to("decision.made")
    world.send(word, word)
    assert found(world) is None
    world.send(case.license())
    shown = found(world)
    assert shown is not None
    assert (shown.state, shown.trial, shown.face) == ("valid", True, b"f" * SEALED_BYTES)
    assert shown.county.endswith(ISSUING)
    world.send(scan(world, WINDOW, locator=OTHER, license_sha256=digest(case.license_identifier)))
    assert found(world, OTHER) is None
    taken = scan(world, WINDOW, license_sha256=b"x" * 32)
    world.send(taken)
    assert world.refusal(taken)["code"] == "E-VIEW-001"
    world.later(seconds=1)
    world.send(scan(world, ISSUING, locator=b"N" * 32, license_sha256=digest(case.license_identifier)))
    assert found(world) is None
    assert found(world, b"N" * 32) is not None
    assert len(world.rows(select(tables.license_scans))) == 2


def test_what_was_taken_in_one_batch_counts_for_the_next_message_of_it(world: World):
    """Two counties with one locator in one batch: the first has it, the second is refused."""
    first, second = scan(world, ISSUING), scan(world, WINDOW)
    world.send(first, second)
    assert world.verdicts(ISSUING)[first.envelope.id] == "admitted"
    assert world.refusal(second)["field"] == "locator"
