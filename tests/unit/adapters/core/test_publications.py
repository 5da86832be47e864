"""What a hub publishes for a county is kept only when it is meant for it and its witnesses are who they say."""

from typing import Any

import pytest

from certs import signing
from schemas import codec
from schemas.envelope import new_id
from schemas.messages import HUB
from tests.county_world import ISSUING, County, World
from tests.unit.adapters.core.test_epochs import checkpoint, codes, state


def publish(world: World, to: County, *, epoch: int = 1, **changes: Any) -> None:
    """A publication of the scripted hub arrives and is handled; `changes` forge fields."""
    body, signature = checkpoint(world, epoch=epoch, size=9, root=b"r" * 32)
    record = {
        "county": to.identity.division_code, "checkpoint": body, "checkpoint_signature": signature,
        "countersign": False, "proofs": [], "countersignatures": [], "published_at": world.now,
    } | changes  # fmt: skip
    published = codec.encode("CheckpointPublished", record)
    hub = world.network.grants
    signed = signing.sign(published, key=hub.key, certificate=hub.certificate, typ=signing.Typ.PUBLICATION)
    to.arrive(published, signed, source=HUB, message_id=new_id(), type_="checkpoint.published")
    to.handle()


def witness(world: World, *, signed: bytes | None = None) -> dict[str, Any]:
    """A countersignature of the issuing county, over this or, forged, over something else."""
    body, signature = checkpoint(world, size=9, root=b"r" * 32)
    county = world.issuing.identity
    own = signing.sign(
        signed or body, key=county.signing_key, certificate=county.signing_certificate, typ=signing.Typ.CHECKPOINT
    )
    return {"county": ISSUING, "checkpoint": body, "checkpoint_signature": signature, "signature": own}


def test_an_honest_publication_tells_nobody_anything(world: World):
    """The one that the other tests spoil is taken as it is."""
    publish(world, world.window, countersignatures=[witness(world)])
    assert codes(world.window) == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (lambda _: {"county": ISSUING}, "E-JRNL-114"),
        (lambda world: {"countersignatures": [witness(world, signed=b"another")]}, "E-JRNL-115"),
    ],
)
def test_a_publication_that_is_not_what_it_says(world: World, changes, code):
    """One for another county, and one whose witness signed something else, are told to people and not kept."""
    publish(world, world.window, **changes(world))
    assert codes(world.window) == {code}


def test_a_new_epoch_is_told(world: World):
    """People hear of an epoch that the hub opened by its statement; its first checkpoint after that is nothing new."""
    publish(world, world.window)
    state(world, world.window)
    publish(world, world.window, epoch=2)
    assert codes(world.window) == {"E-JRNL-050"}
