"""A printer that is out of paper, jammed, slow, dead, or dead after it has taken the job."""

import contextlib
from typing import ClassVar

from deploy.demo.printer import Fault as Word
from tests.chaos.arena import Arena
from tests.chaos.faults.fault import NotInflictedError, awaited
from tests.chaos.plan import Kind, Step


class BadPrinter:
    """The printer makes trouble with every job, and with the one in hand."""

    kind: ClassVar = Kind(
        name="printer",
        targets=tuple(f"printer {word}" for word in (Word.PAPER_EMPTY, Word.JAM, Word.ABORT, Word.SLOW)),
        seconds=(3.0, 8.0),
        weight=4,
        cheap=True,
    )

    def inflict(self, arena: Arena, step: Step) -> None:
        """Set the fault."""
        arena.road.stage.printer.set_fault(Word(step.target.split()[1]))

    def heal(self, arena: Arena, step: Step) -> None:
        """Somebody puts paper in and clears the jam."""
        arena.road.stage.printer.set_fault(Word.NONE)


class DyingPrinter:
    """The printer takes a job and dies with it, before or after the sheet; or it simply loses its power."""

    kind: ClassVar = Kind(
        name="dying-printer",
        targets=tuple(f"printer {word}" for word in (Word.HANG_THEN_DIE, Word.PRINT_THEN_DIE, "power-cut")),
        seconds=(3.0, 6.0),
        weight=3,
    )

    def inflict(self, arena: Arena, step: Step) -> None:
        """Set the fault, or cut the power."""
        printer, word = arena.road.stage.printer, step.target.split()[1]
        if word == "power-cut":
            printer.kill()
        else:
            printer.set_fault(Word(word))

    def heal(self, arena: Arena, step: Step) -> None:
        """The job that hangs takes the printer with it; then it is switched on again and knows no earlier job."""
        printer = arena.road.stage.printer
        if step.target.split()[1] != "power-cut":
            printer.let_die()
            with contextlib.suppress(NotInflictedError):  # it had no job
                awaited(lambda: printer.pid is None, "the printer goes on", 2.0)
        printer.set_fault(Word.NONE)
        printer.restart()
