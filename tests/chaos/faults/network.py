"""Lines that break, stand still or are slow, and connections that the broker closes."""

import random
from typing import ClassVar

import httpx

from schemas.errors import YunhuobanError
from tests.chaos.arena import COUNTIES, Arena
from tests.chaos.faults.fault import NotInflictedError
from tests.chaos.plan import Kind, Step


class CutLine:
    """Every connection of a county breaks, and no new one is made."""

    kind: ClassVar = Kind(name="cut-line", targets=COUNTIES, seconds=(0.5, 6.0), weight=2, cheap=True)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Cut."""
        arena.lines[step.target].cut()

    def heal(self, arena: Arena, step: Step) -> None:
        """Mend."""
        arena.lines[step.target].heal()


class StallLine:
    """Nothing passes between a county and the broker, and neither is told."""

    kind: ClassVar = Kind(name="stall-line", targets=COUNTIES, seconds=(2.0, 10.0), weight=2, cheap=True)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Stall."""
        arena.lines[step.target].stall()

    def heal(self, arena: Arena, step: Step) -> None:
        """Let it flow."""
        arena.lines[step.target].heal()


class SlowLine:
    """Every piece of data is late."""

    kind: ClassVar = Kind(name="slow-line", targets=COUNTIES, seconds=(4.0, 9.0), weight=2, cheap=True)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Delay."""
        arena.lines[step.target].slow(random.Random(step.chance).uniform(0.05, 0.5))

    def heal(self, arena: Arena, step: Step) -> None:
        """No delay."""
        arena.lines[step.target].heal()


class CloseConnections:
    """The broker closes every connection of a user, through its management API."""

    kind: ClassVar = Kind(name="close-connections", targets=("hub", *COUNTIES), seconds=(0, 0), weight=3, cheap=True)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Close them."""
        try:
            with arena.management() as management:
                management.close_connections(step.target)
        except (YunhuobanError, httpx.HTTPError) as error:
            raise NotInflictedError(str(error)) from error

    def heal(self, arena: Arena, step: Step) -> None:
        """Nothing to do: they are opened again."""
