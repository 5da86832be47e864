"""What was found of the local system: a line for each table or folder on each way, as a table and as JSON has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from pages import wording
from pages.wording import mark as _
from schemas.errors import YunhuobanError


class Way(Enum):
    """Which way records go. Each value is its name in the file of `adapter doctor`."""

    READ = "read"
    WRITE = "write"


WAYS: Final = {Way.READ: _("读取"), Way.WRITE: _("写入")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One table or folder, read from or written into."""

    way: Way
    what: str
    """As a person finds it: 表 up_pro_accept; never with an account or a password."""
    problems: Sequence[YunhuobanError] = ()
    untested: str = ""
    """What of it nobody can say without writing; marked for the catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSystem:
    """All of it, in the order of the mapping."""

    looked: Sequence[Looked] = ()

    @property
    def problems(self) -> Sequence[YunhuobanError]:
        """Everything that is wrong; what both ways say of the same table once."""
        found = [problem for each in self.looked for problem in each.problems]
        return list({(each.code, each.place, each.found): each for each in found}.values())

    @property
    def well(self) -> bool:
        """Whether nothing is wrong; what could not be tested is no fault."""
        return not self.problems

    def as_fields(self) -> Sequence[dict[str, Any]]:
        """The same for a file that may be sent to the hub's operators."""
        return [_as_fields(each) for each in self.looked]


def _as_fields(looked: Looked) -> dict[str, Any]:
    fields: dict[str, Any] = {"way": looked.way.value, "what": looked.what, "well": not looked.problems}
    if looked.untested:
        fields |= {f"untested_{language}": wording.say(looked.untested, language) for language in wording.LANGUAGES}
    if looked.problems:
        fields["problems"] = [_problem(each) for each in looked.problems]
    return fields


def _problem(problem: YunhuobanError) -> dict[str, str]:
    fields = {"code": problem.code.code, "found": wording.shown(problem.found)}
    for language in wording.LANGUAGES:
        said = wording.sentence(problem, language)
        fields[f"sentence_{language}"], fields[f"remedy_{language}"] = said.sentence, said.remedy
    return fields
