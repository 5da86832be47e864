"""A county that is to change over: the demonstration's world, its hub's store and its node's parts, no broker."""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from adapters.countyit.renewing import cards
from adapters.countyit.renewing.renewer import Renewer, Standing, standing
from adapters.countyit.renewing.request import ANSWER, CARD, REQUEST
from adapters.directory import directories
from adapters.directory.directories import CurrentDirectory
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.settings import CountySettings
from adapters.store import Store, open_store
from certs import renewal
from deploy.demo import world as demo
from deploy.demo.world import World
from hub.bootstrap import Hub
from hub.registry import county, directory
from hub.settings import HubSettings

COUNTY = demo.WUQIAO.code


@dataclass(kw_only=True)
class Renewing:
    """One county, its hub and its authority; `now` is the time of all three."""

    folder: Path
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        """Open everything; the county is enrolled and has its first directory."""
        self.settings = CountySettings.load(self.folder / COUNTY)
        self.identity = Identity.load(self.settings)
        self.store: Store = open_store(self.settings.database)
        self.hub = Hub(HubSettings.load(self.folder / "hub"))
        self.view = CurrentDirectory(self.identity, trial=True)
        self.renewer = self.started()
        self.enrol(cards.current(self.settings, self.identity, now=self.now))
        self.tell()

    @classmethod
    def of(cls, made: World, folder: Path) -> "Renewing":
        """A copy of a world that was made once."""
        shutil.copytree(made.folder, folder)
        return cls(folder=folder)

    @property
    def carried(self) -> Path:
        """The folder whose files are carried."""
        return self.settings.renewal

    @property
    def authority(self) -> demo.Authority:
        """Who certifies."""
        return demo.Authority.open(self.folder / "authority" / "transport")

    def started(self) -> Renewer:
        """As after a start of the node, with the identity that its parts hold."""
        return Renewer(settings=self.settings, identity=self.identity, store=self.store, clock=lambda: self.now)

    def close(self) -> None:
        """Close both stores."""
        self.store.close()
        self.hub.close()

    def step(self) -> int:
        """One turn of the node's loop."""
        with self.store.read() as tx:
            found = self.view(tx)
        return self.renewer.run_once(found)

    def standing(self) -> Standing:
        """What `adapter renew` shows."""
        return standing(self.settings, self.now)

    def until_due(self) -> None:
        """Three quarters of the certificates' life pass; lists and directory are renewed meanwhile."""
        self.now += timedelta(days=300)
        lists = self.authority.publish_crls(now=self.now)
        for number, each in enumerate(lists):
            path = self.hub.settings.certificates / "crl" / f"{number}.crl"
            path.write_bytes(demo.keys.crl_der(each))
        self.hub.revocation_folder().run_once(self.now)
        self.tell()

    def answer(self) -> None:
        """The authority answers what lies in the folder; the answer is carried back."""
        made = renewal.answer(self.authority, (self.carried / REQUEST).read_bytes(), now=self.now)
        (self.carried / ANSWER).write_bytes(made.write())

    def hand_in(self) -> None:
        """The new card reaches the hub."""
        self.enrol((self.carried / CARD).read_text("utf-8"))

    def enrol(self, card: str) -> None:
        """`hub county add`, without a broker."""
        self.hub.revocation_folder().run_once(self.now)
        with self.hub.store.write() as tx:
            county.enrol(tx, county.Card.parse(card), chains=self.hub.chains(), now=self.now)

    def tell(self) -> DirectoryView:
        """The hub publishes, and the county hears of it."""
        with self.hub.store.write() as tx:
            directory.publish_if_due(tx, self.hub.keys.directory, self.now)
            parts = self._newest(tx)
        with self.store.write() as tx:
            for body, signature in parts:
                directories.accept(tx, body, signature, anchors=self.identity.anchors, trial=True, now=self.now)
            found = self.view(tx)
        assert found is not None
        return found

    def _newest(self, tx: Connection) -> list[tuple[bytes, str]]:
        return directory.answer(tx, self.hub.keys.directory, 0)
