"""Hub, two counties and their clerks in one process on a virtual clock, with nothing scripted in between.

Real pipeline, sweep, hold drainer, county loops, certificates, signatures and SQLite stores; in the place of processes
there are turns, in that of RabbitMQ a `SmallBroker`, and local systems and printer are plain lists. A `cut` ends a
process at a chosen step: it is started anew over its store, and what it had not acknowledged comes again. Hours of
waiting take no time, so a run goes on until nothing can move any more, and what the checker then misses is lost.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import select

from adapters.identity import card as card_of
from certs import keys
from certs.chain import TrustStore
from hub.history.journal import LogKey
from hub.outflow.delivery import Delivery
from hub.outflow.hold import HoldDrainer
from hub.printing.grants import GrantSigner
from hub.registry import county as counties
from hub.registry.directory import DirectoryIssuer
from hub.registry.directorypost import DirectoryPost
from hub.registry.revocation import RevocationFolder
from hub.store import open_store, tables
from schemas import topology
from tests import hub_world
from tests.chaos import evidence as books
from tests.chaos.cutting import Cut, CutStore
from tests.chaos.evidence import Evidence
from tests.chaos.history import History
from tests.chaos.smallbroker import HubLink, SmallBroker
from tests.chaos.smallcounty import ITEMS, WUQIAO, YONGJI, SmallCounty
from tests.county_doubles import PowerCut
from tests.county_records import START
from tests.county_world import Network, settings

_PAUSES_SECONDS: Final = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 2400, 3700, 3700, 7400)
_MOST_TURNS: Final = 200


class SmallNetwork:
    """Authorities and both counties' keys, and a hub's store with both enrolled: made once per run."""

    def __init__(self, folder: Path) -> None:
        """Over the counties' own network."""
        self.county = Network.make(folder)
        network = self.county
        self.hub = SimpleNamespace(
            log=LogKey(network.log.key, network.log.certificate, "test"),
            grants=GrantSigner(network.grants.key, network.grants.certificate),
            authority=network.transport,
        )
        self.issuer = DirectoryIssuer(
            key=network.grants.key,
            certificate=network.grants.certificate,
            transport_certificates=[network.transport.issuing],
            hub_certificates=[network.log.certificate, network.grants.certificate],
            seal_certificates=[network.seals.root, network.seals.issuing],
            seal_crls=network.seal_crls,
        )
        self.template = folder / "hub-template.sqlite"
        store = open_store(f"sqlite:///{self.template}")
        authorities = [network.transport.root, network.transport.issuing]
        RevocationFolder(
            folder / "ca" / "crl", store=store, authorities=authorities, broker_folder=folder / "broker-crls"
        ).run_once(START)
        lists = [keys.crl_from_der(each) for each in network.crls]
        chains = TrustStore([network.transport.root], [network.transport.issuing], lists, trial=True)
        with store.write() as tx:
            for code in (WUQIAO, YONGJI):
                counties.enrol(tx, self._card(code), chains=chains, now=START)
        store.close()

    def _card(self, code: str) -> counties.Card:
        """What a county says of itself; it offers what the other one's window applies for."""
        made = settings(self.county.folder / code, code)
        item = ITEMS[YONGJI if code == WUQIAO else WUQIAO]
        made = made.model_copy(update={"offers": (made.offers[0].model_copy(update={"service_item": item}),)})
        return counties.Card.parse(card_of(made, self.county.identities[code], now=START))


