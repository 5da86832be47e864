"""What the hub's joining page says, and what a county that has joined asks it. Pure.

The page takes the request file and the card as they are and hands out the answer file as it is. Beside them there are
two small texts, both RFC 8785 JSON: what the hub tells (`Told`), and a county's question how it stands (`Question`),
which it signs with its connection key as the hub signs an answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from schemas import strictjson
from schemas.errors import YunhuobanError, declare

REPLY_WRONG: Final = declare(
    "E-JOIN-006",
    "对方的回话不是中枢加入页面该有的样子。",
    "请核对网址与端口；经过代理的，请县信息中心让它直通这个地址。",
)

STATES: Final = (
    "invited",
    "requested",
    "approved_once",
    "approved",
    "answered",
    "active",
    "suspended",
    "revoked",
    "refused",
    "expired",
    "burnt",
)
"""Where a county stands: as the hub lists it, and `answered` once there is an answer to be fetched."""
MAX_TOLD_BYTES: Final = 256 * 1024
MAX_QUESTION_BYTES: Final = 8 * 1024
_MOST_PROBLEMS: Final = 1000
_LONGEST: Final = 1000
_TOLD_FORMAT: Final = "yhb-join-told-v1"
_QUESTION_FORMAT: Final = "yhb-join-question-v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One error as the hub says it: its codes are not all known to a county's program, so the words travel."""

    code: str
    place: str
    found: str
    expected: str
    sentence_zh: str
    remedy_zh: str
    sentence_en: str
    remedy_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the hub tells a county of its joining."""

    state: str
    """One of `STATES`, or empty for whoever has not shown that it is his business."""
    reason: str = ""
    """Why it was refused."""
    problems: Sequence[Problem] = ()
    """What is wrong: with the request, the card, or the connection certificate."""

    def write(self) -> bytes:
        """As it goes out."""
        problems = [asdict(each) for each in self.problems]
        return strictjson.dump(
            {"format": _TOLD_FORMAT, "state": self.state, "reason": self.reason, "problems": problems}
        )

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Undo `write`. Raises E-JOIN-006."""
        try:
            raw = _members(data, MAX_TOLD_BYTES, _TOLD_FORMAT, ("state", "reason", "problems"))
            state = strictjson.string(raw["state"], "state")
            if state not in ("", *STATES):
                raise strictjson.bad("state", " | ".join(STATES))
            problems = [_problem(each) for each in strictjson.items(raw["problems"], "problems", _MOST_PROBLEMS)]
            return cls(state=state, reason=_line(raw["reason"], "reason"), problems=problems)
        except YunhuobanError as error:
            raise YunhuobanError(REPLY_WRONG, place=error.place, expected=error.expected) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A county asks how it stands. It is signed, and good for one hub and a few minutes."""

    division_code: str
    hub_fingerprint: str
    asked_at: int
    """Milliseconds since 1970."""

    def write(self) -> bytes:
        """The body."""
        members = {name: getattr(self, name) for name in self.__slots__}
        return strictjson.dump(members | {"format": _QUESTION_FORMAT})

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Undo `write`. Raises E-JOIN-006."""
        try:
            raw = _members(body, MAX_QUESTION_BYTES, _QUESTION_FORMAT, cls.__slots__)
            return cls(
                division_code=strictjson.string(raw["division_code"], "division_code"),
                hub_fingerprint=strictjson.string(raw["hub_fingerprint"], "hub_fingerprint"),
                asked_at=strictjson.integer(raw["asked_at"], "asked_at", strictjson.LATEST_MILLIS),
            )
        except YunhuobanError as error:
            raise YunhuobanError(REPLY_WRONG, place=error.place, expected=error.expected) from error


def _members(data: bytes, most: int, form: str, names: Sequence[str]) -> Mapping[str, Any]:
    if len(data) > most:
        raise strictjson.bad("size", f"<= {most}")
    raw = strictjson.members(strictjson.load(data), "body", ("format", *names))
    if raw["format"] != form:
        raise strictjson.bad("format", form)
    return raw


def _problem(value: Any) -> Problem:
    names = Problem.__slots__
    raw = strictjson.members(value, "problems", names)
    return Problem(**{name: _line(raw[name], name) for name in names})


def _line(value: Any, place: str) -> str:
    text = strictjson.string(value, place)
    if not text.isprintable() or len(text) > _LONGEST:
        raise strictjson.bad(place, f"printable, <= {_LONGEST} characters")
    return text
