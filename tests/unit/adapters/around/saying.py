"""What both counties of a world say around and beside a case, each at a desk of its own."""

import uuid
from collections.abc import Mapping
from typing import Any

from adapters.case import casebook
from adapters.case.workplace import Workplace
from pages.people.person import Person, Role
from tests import around_records as of
from tests.county_records import ITEM
from tests.county_world import ISSUING, WINDOW, World

WANG = Person(account="wang", name="王窗口", roles=frozenset({Role.CLERK}))


def place_of(world: World, code: str) -> Workplace:
    """A desk of a county."""
    county = world.counties[code]
    return Workplace(
        county=code, store=county.store, identity=county.identity, box=county.box, directory=county.directory,
        elsewhere=frozenset(), clock=world.clock, sent=lambda: None,
    )  # type: ignore[arg-type]  # fmt: skip


def say(world: World, code: str, case_no: str, kind: str, record: Mapping[str, Any] | None = None) -> None:
    """One step of one county."""
    place = place_of(world, code)
    with place.store.write() as tx:
        case = casebook.find(tx, case_no)
        assert case is not None
        place.say(
            tx, case, kind, record or of.GOOD[kind], message_id=str(uuid.uuid4()), person=WANG, signature=None,
            now=world.now,
        )  # fmt: skip


def begin(
    world: World,
    kind: str,
    county: str = ISSUING,
    service_item: str = ITEM,
    record: Mapping[str, Any] | None = None,
) -> str:
    """A matter of the window county; returns its number."""
    place = place_of(world, WINDOW)
    with place.store.write() as tx:
        return place.begin(
            tx, kind, record or of.GOOD[kind], county=county, service_item=service_item,
            message_id=str(uuid.uuid4()), now=world.now,
        )  # fmt: skip
