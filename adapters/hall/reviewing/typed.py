"""What an approver types about a review, read: who is wanted, what is asked, which recording lies where. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from adapters.hall.reviewing.pool import Wish
from schemas.errors import YunhuobanError, declare
from schemas.workdays.hours import BEIJING

ODD: Final = declare(
    "E-AROUND-030", "云评审的这一项没有填或不合要求，应为{expected}。", "请改正后再提交；其他已填的都还在。"
)
MOST_WANTED: Final = 40
MOST_EXCLUDED: Final = 28
"""Credit codes that the request to an expert holds (`OpinionRequest.employers`)."""
MOST_QUESTIONS: Final = 60
_REGION: Final = re.compile(r"[0-9]{2,6}")
_CREDIT: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_DIGEST: Final = re.compile(r"[0-9a-fA-F]{64}")
_DIVIDED: Final = re.compile(r"[\s、;；,，]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Convening:
    """A review that somebody wants."""

    wish: Wish
    wanted: int
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What every expert is asked."""

    text: str = field(repr=False)
    points: Sequence[str]
    meets_at: datetime
    meeting: str
    opine_until: date


def wish(said: Mapping[str, str]) -> Wish:
    """Who is wanted. Raises E-AROUND-030."""
    regions, excluded = _several(said, "regions"), _several(said, "excluded")
    if len(regions) > MOST_EXCLUDED or not all(map(_REGION.fullmatch, regions)):
        raise _odd("regions", "13、1408、340321")
    if len(excluded) > MOST_EXCLUDED or not all(map(_CREDIT.fullmatch, excluded)):
        raise _odd("excluded", f"91130928MA0000001X、… (<= {MOST_EXCLUDED})")
    return Wish(
        profession=_text(said, "profession", 60),
        category=_text(said, "category", 60),
        regions=regions,
        excluded=excluded,
    )


def convening(said: Mapping[str, str]) -> Convening:
    """The whole form. Raises E-AROUND-030."""
    return Convening(wish=wish(said), wanted=_whole(said, "wanted", MOST_WANTED), subject=_text(said, "subject", 500))


def question(said: Mapping[str, str]) -> Question:
    """What is asked. Raises E-AROUND-030."""
    points = [each.strip() for each in said.get("points", "").splitlines() if each.strip()]
    if len(points) > MOST_QUESTIONS or any(len(each.encode()) > 300 for each in points):
        raise _odd("points", f"<= {MOST_QUESTIONS} × 300 B")
    try:
        meets_at = datetime.fromisoformat(said.get("meets_at", "")).replace(tzinfo=BEIJING)
    except ValueError:
        raise _odd("meets_at", "YYYY-MM-DDTHH:MM") from None
    return Question(
        text=_text(said, "text", 3000),
        points=points,
        meets_at=meets_at,
        meeting=_text(said, "meeting", 300),
        opine_until=_day(said, "opine_until"),
    )


def recording(said: Mapping[str, str]) -> Mapping[str, Any]:
    """A recording by its digest, but for how long it is kept. Raises E-AROUND-030."""
    if not _DIGEST.fullmatch(said.get("sha256", "").strip()):
        raise _odd("sha256", "64 × [0-9a-f]")
    return {
        "name": _text(said, "name", 200),
        "sha256": bytes.fromhex(said["sha256"].strip()),
        "size_bytes": _whole(said, "size_bytes", 2**50),
        "duration_seconds": 60 * _whole(said, "duration_minutes", 60 * 24),
        "kept_at": _text(said, "kept_at", 200),
    }


def conclusion(said: Mapping[str, str], results: Sequence[str]) -> tuple[str, str]:
    """Result and text of a report. Raises E-AROUND-030."""
    if said.get("review_result") not in results:
        raise _odd("review_result", " / ".join(results))
    return said["review_result"], _text(said, "text", 3000)


def _text(said: Mapping[str, str], name: str, most_bytes: int) -> str:
    found = said.get(name, "").strip()
    if not found or len(found.encode()) > most_bytes or any(c < " " and c not in "\n\r\t" for c in found):
        raise _odd(name, f"<= {most_bytes} B")
    return found


def _several(said: Mapping[str, str], name: str) -> list[str]:
    return list(dict.fromkeys(each for each in _DIVIDED.split(said.get(name, "").strip().upper()) if each))


def _whole(said: Mapping[str, str], name: str, most: int) -> int:
    found = said.get(name, "").strip()
    if not (found.isascii() and found.isdecimal() and len(found) < 18 and 1 <= int(found) <= most):
        raise _odd(name, f"1 … {most}")
    return int(found)


def _day(said: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(said.get(name, ""))
    except ValueError:
        raise _odd(name, "YYYY-MM-DD") from None


def _odd(name: str, expected: str) -> YunhuobanError:
    return YunhuobanError(ODD, place=name, expected=expected)
