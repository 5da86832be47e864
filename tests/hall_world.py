"""The halls of a world of counties: every page of a node as `adapters.rooms` composes it, over a county in memory.

The pages are the product's own, with sign-in, rights and all; only the node's loops do not run by themselves: what is
pressed goes its way when a test lets the world settle. Time is the world's and, for codes of the second factor, the
people's; neither passes by itself.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from adapters import rooms
from adapters.countyit.joining.web.countyjoining import CountyJoining
from adapters.hall.people import opening
from adapters.hall.printers.hall import HallPrinters
from adapters.hall.printers.looking import Look, look
from adapters.licenses.render import Renderer
from adapters.rooms import Opened, Rooms
from pages.access import Access
from pages.cookies import cookie_name
from pages.serving import Serving
from tests import status_report
from tests.county_world import WINDOW, County, World
from tests.people_world import OWN, People

__all__ = ["OWN", "Hall", "Open"]


class _OnePrinter(HallPrinters):
    """The county's scripted printer, as the desk sees it."""

    def __init__(self, county: County, station: Any) -> None:
        super().__init__(county.folder, station)
        self._county = county

    def looks(self) -> list[Look]:
        return [look(self._county.printer)]  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Open:
    """A hall whose pages are served."""

    origin: str
    port: int
    access: Access

    def address(self) -> str:
        """A new one-time address of this machine."""
        return self.access.address(self.port)

    def cookies(self, session: str) -> Mapping[str, str]:
        """What the browser of somebody has who has signed in."""
        return {cookie_name(self.port): session}


class Hall:
    """One county's people and pages."""

    def __init__(self, world: World, code: str = WINDOW) -> None:
        self.world = world
        self.county = world.counties[code]
        self.people = People(
            store=self.county.store, sealing=self.county.identity.storage, at=world.now  # type: ignore[arg-type]
        )  # fmt: skip

    @contextmanager
    def open(self) -> Iterator[Open]:
        """Compose and serve, as a start of the node does; what a node opens is made anew by `County.start`."""
        county, settings = self.county, self.county.settings.model_copy(update={"folder": self.county.folder})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rooms, "now", self.world.clock)
            patch.setattr(opening, "now", lambda: self.people.at)
            made = Rooms(
                Opened(
                    settings=settings,
                    store=county.store,
                    identity=county.identity,
                    box=county.box,
                    directory=county.directory,
                    room=county.room,
                    printers=_OnePrinter(county, settings.station),
                    joining=CountyJoining(settings),
                    renderer=Renderer(),
                    elsewhere=frozenset(),
                    report=status_report.report,
                    sent=lambda: None,
                )
            )
            with Serving(made.app) as serving:
                yield Open(origin=f"http://127.0.0.1:{serving.port}", port=serving.port, access=made.access)
