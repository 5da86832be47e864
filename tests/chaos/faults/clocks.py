"""Clocks that are wrong: a county's or the hub's, ahead or behind, for a while."""

from typing import ClassVar

from tests.chaos.arena import COUNTIES, Arena
from tests.chaos.plan import Kind, Step


class WrongClock:
    """A clock that is wrong within what the contract allows (5 minutes), or a county's that is far behind."""

    kind: ClassVar = Kind(
        name="wrong-clock",
        targets=(
            *(f"{code} {offset:+d}" for code in COUNTIES for offset in (200, -200, -1800)),
            "hub +200",
            "hub -200",
        ),
        seconds=(4.0, 10.0),
        touches=("clocks",),  # two that are wrong in opposite directions would be more than 5 minutes apart
        weight=3,
    )

    def inflict(self, arena: Arena, step: Step) -> None:
        """Set it."""
        name, offset = step.target.split()
        arena.clocks[name].set(int(offset))

    def heal(self, arena: Arena, step: Step) -> None:
        """Set it right."""
        arena.clocks[step.target.split()[0]].set(0)


class ClockFarAhead:
    """A county's clock that is seven minutes ahead: what it signs then is from the future, and is refused."""

    kind: ClassVar = Kind(
        name="clock-far-ahead",
        targets=tuple(f"{code} +420" for code in COUNTIES),
        seconds=(4.0, 10.0),
        touches=("clocks",),
        weight=2,
    )
    inflict = WrongClock.inflict
    heal = WrongClock.heal
