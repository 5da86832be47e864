"""What a verification says: one line per fact, and whether all of them hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from certs import keys
from pages import wording
from schemas.errors import YunhuobanError

State = Literal["ok", "failed", "unknown"]
# What certificates and lists may raise when they parse only in part, and dates that no calendar has.
FAILURES: Final = (YunhuobanError, *keys.PARSING_FAILURES, OSError, LookupError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One fact."""

    id: str
    """The check, and after a dot the message's place in the file where there are several."""
    state: State
    sentence: str
    """Chinese, a msgid: what is so when the state is ok."""
    detail: str = ""
    """Codes, numbers and times; of a failure also its sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All lines in the order of the checks."""

    good: bool
    """Every line is ok. Unknown is not good."""
    lines: Sequence[Line]
    witnesses: int
    """How many counties of the trust file have countersigned a journal that holds all these messages and went on to be
    this one; without any, nobody but the hub vouches for the journal."""


@dataclass(slots=True)
class Lines:
    """Collects lines; a check that raises becomes a line that failed."""

    found: list[Line] = field(default_factory=list)

    def check(self, name: str, sentence: str, test: Callable[[], str | None]) -> bool:
        """Run one check: it returns a detail, or raises; `UndecidedError` when it cannot be decided."""
        state: State = "ok"
        try:
            detail = test() or ""
        except UndecidedError as error:
            state, detail = "unknown", _words(error.reason)
        except YunhuobanError as error:
            state, detail = "failed", _words(error)
        except FAILURES as error:
            state, detail = "failed", type(error).__name__
        self.found.append(Line(id=name, state=state, sentence=sentence, detail=detail))
        return state == "ok"

    def result(self, witnesses: int = 0) -> Verification:
        """What was found."""
        good = bool(self.found) and all(each.state == "ok" for each in self.found)
        return Verification(good=good, lines=tuple(self.found), witnesses=witnesses)


class UndecidedError(Exception):
    """A check can say neither yes nor no: a revocation list does not reach to the time in question."""

    def __init__(self, reason: YunhuobanError) -> None:
        """Keep why."""
        super().__init__(str(reason))
        self.reason = reason


def _words(error: YunhuobanError) -> str:
    said = wording.sentence(error)
    details = (said.place, said.found and f"“{said.found}”", said.expected and f"→ {said.expected}")
    return " ".join((said.code, said.sentence, *filter(None, details)))
