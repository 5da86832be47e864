"""What the page of alerts shows, and the protocol of where it comes from. No person is in it but who acknowledged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One alert."""

    number: str
    kind: str
    subject: str
    """A division code, `hub`, or a process of it."""
    county: bool
    urgent: bool
    amount: int
    whole: int | None = None
    """Of how many, where that is known."""
    since_at: datetime
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    note: str
    level: int
    """How many steps of the plan have been told, or tried in vain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSheet:
    """Everything on the page."""

    standing: Sequence[AlertRow]
    recent: Sequence[AlertRow]
    looked_at: datetime | None
    """When the keeper last looked; none: never yet."""
    stale: bool
    """Whether that is so long ago that nobody can rely on what is shown."""
    troubles: Mapping[str, str]
    """Steps that could not be told, with the code."""
    names: Mapping[str, str]
    """The counties' by division code."""


class AlertDesk(Protocol):
    """Where the page gets its rows and where it puts an acknowledgement."""

    def sheet(self) -> AlertSheet:
        """How it stands."""

    def acknowledge(self, number: str, *, by: str, note: str) -> None:
        """Somebody takes an alert on. Raises E-ALERT-002 or -003."""
