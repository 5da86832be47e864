"""Two items of one county as a bundle of the directory, and a clerk who opens groups of them at the window's pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx
from fastapi import FastAPI

from adapters.case.groups import GroupKeeper
from adapters.hall.grouping.desk import GroupDesk
from adapters.hall.grouping.page import router
from adapters.hall.grouping.sending import PartSender
from pages.access import Access
from pages.people.person import Person
from schemas import codec, directory
from schemas.catalogue.model import Entity
from schemas.identifiers.item import BASIC_LENGTH
from tests import stated_records, taking_world
from tests.catalogue_world import agreed, material
from tests.county_records import ITEM, acceptance, decision
from tests.county_world import ISSUING, WINDOW, World
from tests.stated_records import OTHER_ITEM
from tests.taking_world import CLERK, WHOLE, Counter, place_of

TYPED: Final[Mapping[str, str]] = {
    **{path: text for path, text in WHOLE.items() if path != "matter.handling"},
    "matter.handling.1": "01",
    "matter.handling.2": "02",
    "m.SFZ.taken_as": "electronic",
    "m.SFZ.trust": "B",
    "m.SQB-2.taken_as": "original",
    "m.SQB-2.trust": "B",
}
"""Everything that the form of the bundle asks for."""


def catalogue(**second: Any) -> Mapping[str, Entity]:
    """The second item: it asks for the same proof of identity, and for a form of its own with the first's code."""
    found = agreed(OTHER_ITEM, [WINDOW, ISSUING])
    item: Any = found[f"item/{OTHER_ITEM[-BASIC_LENGTH:]}"]
    listed = (material("SQB", name="食品经营许可申请书"), material("SFZ", name="身份证明"))
    found[item.key] = replace(item, materials=listed, name="食品经营许可")
    offer: Any = found[f"implementation/{ISSUING}/{OTHER_ITEM}"]
    values = {"license_template": "", "name": "食品经营许可", "promise_day": 5, "limit_scene_num": 2} | second
    found[offer.key] = replace(offer, **values)
    return found


def stated(**changes: Any) -> dict[str, bytes]:
    """永济's bundle and what it says of the first item."""
    bundle, detail = stated_records.bundle(**changes), stated_records.detail()
    return {
        directory.bundle_key(bundle["county"], bundle["bundle"]): codec.encode("Bundle", bundle),
        directory.detail_key(detail["county"], detail["service_item"]): codec.encode("ItemDetail", detail),
    }


def publish(world: World, changed: Mapping[str, Entity | None] | None = None, **bundle: Any) -> None:
    """The directory with both."""
    taking_world.publish(world, {**catalogue(), **(changed or {})}, stated(**bundle))


@dataclass(kw_only=True)
class Window(Counter):
    """One window with the pages of groups besides."""

    desk: GroupDesk = field(init=False)

    def __post_init__(self) -> None:
        """Opened with a one-time address."""
        self.desk = GroupDesk(place_of(self.world))
        super().__post_init__()

    def attach(self, app: FastAPI, access: Access) -> None:
        """The pages of `/take`, and those of `/groups`."""
        super().attach(app, access)
        app.include_router(router(self.desk, access, window="130928-01-1"))

    def begin_bundle(self) -> str:
        """办一件事; returns the group's number."""
        return self._begun("/groups/bundles", {"county": ISSUING, "bundle": "KCG"})

    def begin_joint(self, *items: str) -> str:
        """多地联办; returns the group's number."""
        return self._begun("/groups/joint", {"chosen": list(items)})

    def _begun(self, place: str, said: Mapping[str, Any]) -> str:
        answer = self.browser.post(place, data=said)
        assert answer.status_code == 200, answer.text
        return str(answer.headers["HX-Redirect"]).split("/")[2]

    def fill(self, number: str, typed: Mapping[str, str] = TYPED, *, person: Person = CLERK) -> str:
        """Everything, and one scan; returns the form's draft."""
        draft = self.desk.sheet(number, person).draft.draft_id
        files = {"file": ("x.pdf", taking_world.PDF)}
        assert self.browser.post(f"/take/drafts/{draft}/scans/SFZ", files=files).status_code == 200
        self.type(draft, typed)
        return draft

    def send(self, number: str, choice: str = "all") -> httpx.Response:
        """收件并报送各部分."""
        return self.browser.post(f"/groups/{number}/submit", data={"choice": choice})

    def opened(self, choice: str = "all", *, person: Person = CLERK) -> str:
        """A bundle that was sent; returns its number."""
        number = self.begin_bundle()
        self.fill(number, person=person)
        assert self.send(number, choice).headers.get("HX-Redirect") == f"/groups/{number}"
        self.world.settle()
        return number

    def turn(self) -> tuple[int, int]:
        """One turn of the node's loops of groups, with everything that follows from it."""
        return turn(self.world)

    def case(self, number: str, part: int) -> str:
        """The case of a part; empty while it waits."""
        return next(each.entry.case_no for each in self.desk.open(number).lines if each.entry.part == part)

    def decide(self, case_no: str, **changes: str) -> None:
        """Accepted and decided by the authority's own system."""
        for kind, record in (
            ("application.accepted", acceptance(promised_on=stated_records.TODAY)),
            ("decision.made", decision(**changes)),
        ):
            self.world.issuing.source.add(kind, case_no, record)
            self.world.settle()


def turn(world: World) -> tuple[int, int]:
    """One turn of the loops of groups of the window's node, with everything that follows from it."""
    window = world.window
    keeper = GroupKeeper(store=window.store, identity=window.identity, box=window.box)  # type: ignore[arg-type]
    done = keeper.run_once(window.view(), world.now), PartSender(place_of(world)).run_once(world.now)
    world.settle()
    return done


__all__ = ["ISSUING", "ITEM", "OTHER_ITEM", "TYPED", "Window", "publish", "turn"]
