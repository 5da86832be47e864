"""Real hub and real county nodes around one another, without a broker: what the one publishes is carried to the others.

`Stage` is honest. A hub that lies keeps two journals: `Stage.split()` makes a second hub with the same keys, and a test
says which county is shown which of them. Both are the product's own code, but that the liar's admission no longer asks
whether a stated checkpoint is its own.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from adapters.boxes import fate
from adapters.journal import forkalarm
from certs.profiles import Role
from hub.bootstrap import Keys
from hub.history.journal import LogKey
from hub.history.publishing import JournalPublisher
from hub.history.witnessing import Issued
from hub.outflow.delivery import Delivery, held_counties
from hub.outflow.effects import Done, mark_done, spoken_parcel
from hub.printing.grants import GrantSigner
from hub.registry import county as enrolling
from hub.store import open_store, tables
from schemas import codec
from schemas.envelope import Envelope
from schemas.messages import HUB, HUB_TYPES
from tests import county_world, hub_world
from tests.county_records import ITEM, START, application
from tests.county_world import County
from tests.databases import Files
from tests.hub_world import CountyKeys, Message


def hub_network(network: county_world.Network, folder: Path) -> hub_world.Network:
    """The county world's authority and keys as the hub's world wants them, with every county enrolled."""
    counties = {}
    for code, identity in network.identities.items():
        connection = county_world.issue(network.transport, Role.COUNTY_CONNECTION, code)
        counties[code] = CountyKeys(
            code=code,
            signing_key=identity.signing_key,
            signing=identity.signing_certificate,
            connection_key=connection.key,
            connection=connection.certificate,
            encryption=identity.encryption_certificate,
        )
    databases = Files()
    made = hub_world.Network(
        folder=network.folder,
        authority=network.transport,
        log=LogKey(network.log.key, network.log.certificate, "test"),
        grants=GrantSigner(network.grants.key, network.grants.certificate),
        counties=counties,
        databases=databases,
        template=databases.make(folder),
        item=ITEM,
    )
    store = open_store(made.template)
    made.revocation_folder(store, network.folder / "ca" / "crl").run_once(START)
    with store.write() as tx:
        for each in counties.values():
            enrolling.enrol(tx, each.card(ITEM), chains=made.chains(), now=START)
    store.close()
    return made


class Credulous(Issued):
    """What a hub with two journals has in the place of its memory: it takes any statement."""

    def check(self, stated: Any) -> None:
        """Whatever it says."""


@dataclass(kw_only=True)
class HubSide:
    """One journal, and who has been handed what of it."""

    world: hub_world.World
    publisher: JournalPublisher
    handed: int = 0

    @classmethod
    def make(cls, network: hub_world.Network, folder: Path, stage: "Stage") -> "HubSide":
        """A fresh journal."""
        folder.mkdir(parents=True, exist_ok=True)
        world = hub_world.World.make(network, folder)
        world.now = stage.counties.now
        publisher = JournalPublisher(store=world.store, signer=network.grants, clock=stage.counties.clock)
        return cls(world=world, publisher=publisher)

    def keys(self) -> Keys:
        """The hub's keys, as its commands have them."""
        network = self.world.network
        return Keys(
            anchors=[network.authority.root],
            issuing=[network.authority.issuing],
            checkpoint=network.log,
            grants=network.grants,
            directory=network.issuer(),
        )

    def publish(self) -> int:
        """One turn of the keeper; returns how many publications went out."""
        made = self.publisher.run_once()
        with self.world.store.read() as tx:
            unsent = select(tables.outgoing).where(~tables.outgoing.c.done)
            rows = tx.execute(unsent.where(tables.outgoing.c.type == "checkpoint.published")).all()
            held = held_counties(tx)
        delivery = Delivery(self.world.link, self.world.store, confirm_seconds=1.0)
        delivery.publish([spoken_parcel(row) for row in rows], held)
        with self.world.store.write() as tx:
            mark_done(tx, Done(spoken=[row.message_id for row in rows]), self.world.now)
        return made


@dataclass(kw_only=True)
class Stage:
    """One test's hub or hubs and three counties."""

    counties: county_world.World
    network: hub_world.Network
    folder: Path
    views: dict[str, HubSide] = field(default_factory=dict)
    """Which journal each county is shown."""

    def __post_init__(self) -> None:
        """One journal for everybody."""
        honest = HubSide.make(self.network, self.folder / "hub", self)
        self.views = dict.fromkeys(self.counties.counties, honest)

    @property
    def hub(self) -> HubSide:
        """The window county's hub."""
        return self.views[county_world.WINDOW]

    def sides(self) -> list[HubSide]:
        """Every journal there is, each once."""
        return list({id(each): each for each in self.views.values()}.values())

    def split(self, *victims: str) -> HubSide:
        """From now on these counties are shown another journal, which the same keys sign."""
        other = HubSide.make(self.network, self.folder / f"hub-{len(self.sides())}", self)
        for side in (*self.sides(), other):
            side.world.pipeline._issued = Credulous()
        for code in victims:
            self.views[code] = other
        return other

    def later(self, **duration: float) -> None:
        """Move everybody's clock."""
        self.counties.now += timedelta(**duration)
        for side in self.sides():
            side.world.now = self.counties.now

    def carry(self) -> int:
        """Admit what counties send, in every journal, and hand out what the hub shows each of them."""
        for county in self.counties.counties.values():
            county.stirred = True
        return self._carry()

    def _carry(self) -> int:
        """The same, of the counties that something may have moved since their last turn."""
        moved = 0
        for county in self.counties.counties.values():
            if county.stirred:
                county.stirred = False
                moved += (steps := county.read() + county.handle() + self._send(county))
                county.stirred |= bool(steps)
        for side in self.sides():
            moved += self._hand_out(side)
        return moved

    def settle(self, rounds: int = 20) -> None:
        """Until nothing moves any more."""
        moved = self.carry()
        for _ in range(rounds - 1):
            moved = moved and self._carry()

    def minute(self) -> int:
        """A minute later the hub publishes, and everything settles; returns how many publications went out."""
        self.later(seconds=61)
        made = sum(side.publish() for side in self.sides())
        self.settle()
        return made

    def application(self, local_case: str = "WQ1") -> str:
        """A new case from the window county, received by the issuing county; returns its number."""
        self.counties.window.source.add("application.submitted", local_case, application())
        self.settle()
        return self.counties.case_no()

    def _send(self, county: County) -> int:
        with county.store.read() as tx:
            if forkalarm.stopped(tx):
                return 0
        rows = [row for row in county.due() if row.message_id not in county.seen]
        for row in rows:
            county.seen.add(row.message_id)
            with county.store.write() as tx:
                fate.sent(tx, row, self.counties.now, 30.0)
            message = Message(envelope=Envelope.parse(row.body), body=row.body, signature=row.signature)
            for side in self.sides():
                side.world.send(message)
        return len(rows)

    def _hand_out(self, side: HubSide) -> int:
        published = side.world.link.published
        new, side.handed = published[side.handed :], len(published)
        taken = 0
        for each in new:
            code = each.routing_key.split(".")[1]
            if each.type == "directory.published" or self.views.get(code) is not side:
                continue
            signatures = each.headers.get("signatures") or [""]
            source = HUB if each.type in HUB_TYPES else codec.decode(each.body, "Envelope")["source"]
            self.counties.counties[code].arrive(
                each.body, signatures[0], source=source, message_id=each.message_id, type_=each.type,
                evidence=each.headers.get("evidence", b""),
            )  # fmt: skip
            taken += 1
        return taken
