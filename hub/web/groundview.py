"""What the hub itself stands on, as far as a person must act: store, disk, clocks, backup, and that somebody looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hub.observing.workers import Roll


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Only what is the matter; as it is made without an argument, nothing is."""

    writable: bool = True
    """Whether the database can be written now."""
    free_percent: int | None = None
    """Of the disk under the hub's folder, where too little is free."""
    clocks: Mapping[str, int] = field(default_factory=dict)
    """By how many seconds somebody's clock is wrong, by division code or `hub`."""
    died: Mapping[str, Roll] = field(default_factory=dict)
    """Roles of which a worker process died and was not replaced."""
    unwatched_since: datetime | None = None
    """Since when nobody has looked for alerts, where that is too long."""
    unsaved_since: datetime | None = None
    """Since when there is no backup, where that is too long."""
    alerts: int = 0
    """How many stand that nobody has acknowledged."""
    most_messages: int = 1000
    """More than this before admission are too many,"""
    most_claims: int = 20
    """and more print claims than this."""
