"""Who holds a session, and how far the sign-in has come. Pure: the guard knows people by this and by nothing else."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pages.people.person import Person


class Step(StrEnum):
    """What is still asked of whoever holds a session."""

    SECOND = "second"
    ENROL = "enrol"
    CHANGE = "change"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who holds a session, and how far the sign-in has come."""

    person: Person
    step: Step


class Sessions(Protocol):
    """Where the guard looks a session up."""

    def signed(self, session: str, *, attended: bool) -> Signed | None:
        """Who holds it, or none when it has ended. `attended`: a person did something, not the page by itself."""
