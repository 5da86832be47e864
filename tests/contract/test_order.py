"""The scenes of `order.json`, played with signed and sealed messages at a county node."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from adapters.store import tables
from certs import encryption, keys, signing
from certs.profiles import Role
from deploy.contract import published
from schemas import codec, shapes
from schemas.envelope import Envelope, derived_id
from schemas.facts import facts_of
from tests.county_records import ITEM, review_step
from tests.county_world import ISSUING, WINDOW, Network, World, issue

TYPE = "review.advanced"
SCENES = json.loads((published.VECTORS / "order.json").read_text(encoding="utf-8"))["vectors"]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Made once for the module."""
    return Network.make(tmp_path_factory.mktemp("network"))


@pytest.fixture(scope="module")
def destroyed(network: Network) -> keys.Certificate:
    """A certificate of the window county whose key is no longer there."""
    return issue(network.transport, Role.COUNTY_ENCRYPTION, WINDOW).certificate


@pytest.fixture(scope="module")
def world(network: Network, destroyed: keys.Certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One accepted case, in which the examination may go on step by step; each scene has ids of its own."""
    made = World(network=network, folder=tmp_path_factory.mktemp("world"))
    window = made.window
    window.identity = replace(window.identity, burnt=frozenset({keys.thumbprint(destroyed)}))
    window.start()
    made.up_to("application.accepted")
    yield made
    for county in made.counties.values():
        county.store.close()


@dataclass(kw_only=True)
class Scene:
    """Plays arrivals at the window county; the first of a chain comes after the acceptance."""

    world: World
    destroyed: keys.Certificate
    name: str
    bytes_of: dict[str, bytes] = field(default_factory=dict)

    def last(self) -> str:
        """The id of the acceptance."""
        accepted = select(tables.outbox.c.message_id).where(tables.outbox.c.type == "application.accepted")
        ((found,),) = self.world.issuing.rows(accepted)
        return str(found)

    def id(self, name: str | None) -> str | None:
        """The id of a message of the scene."""
        return None if name is None else derived_id(self.last(), f"{self.name} {name}")

    def write(self, given: Mapping[str, Any]) -> bytes:
        """Envelope bytes of one arrival, right or wrong as the scene says."""
        world, record, wrong = self.world, review_step(), {}
        if given["refused"] == "E-ENV-103":
            wrong = {"stage": "second_review"}
        own = world.window.identity
        recipient = self.destroyed if given["refused"] == "E-ENV-011" else own.encryption_certificate
        prepared = encryption.prepare(codec.encode("ReviewStep", record))
        envelope = Envelope(
            id=self.id(given["id"]) or "", source=ISSUING, destination=WINDOW, type=TYPE, case_no=world.case_no(),
            service_item=ITEM, prev=self.id(given["prev"]) or self.last(), supersedes=self.id(given["supersedes"]),
            time=world.now, expires=world.now + timedelta(days=20), trial=False, data=b"",
            dataschema=shapes.dataschema("ReviewStep"), facts=dict(facts_of(TYPE, record) or {}) | wrong,
            encrypted_for=keys.thumbprint(recipient), data_commitment=prepared.commitment,
        )  # fmt: skip
        return replace(envelope, data=encryption.encrypt(prepared, recipient, envelope.binding())).to_bytes()

    def arrive(self, given: Mapping[str, Any]) -> None:
        """The broker brings it; what is unread has the header of a record that this program does not know."""
        world, name = self.world, given["id"]
        here = tables.inbox.c.message_id == self.id(name)
        body = self.bytes_of.setdefault(name, self.write(given))
        identity = world.issuing.identity
        signature = signing.sign(
            body, key=identity.signing_key, certificate=identity.signing_certificate, typ=signing.Typ.ENVELOPE
        )
        evidence = world.hub.receipt(body, signature, at=world.now, message_id=self.id(name) or "")
        there = world.window.rows(select(tables.inbox.c.seq).where(here))
        if there:  # the program was upgraded; what is read already stays as it is
            with world.window.store.write() as tx:
                values = {"body": body, "signature": signature, "evidence": evidence}
                tx.execute(update(tables.inbox).where(here, tables.inbox.c.state == "new").values(**values))
        shown = codec.MAGIC + bytes(8) + body[codec.HEADER_BYTES :] if given["unread"] else body
        if not there:
            world.window.arrive(shown, signature, source="" if given["unread"] else ISSUING,
                                message_id=self.id(name) or "", type_=TYPE, evidence=evidence)  # fmt: skip

    def settle(self) -> None:
        """Every pause of what waits has passed, as often as one message waits for another."""
        for _ in range(4):
            self.world.later(minutes=2)
            self.world.window.handle()


@pytest.mark.parametrize("vector", SCENES, ids=[each["name"] for each in SCENES])
def test_every_scene(world: World, destroyed: keys.Certificate, vector: Mapping[str, Any]) -> None:
    """Whatever comes in whatever order and form is signed for and takes effect as the vector says."""
    scene = Scene(world=world, destroyed=destroyed, name=vector["name"])
    names = {scene.id(each["id"]): each["id"] for each in vector["arrivals"]}
    for each in vector["arrivals"]:
        scene.arrive(each)
        scene.settle()
    writes, outbox = tables.local_writes.c, tables.outbox.c
    applied = world.window.rows(select(writes.message_id).where(writes.type == TYPE).order_by(writes.seq))
    assert [names[found] for (found,) in applied if found in names] == vector["applied"]
    words = select(outbox.body).where(outbox.type == "message.received").order_by(outbox.seq)
    answered = [Envelope.parse(body).in_reply_to for (body,) in world.window.rows(words)]
    assert [names[found] for found in answered if found in names] == vector["signed"]
