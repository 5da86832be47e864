"""Which of the hub's processes reads which queues: who is not at work, and before whom too much lies. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from schemas import topology

PROCESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "admission": topology.admission_queues(),
    "express": (topology.ADMISSION_EXPRESS,),
    "keeper": (topology.DEAD_LETTERS,),
}
"""A queue that nobody reads has lost its process."""


class Depth(Protocol):
    """A queue as far as it is looked at here."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def ready(self) -> int:
        """How many messages lie there."""

    @property
    def consumers(self) -> int:
        """How many read it."""


def missing(queues: Iterable[Depth]) -> dict[str, int]:
    """The processes that are not at work, each with how many of its queues nobody reads."""
    readers = {each.name: each.consumers for each in queues}
    found = {process: sum(readers.get(name) == 0 for name in names) for process, names in PROCESSES.items()}
    return {process: count for process, count in found.items() if count}


def piled(queues: Iterable[Depth], *, most_messages: int, most_claims: int) -> dict[str, int]:
    """Before which process more lies than that, and how much."""
    ready = {each.name: each.ready for each in queues}
    most = {"admission": most_messages, "express": most_claims}
    found = {process: sum(ready.get(name, 0) for name in PROCESSES[process]) for process in most}
    return {process: count for process, count in found.items() if count > most[process]}
