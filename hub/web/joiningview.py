"""What the pages of joining show of one county, as frozen records. The names in them are those of the hub's people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.errors import YunhuobanError


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningAct:
    """Something that was done, by a machine or by a person who is named."""

    act: str  # as the invitation's history has it
    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningRow:
    """A county's newest invitation and what came of it."""

    county: str
    name: str  # the register's, never what the request says
    state: str  # as `hub.joining.invitations.State`, `answered`, or the county's own afterwards
    since_at: datetime  # of the last thing that was done
    until_at: datetime  # how long the invitation waits for a request
    attempts: int
    keys_fingerprint: str  # to be read to us by telephone; empty until an acceptable request came
    findings: Sequence[YunhuobanError]  # of the machine checks, while the request is not accepted
    acts: Sequence[JoiningAct]
    reason: str  # why it was refused

    @property
    def approved_by(self) -> list[str]:
        """Who has approved."""
        return [each.by for each in self.acts if each.act == "approved"]
