"""What a result is worth: whether an item may be live by it, and if not, why, in the words of both sides."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas import releases
from schemas.conformance.result import READ, WINDOW, Result
from schemas.errors import Code, YunhuobanError, declare
from schemas.messages import TYPES, Party

NOT_TESTED: Final = declare(
    "E-CNF-101",
    "{county} 没有交来这一事项的自测结果，事项还不能办理。",
    "请该县运行 adapter test -d，并把结果交给中枢（hub county conformance）。",
)
NOT_PASSED: Final = declare(
    "E-CNF-102", "{county} 的自测没有通过，事项还不能办理。", "请该县按 adapter test 列出的各处改正后重新自测。"
)
TEST_EXPIRED: Final = declare(
    "E-CNF-103", "{county} 的自测结果已过期：{parts} 的标准改变了。", "请该县重新运行 adapter test 并交来结果。"
)
TRIAL_FIRST: Final = declare(
    "E-CNF-104",
    "两县之间还没有办完过这一事项的试办件，正式办件还不能报送。",
    "请先报送一件试办，从申请办到送达（不发证的办到办结）；等着的正式办件之后自动报送，不必改动。",
)
GATE_CODES: Final = (NOT_TESTED, NOT_PASSED, TEST_EXPIRED, TRIAL_FIRST)


class Gate(StrEnum):
    """How far an item is between two counties."""

    MISSING = "missing"
    """Something is still to be tested."""
    TESTED = "tested"
    """Both counties passed; a trial case may go, nothing else."""
    LIVE = "live"
    """A trial case went the whole road and back."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a county is not through with an item; `parts` are those whose record changed."""

    code: Code
    county: str
    item: str
    parts: tuple[str, ...] = ()

    def error(self) -> YunhuobanError:
        """The same as an error."""
        return YunhuobanError(
            self.code, place="service_item", found=self.item, county=self.county, parts="、".join(self.parts)
        )


def message_type(part: str) -> str:
    """The type of message that a part of a mapping reads or writes."""
    return part.partition(".")[2]


def expired_parts(result: Result, item: str, stated: Sequence[str]) -> tuple[str, ...]:
    """The parts of an item whose record is another in the version in which a county that states these is written to.

    Raises E-LINK-106 for a county with which no version is shared: nobody writes to it at all.
    """
    version = releases.target(stated)
    used = [each for each in result.items.get(item, ()) if releases.has_type(version, message_type(each))]
    now = {each: releases.dataschema(TYPES[message_type(each)].record, version) for each in used}
    return tuple(each for each in used if result.parts[each].shape != now[each])


def lack(result: Result | None, county: str, item: str, stated: Sequence[str]) -> Lack | None:
    """What a county lacks for an item, or as the window (`WINDOW`); None when it is through."""
    state = result.state(item) if result is not None else "missing"
    if result is None or state in ("missing", "untested"):
        return Lack(NOT_TESTED, county, item)
    if state == "failed":
        return Lack(NOT_PASSED, county, item)
    expired = expired_parts(result, item, stated)
    return Lack(TEST_EXPIRED, county, item, expired) if expired else None


def used_by(item: str, parts: Collection[str]) -> Iterator[str]:
    """Of the parts of a mapping, those that an offered item or, for `WINDOW`, the county's own window can meet."""
    own, other = (Party.WINDOW, Party.ISSUING) if item == WINDOW else (Party.ISSUING, Party.WINDOW)
    for part in parts:
        says = own if part.startswith(f"{READ}.") else other
        if TYPES[message_type(part)].sender in (says, Party.EITHER):
            yield part
