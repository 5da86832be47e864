"""Who may be drawn: every county's experts of a profession and a category, but for those who must stay away. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from schemas import drawing
from schemas.statedview import StatedView

MOST: Final = 500
"""Of one pool, as in its record; a larger one is not cut, or the first counties would have better chances."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a review asks for."""

    profession: str
    category: str
    regions: Sequence[str] = ()
    """The first digits of division codes; empty for anywhere."""
    excluded: Sequence[str] = ()
    """Credit codes of employers that must stay away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What the directory has for a wish, by their names in a draw."""

    able: Sequence[str]
    """Those who can be drawn, in order."""
    away: Mapping[str, str]
    """Those who would be but for their employer, with its code."""


def of(stated: StatedView, wish: Wish, on: date) -> Pool:
    """The pool of a day."""
    able, away = [], {}
    for each in stated.experts(on=on):
        name = drawing.expert(each["county"], each["expert_no"])
        fits = wish.profession in each["professions"] and wish.category in each["categories"]
        near = not wish.regions or each["county"].startswith(tuple(wish.regions))
        if not (fits and near and drawing.parts(name)):
            continue
        if each["employer_code"] and each["employer_code"] in wish.excluded:
            away[name] = each["employer_code"]
        else:
            able.append(name)
    return Pool(able=sorted(able), away=away)


def words(stated: StatedView, field: str, on: date) -> Collection[str]:
    """The professions or categories that there are."""
    experts: Sequence[Mapping[str, Any]] = stated.experts(on=on)
    return sorted({word for each in experts for word in each[field]})
