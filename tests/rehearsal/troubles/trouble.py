"""What every trouble is: how it begins, which words are expected where, and how it ends."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from hub.alerting.kinds import KINDS


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One trouble. It begins in earnest: nothing is written into a table."""

    name: str
    title: str
    """Chinese, then English."""
    kind: str
    """Of the alert that is expected."""
    place: str
    """What the alert names."""
    on_page: str
    """A pattern: the line that is expected on the overview."""
    begin: Callable[[], object]
    end: Callable[[], object]
    page_grace_seconds: float = 0.0
    """How long it must stand before the page is to speak of it."""
    more_grace_seconds: float = 0.0
    """A limit that stands before the kind's own time."""
    alone: bool = False
    """Whether it stops the telling of everything else, so that what is over must have been told before."""

    @property
    def grace_seconds(self) -> float:
        """How long it stands before anybody is to be told."""
        return KINDS[self.kind].after.total_seconds() + self.more_grace_seconds

    @property
    def line(self) -> re.Pattern[str]:
        """The page's."""
        return re.compile(self.on_page)
