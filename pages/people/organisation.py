"""The organisation below the county: a tree of villages, towns and halls, and those who act for people.

A unit is named by a short code that may stand in ledgers; its name is for people. Units are moved, never removed:
accounts and cases name them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, insert, select, update

from pages.people import events
from pages.people.events import What
from pages.people.storing import Shelf
from pages.people.tables import UNIT_NAME_CHARACTERS
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

UNIT_UNKNOWN: Final = declare("E-USER-009", "没有这个单位。", "请用 adapter organisation list 查看有哪些单位。")
UNIT_TAKEN: Final = declare(
    "E-USER-010", "这个单位代码已经有了。", "请换一个代码，或用 adapter organisation move 调整。"
)
BAD_UNIT: Final = declare(
    "E-USER-011",
    "单位填得不对：代码是 2 到 40 个小写字母、数字、横线，名称最多 60 个字。",
    "请按提示改正，例如 adapter organisation add town-3 --kind town --name 铁城镇。",
)
BELOW_ITSELF: Final = declare("E-USER-012", "一个单位不能放到它自己或它的下级之下。", "请选另一个上级单位。")

_UNIT: Final = re.compile(r"[a-z][a-z0-9-]{1,39}")


class Kind(StrEnum):
    """What a unit is."""

    HALL = "hall"
    TOWN = "town"
    VILLAGE = "village"
    HELPER = "helper"
    BANK = "bank"


KINDS: Final[Mapping[Kind, str]] = {
    Kind.HALL: _("政务服务大厅"),
    Kind.TOWN: _("乡镇（街道）"),
    Kind.VILLAGE: _("村（社区）"),
    Kind.HELPER: _("帮办代办点"),
    Kind.BANK: _("银行代办点"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit; `depth` counts from the county's own, which are at 0."""

    unit: str
    kind: Kind
    name: str
    parent: str
    depth: int = 0


class Organisation:
    """The tree in one store."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._table = shelf.tables.units

    def add(self, unit: str, *, kind: str, name: str, by: str, parent: str = "", address: str = "") -> None:
        """Add one below another, or right below the county; `by` is for the record. Raises E-USER-009, -010, -011."""
        named = 1 <= len(name.strip()) <= UNIT_NAME_CHARACTERS and name.isprintable()
        if _UNIT.fullmatch(unit) is None or kind not in set(Kind) or not named:
            raise YunhuobanError(BAD_UNIT, place="unit", expected=", ".join(Kind))
        with self._shelf.store.write() as tx:
            known = self._parents(tx)
            if unit in known:
                raise YunhuobanError(UNIT_TAKEN, place=unit)
            self._require(known, parent)
            tx.execute(insert(self._table).values(unit=unit, kind=kind, name=name.strip(), parent=parent or None))
            self._record(tx, What.UNIT_ADDED, by, address, f"{unit} < {parent}" if parent else unit)

    def move(self, unit: str, *, parent: str, by: str, address: str = "") -> None:
        """Put it, with all that is below it, under another. Raises E-USER-009, -012."""
        with self._shelf.store.write() as tx:
            known = self._parents(tx)
            for each in (unit, parent):
                self._require(known, each)
            above = parent
            while above:
                if above == unit:
                    raise YunhuobanError(BELOW_ITSELF, place=unit)
                above = known[above]
            tx.execute(update(self._table).where(self._table.c.unit == unit).values(parent=parent or None))
            self._record(tx, What.UNIT_MOVED, by, address, f"{unit} < {parent}" if parent else unit)

    def units(self) -> Sequence[Unit]:
        """The whole tree, each unit after the one above it."""
        with self._shelf.store.read() as tx:
            rows = tx.execute(select(self._table).order_by(self._table.c.unit)).all()
        below: dict[str, list[Unit]] = {}
        for row in rows:
            unit = Unit(unit=row.unit, kind=Kind(row.kind), name=row.name, parent=row.parent or "")
            below.setdefault(unit.parent, []).append(unit)
        return _walk(below, "", 0)

    def names(self) -> Mapping[str, str]:
        """The names by code."""
        return {each.unit: each.name for each in self.units()}

    def _record(self, tx: Connection, what: What, by: str, address: str, detail: str) -> None:
        at = self._shelf.now()
        events.record(tx, self._shelf.tables, what, at=at, account="", by=by, address=address, detail=detail)

    def _parents(self, tx: Connection) -> dict[str, str]:
        return {row.unit: row.parent or "" for row in tx.execute(select(self._table.c.unit, self._table.c.parent))}

    def _require(self, known: Mapping[str, str], unit: str) -> None:
        if unit and unit not in known:
            raise YunhuobanError(UNIT_UNKNOWN, place="unit")


def _walk(below: Mapping[str, Sequence[Unit]], parent: str, depth: int) -> list[Unit]:
    found: list[Unit] = []
    for each in below.get(parent, ()):
        found.append(Unit(unit=each.unit, kind=each.kind, name=each.name, parent=each.parent, depth=depth))
        found += _walk(below, each.unit, depth + 1)
    return found
