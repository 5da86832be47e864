"""One form for several items: a field that several ask for is asked once, and so is a material.

A material is the same when code and name are. What belongs to one item alone, its 业务办理项, has the number of its
part in its name. At the press the form is divided again: each part gets what its own form would have asked, and no
scan that it does not ask for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from adapters.case import groupbook
from adapters.directory.directoryview import DirectoryView
from adapters.hall.taking import fields as forms
from adapters.hall.taking import materials, offered
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.fields import HANDLING, Field
from adapters.hall.taking.materials import AUTHORISATION, Row
from adapters.hall.taking.naming import COPY, LICENSE
from adapters.hall.taking.offered import Offered
from schemas.catalogue.model import Mode

JOINT: Final = "joint"
_MODE: Final = "mode"
_OF_EACH: Final = frozenset({_MODE, "project_name"})
"""Filled for each part by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """The group whose form is typed."""

    number: str
    kind: str
    parts: Mapping[int, Offered]

    @property
    def first(self) -> Offered:
        """The first part's item."""
        return next(iter(self.parts.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one part gets of the form."""

    typed: Mapping[str, str]
    stamps: Mapping[str, Mapping[str, str]]
    materials: Mapping[str, str]
    """The part's own key of each material, by the form's."""


def of_form(tx: Connection, directory: DirectoryView, draft: Draft, *, window: str, now: datetime) -> Together | None:
    """The group whose form this draft is; None for any other draft. Raises E-TAKE-003."""
    group = groupbook.of_form(tx, draft.draft_id)
    if group is None:
        return None
    parts = {
        each.part: offered.offered(directory, each.county, each.service_item, window=window, now=now)
        for each in groupbook.entries(tx, group.window, group.number)
    }
    return Together(number=group.number, kind=group.kind, parts=parts)


def fields(group: Together) -> Sequence[Field]:
    """The fields of all parts, each once."""
    found: dict[str, Field] = {}
    for number, what in group.parts.items():
        for each in forms.fields(what):
            if each.path == HANDLING:
                path = f"{HANDLING}.{number}"
                found[path] = replace(each, path=path, hint=what.name)
            elif each.path not in _OF_EACH:
                known = found.get(each.path, each)
                found[each.path] = replace(known, required=known.required or each.required)
    return forms.ordered(list(found.values()))


def rows(group: Together, typed: Mapping[str, str]) -> Sequence[Row]:
    """The materials of all parts, each once, with who asks for it."""
    found: dict[str, Row] = {}
    keys = _keys(group)
    for what in group.parts.values():
        for each in what.materials:
            row = materials.listed_row(each, keys[each.code, each.name])
            known = found.get(row.key, row)
            says = (*known.says, f"{what.county_name} {what.name}")
            demanded = known.demanded or row.demanded
            found[row.key] = replace(known, demanded=demanded, hint="" if demanded else known.hint, says=says)
    return [*found.values(), *materials.agent_rows(typed), *materials.extra_rows(typed)]


def share(group: Together, number: int, draft: Draft) -> Share:
    """What one part gets; what no list names goes with every part, for nobody knows who asked for it."""
    what, keys = group.parts[number], _keys(group)
    asked = forms.fields(what)
    paths = {each.path for each in asked} - _OF_EACH
    typed = {each.path: each.first for each in asked if each.first}
    typed |= {path: text for path, text in draft.typed.items() if path in paths}
    if f"{HANDLING}.{number}" in draft.typed:
        typed[HANDLING] = draft.typed[f"{HANDLING}.{number}"]
    if group.kind == JOINT and Mode.JOINT in what.modes:
        typed[_MODE] = Mode.JOINT.value
    own = {keys[each.code, each.name]: each.code for each in what.materials} | {AUTHORISATION: AUTHORISATION}
    own |= {each.key: each.key for each in materials.extra_rows(draft.typed)}
    if materials.EXTRAS in draft.typed:
        typed[materials.EXTRAS] = draft.typed[materials.EXTRAS]
    stamps = {path: each for path, each in draft.stamps.items() if path in paths}
    for key, mine in own.items():
        for part in (*materials.PARTS, LICENSE, COPY):
            before, after = f"m.{key}.{part}", f"m.{mine}.{part}"
            if before in draft.typed:
                typed[after] = draft.typed[before]
            if before in draft.stamps:
                stamps[after] = draft.stamps[before]
    return Share(typed=typed, stamps=stamps, materials=own)


def _keys(group: Together) -> Mapping[tuple[str, str], str]:
    """The form's key of each material by code and name: the code, with a number where two materials share one."""
    found: dict[tuple[str, str], str] = {}
    for what in group.parts.values():
        for each in what.materials:
            if (each.code, each.name) not in found:
                same = sum(code == each.code for code, _name in found)
                found[each.code, each.name] = f"{each.code}-{same + 1}" if same else each.code
    return found
