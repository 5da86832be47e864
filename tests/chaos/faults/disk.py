"""Disks without room: under the hub's store and under the broker."""

from typing import ClassVar

from tests.chaos.arena import Arena
from tests.chaos.faults.fault import NotInflictedError
from tests.chaos.plan import Kind, Step


class FullHubDisk:
    """No room under the hub's store: nothing can be committed."""

    kind: ClassVar = Kind(name="full-disk-hub", targets=("hub",), seconds=(3.0, 8.0), weight=2)
    volume: ClassVar = "hub"

    def inflict(self, arena: Arena, step: Step) -> None:
        """Take the room away."""
        try:
            arena.volumes[self.volume].fill()
        except OSError as error:
            raise NotInflictedError(str(error)) from error

    def heal(self, arena: Arena, step: Step) -> None:
        """Give it back."""
        arena.volumes[self.volume].free()


class FullBrokerDisk(FullHubDisk):
    """No room under the broker: it confirms nothing, and may fall."""

    kind: ClassVar = Kind(name="full-disk-broker", targets=("broker",), seconds=(3.0, 8.0), touches=("hub",), weight=2)
    volume: ClassVar = "broker"
