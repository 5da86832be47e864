"""What the link on an applicant's receipt says: one case, from when until when; no person (names of RFC 7519)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from schemas import strictjson
from schemas.identifiers.case import CaseNo

LONGEST: Final = timedelta(days=366)
"""A link counts at most so long; a case that takes longer gets a new receipt."""
AHEAD: Final = timedelta(minutes=5)
"""A county's clock may be so far ahead of the hub's."""
MOST_BYTES: Final = 200
_MEMBERS: Final = ("case_no", "exp", "iat")
_LATEST_SECONDS: Final = strictjson.LATEST_MILLIS // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressClaim:
    """The payload of the link, before or after its signature was checked."""

    case_no: str
    issued_at: datetime
    expires_at: datetime

    def write(self) -> bytes:
        """As it is signed: RFC 8785, whole seconds."""
        times = {"iat": int(self.issued_at.timestamp()), "exp": int(self.expires_at.timestamp())}
        return strictjson.dump({"case_no": self.case_no, **times})

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read strictly; whether it has expired is asked of `counts`. Raises E-VERIFY-001 or E-ID-…."""
        if len(data) > MOST_BYTES:
            raise strictjson.bad("claim", f"<= {MOST_BYTES} B")
        said = strictjson.members(strictjson.load(data), "claim", _MEMBERS)
        begin, end = (strictjson.integer(said[name], name, _LATEST_SECONDS) for name in ("iat", "exp"))
        case_no = strictjson.string(said["case_no"], "case_no")
        CaseNo.parse(case_no)
        return cls(
            case_no=case_no, issued_at=datetime.fromtimestamp(begin, UTC), expires_at=datetime.fromtimestamp(end, UTC)
        )

    def counts(self, now: datetime) -> bool:
        """Whether it has begun, has not ended, and was not made for longer than a year."""
        return self.issued_at - AHEAD <= now < self.expires_at <= self.issued_at + LONGEST
