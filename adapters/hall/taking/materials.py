"""The materials of an application: what the item lists, the authorisation of an agent, and what is taken besides.

Each is one row of the form. Of a scan the contract carries nothing yet: what is known of it (digest, trust level, who
compared it with the original and when) goes into the row's note, and the file stays here, sealed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.hall.taking.fields import AGENT, SELF
from adapters.hall.taking.offered import Offered
from pages.wording import mark as _
from schemas.catalogue.model import ListedMaterial, MaterialSource, Necessity

AUTHORISATION: Final = "authorisation"
AUTHORISATION_NAME: Final = _("授权委托书")
EXTRAS: Final = "extras"
"""How many rows there are for what no list names."""
MOST_EXTRAS: Final = 10
NOTE_BYTES: Final = 120
NAME_BYTES: Final = 200
MOST_COPIES: Final = 99

TAKEN_AS: Final = {"original": _("原件"), "copy": _("复印件"), "electronic": _("电子")}
"""收取方式 as the contract writes it, in Chinese (`Material.taken_as`)."""
TRUST: Final = {
    "A": _("A 由出具机关直接提供"),
    "B": _("B 窗口已与原件核对"),
    "C": _("C 申请人提供，原件待核"),
    "D": _("D 申请人自制并承诺"),
}
"""可信等级 (国办函〔2016〕108号)."""
COMPARED: Final = "B"
FROM_JOURNAL: Final = "A"
"""Nobody chooses it: it is what the journal vouches for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One material."""

    key: str
    """In the names of its fields: the code of a listed one."""
    code: str | None
    name: str
    """Empty for one that the clerk names."""
    demanded: bool
    """Whether the application is incomplete without it."""
    hint: str = ""
    """Chinese, marked: 免提交, 容缺后补."""
    says: Sequence[str] = ()
    """What the other county says of it, in its own words."""
    shareable: bool = False
    """Whether a license may be named for it instead, or an annotated copy of one brought."""
    exempt: bool = False
    """Whether the catalogue wants a license named for it (免提交)."""

    def path(self, field: str) -> str:
        """The name of one of its fields."""
        return f"m.{self.key}.{field}"


PARTS: Final = ("name", "taken_as", "copies", "trust", "note")


def rows(what: Offered, typed: Mapping[str, str]) -> Sequence[Row]:
    """The rows of the form as it stands."""
    return [*(listed_row(each, each.code) for each in what.materials), *agent_rows(typed), *extra_rows(typed)]


def listed_row(each: ListedMaterial, key: str) -> Row:
    """The row of a material that an item lists."""
    return Row(
        key=key,
        code=each.code,
        name=each.name,
        demanded=each.demanded,
        hint=_hint(each.exempt, each.necessity),
        shareable=is_shareable(each),
        exempt=each.exempt,
    )


def is_shareable(each: ListedMaterial) -> bool:
    """Whether a license may stand for it: the catalogue exempts it, or a government office issues it."""
    return each.exempt or each.source is MaterialSource.GOVERNMENT


def agent_rows(typed: Mapping[str, str]) -> Sequence[Row]:
    """The authorisation of whoever comes for the applicant."""
    sent_by_agent = typed.get(AGENT, SELF) != SELF
    return [Row(key=AUTHORISATION, code=None, name=AUTHORISATION_NAME, demanded=True)] if sent_by_agent else []


def extra_rows(typed: Mapping[str, str]) -> Sequence[Row]:
    """The rows for what no list names."""
    return [Row(key=f"x{number}", code=None, name="", demanded=False) for number in range(1, extra_count(typed) + 1)]


def extra_count(typed: Mapping[str, str]) -> int:
    """How many rows there are for what no list names."""
    said = typed.get(EXTRAS, "0")
    return min(int(said), MOST_EXTRAS) if said.isascii() and said.isdecimal() else 0


def _hint(exempt: bool, necessity: Necessity) -> str:
    if exempt:
        return _("免提交：通过数据共享核验")
    return {Necessity.OPTIONAL: _("非必要"), Necessity.DEFERRABLE: _("容缺后补")}.get(necessity, "")