class SmallWorld:
    """One test's world."""

    def __init__(self, network: SmallNetwork, folder: Path, cut: Cut = lambda _: None) -> None:
        """Everything started; the first directory of the hub is on its way."""
        self.network = network.county
        self.small = network
        self.folder = folder
        self.now = START
        self.cut = cut
        self.cuts: Counter[str] = Counter()
        self.broker = SmallBroker()
        self.history = History(folder)
        shutil.copy(network.template, folder / "hub.sqlite")
        self.store = CutStore(open_store(f"sqlite:///{folder / 'hub.sqlite'}"), "hub", self._cut)
        self.link = HubLink(self.broker, (*topology.admission_queues(), topology.ADMISSION_EXPRESS), self._cut)
        self.start_hub()
        self.counties: dict[str, SmallCounty] = {}
        for code in (WUQIAO, YONGJI):
            shutil.copy(self.network.template, folder / f"{code}.sqlite")
            self.counties[code] = SmallCounty(self, code, folder)
        self._alive(self._publish_directory, self._publish_directory)

    # --- what a person does ------------------------------------------------------------------------------------------

    def take(self, code: str, number: str, *, flawed: bool = False) -> None:
        """An application at a window; acknowledged when it stands in the window's own system."""
        with self.history.operation(f"window-{code}", "submit", number, county=code, flawed=flawed):
            self.counties[code].take(number, flawed=flawed)

    def clock(self) -> datetime:
        """The world's time."""
        return self.now

    # --- time passes -------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everything run, hours of it; what still repeats itself then will never come to an end."""
        for pause in _PAUSES_SECONDS:
            for _ in range(_MOST_TURNS):
                if not self.turn():
                    break
            self.now += timedelta(seconds=pause)

    def turn(self) -> bool:
        """One turn of everything; whether anything moved."""
        before = self._state()
        self._alive(self._hub, self.start_hub)
        for county in self.counties.values():
            self._alive(county.turn, county.start)
            county.people()
        return self._state() != before

    def start_hub(self) -> None:
        """A new worker over the same store; what the old one held comes again."""
        self.link.drop()
        world = hub_world.World(
            network=self.small.hub, store=self.store, url="", folder=self.folder, now=self.now, link=self.link,
            monotonic=self._monotonic,
        )  # type: ignore[arg-type]  # fmt: skip
        self._hub_world = world
        requests = HubLink(self.broker, (topology.DIRECTORY_REQUESTS,), self._cut)
        self._post = DirectoryPost(
            store=self.store, delivery=Delivery(self.link, self.store, confirm_seconds=1.0), requests=requests,
            issuer=self.small.issuer, monotonic=self._monotonic,
        )  # type: ignore[arg-type]  # fmt: skip
        self._drainers: dict[str, HoldDrainer] = {}

    def gather(self) -> Evidence:
        """What everybody holds."""
        with books.reading(f"sqlite:///{self.folder / 'hub.sqlite'}") as tx:
            hub = books.hub_books(tx)
        found = {}
        for code, county in self.counties.items():
            with books.reading(f"sqlite:///{self.folder / f'{code}.sqlite'}") as tx:
                found[code] = books.county_books(tx, county.local())
        return Evidence(hub=hub, counties=found, sheets=[s for c in self.counties.values() for s in c.tray()])

    def close(self) -> None:
        """Close every store."""
        self.store.close()
        self.history.close()
        for county in self.counties.values():
            county.store.close()

    def _publish_directory(self) -> None:
        while self._post.run_once(self.now):
            pass

    def _hub(self) -> None:
        self._hub_world.now = self.now
        pipeline = self._hub_world.pipeline
        while pipeline.run_once(0.0):
            pass
        pipeline.refuse_overdue(3600.0)
        self._hub_world.sweep(after_seconds=10.0).run_once()
        pipeline.flush()
        self._publish_directory()
        self._cut("hub idle")
        for code in self.counties:
            if self.broker.queues[topology.county_hold(code)] or self._held(code):
                self._drainer(code).run_once()

    def _monotonic(self) -> float:
        return self.now.timestamp()

    def _held(self, code: str) -> bool:
        with self.store.read() as tx:
            row = tables.destinations
            return bool(tx.execute(select(row.c.held).where(row.c.division_code == code)).scalar())

    def _drainer(self, code: str) -> HoldDrainer:
        if code not in self._drainers:
            self._drainers[code] = HoldDrainer(
                code, open_link=lambda: nullcontext(HubLink(self.broker, (), self._cut)), store=self.store,
                monotonic=self._monotonic, confirm_seconds=1.0,
            )  # type: ignore[arg-type]  # fmt: skip
        return self._drainers[code]

    def _alive(self, turn: Callable[[], None], start: Callable[[], None]) -> None:
        """One process' turn, and its next life when it died."""
        try:
            turn()
        except PowerCut:
            start()

    def _cut(self, step: str) -> None:
        self.cuts[step] += 1
        self.cut(step)

    def _state(self) -> tuple[Any, ...]:
        """What tells two moments apart: commits of every store, and what lies in the queues."""
        queues = sum(len(each) for each in self.broker.queues.values())
        return (self.store.changes(), queues, *(county.changes() for county in self.counties.values()))
