"""A county whose own system is a real database in one of the dialects, beside the scripted counties of the world."""

import functools
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from adapters.directory import directories
from adapters.local.localwrites import LocalWriter
from adapters.local.mapping import load_mapping
from adapters.local.reading import LocalReader
from adapters.local.sinks.opening import open_sink
from adapters.local.sources.opening import open_source
from adapters.settings import AuthoritySettings
from adapters.store import open_store, tables
from deploy.onboarding.dialects import DIALECTS, Dialect
from tests.county_records import ITEM, START, application
from tests.county_world import FOREIGN, ISSUING, County, Hub, Network, World

mapping_of = functools.cache(load_mapping)


def dialect_network(folder: Path) -> Network:
    """Authorities and counties as ever, with those of the dialects in the first directory and their items offered."""
    network = Network.make(folder)
    offers = [(ISSUING, ITEM)]
    for dialect in DIALECTS.values():
        network.make_county(dialect.plan.code)
        offers.append((dialect.plan.code, dialect.plan.item))
    network.directory = Hub(network).directory(
        now=START,
        offers=[
            {"county": county, "service_item": item, "name": "公司登记", "greatest_state_age_seconds": 86400}
            for county, item in offers
        ],
    )
    network.template.unlink()
    store = open_store(f"sqlite:///{network.template}")
    with store.write() as tx:
        anchors = network.identities[ISSUING].anchors
        directories.accept(tx, *network.directory, anchors=anchors, trial=True, now=START)
    store.close()
    return network


class DialectWorld(World):
    """The world with a node over a hall's database; `hall` is its clerks."""

    def __init__(self, network: Network, folder: Path, dialect: Dialect, url: str) -> None:
        """Two scripted counties and the node; the directory that they have names all three."""
        super().__init__(network=network, folder=folder)
        self.counties.pop(FOREIGN).store.close()
        self.dialect, self.url = dialect, url
        self.hall = dialect.hall(url)
        plan = dialect.plan
        shutil.copy(network.template, folder / f"{plan.code}.sqlite")
        self.node = County(self, plan.code, folder)
        authority = AuthoritySettings(name=plan.authority_name, code=plan.authority_code)
        self.node.settings = self.node.settings.model_copy(update={"authority": authority})
        self.node.start()
        self.counties[plan.code] = self.node
        self.connect()

    def connect(self) -> None:
        """Let the node read and write the hall's database, as it is composed."""
        node, mapping = self.node, mapping_of(self.dialect.folder)
        node.reader = LocalReader(
            store=node.store, identity=node.identity, mapping=mapping, source=open_source(mapping, self.url),
            outbox=node.box, authoriser=node.authoriser,
        )  # fmt: skip
        node.writer = LocalWriter(
            store=node.store, identity=node.identity, mapping=mapping, sink=open_sink(mapping, self.url)
        )

    def settle(self, rounds: int = 30) -> None:
        """The clerks' clock is the real one; the world's keeps up with it."""
        self.now = max(self.now, datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1))
        super().settle(rounds)

    def close(self) -> None:
        """Close what is open."""
        self.hall.close()
        for county in self.counties.values():
            county.store.close()

    def sent(self, county: County, message_type: str) -> list[dict[str, Any]]:
        """The records of one type in a county's outbox."""
        ids = county.rows(select(tables.outbox.c.message_id).where(tables.outbox.c.type == message_type))
        with county.store.read() as tx:
            return [county.box.record(tx, each.message_id) for each in ids]

    def troubles(self, county: County) -> list[tuple[str, str]]:
        """What a county's people are told: code and place."""
        return [(row.code, row.place) for row in county.rows(select(tables.troubles.c.code, tables.troubles.c.place))]

    def case_of(self, county: County) -> str:
        """The number of the county's newest case."""
        newest = select(tables.cases.c.case_no).order_by(tables.cases.c.case_no.desc()).limit(1)
        return str(county.rows(newest)[0][0])

    def apply_at_window(self, **changes: Any) -> str:
        """The scripted window takes an application for the hall's item; returns the case number."""
        item = self.dialect.plan.item
        record = application(service_item=item, **changes)
        self.window.source.add(
            "application.submitted", "W1", record, destination=self.dialect.plan.code, item=item
        )  # fmt: skip
        self.settle()
        return self.case_of(self.window)
