"""What the page and the list of renewals show of one county, as frozen records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pages.labels import Label
from pages.wording import mark as _

WAITING: Final = Label(_("等发证机构签发"), "wait", "…")
ANSWERED: Final = Label(_("答复已备好，等县里取走、交回登记卡"), "calm", "→")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalRow:
    """A county whose renewal came over the joining page and is not over."""

    county: str
    name: str
    came_at: datetime
    ends_at: datetime  # of the certificate whose key signed the request: afterwards nothing renews it
    answered_at: datetime | None  # when the authority's answer was taken in

    @property
    def label(self) -> Label:
        """For whom it waits."""
        return WAITING if self.answered_at is None else ANSWERED


def waiting(rows: Sequence[RenewalRow]) -> list[RenewalRow]:
    """Those for which the authority has to do something."""
    return [row for row in rows if row.answered_at is None]
