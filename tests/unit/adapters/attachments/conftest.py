"""Two counties with a road of parts between them, and an application with files taken at the window."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.attachments import receiving, sealing
from adapters.attachments.receiving import Coming
from adapters.hall.taking.picturing import Seen
from adapters.hall.taking.taker import Taker
from pages.uploads.kinds import Kind
from schemas.attachments import PART_BYTES, TAG_BYTES
from tests.county_records import ITEM
from tests.county_world import ISSUING, World
from tests.parts_world import PartsWorld
from tests.taking_world import CLERK, WHOLE, publish, taker_of

PLAIN = PART_BYTES - TAG_BYTES


def scan(size: int, seed: int = 1) -> bytes:
    """Bytes that no other file has."""
    return random.Random(seed).randbytes(size)


@dataclass(kw_only=True)
class Road:
    """What the tests of the road need."""

    world: World
    parts: PartsWorld
    taker: Taker

    def take(self, *files: bytes) -> str:
        """An application with these scans of its one material, pressed and applied; returns the case number."""
        draft = self.taker.start(ISSUING, ITEM, person=CLERK, window_no="1", trial=False)
        for each in files:
            self.world.later(seconds=1)
            self.taker.add_scan(draft, "SQB", Seen(kind=Kind.PDF, pages=1, data=each), CLERK)
        self.taker.keep(draft, dict(WHOLE), CLERK)
        case_no = self.taker.submit(draft, 1, CLERK)
        self.world.settle()
        self.parts.admit()
        return case_no

    def coming(self, case_no: str) -> list[Coming]:
        """What the issuing county knows of the case's files."""
        county = self.world.issuing
        with county.store.read() as tx:
            return receiving.of_case(tx, county.identity.storage, case_no)

    def states(self, case_no: str) -> list[str]:
        """How each of them is."""
        return [each.state for each in self.coming(case_no)]

    def files(self, case_no: str) -> list[bytes]:
        """The files as the issuing county has them."""
        county = self.world.issuing
        with county.store.read() as tx:
            return [
                b"".join(sealing.opened(tx, each.file_id, each.part_count, each.key)) for each in self.coming(case_no)
            ]


@pytest.fixture
def road(world: World, tmp_path: Path) -> Iterator[Road]:
    """The window's catalogue is there, and the broker is empty."""
    publish(world)
    parts = PartsWorld(world, tmp_path)
    yield Road(world=world, parts=parts, taker=taker_of(world))
    parts.close()
