"""What each material of an application is worth, for both of its counties: the level, who verified it, what it bears.

Levels and the sentences of their watermarks: 国办函〔2016〕108号. A message before contract 1.2 says none of this in
fields; its notes do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from adapters.hall.taking.materials import TRUST
from pages.wording import mark as _

PROVIDED: Final = _("此件由{maker}提供，仅供办理政务服务事项时使用，有效期至{until}。")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What this county's own store knows of a named license, now."""

    state: str
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """One material."""

    name: str
    trust: str
    """Chinese, marked; empty when nobody judged it."""
    compared_by: str
    compared_at: datetime | None
    license: Mapping[str, Any] | None
    """As the contract's `NamedLicense`."""
    copy: Mapping[str, Any] | None
    """As the contract's `Annotation`."""
    expired: bool
    """Whether the annotated copy may not be used any more."""
    known: State | None
    """Of the license, when this county knows it itself."""
    held_at: datetime | None = None
    """When the hub held the license against its journal: as it admitted the application."""
    supplied: bool = False
    """Whether it came with a supplement: what that says of its materials the hub does not see."""

    @property
    def compared(self) -> bool:
        """Whether it bears the watermark of a comparison."""
        return self.license is None and self.copy is None and self.compared_at is not None

    @property
    def until(self) -> str:
        """The last day of the annotated copy, as a watermark writes it."""
        return in_chinese(self.copy["valid_until"]) if self.copy is not None else ""


def of(
    materials: Sequence[Mapping[str, Any]],
    today: date,
    known: Mapping[str, State] | None = None,
    *,
    admitted_at: datetime | None = None,
    supplied: bool = False,
) -> list[Worth]:
    """The materials of which anybody said anything; `known` is by the license's identifier.

    `admitted_at` is when the hub let the application in, `supplied` whether these are a supplement's.
    """
    found = []
    for each in materials:
        license_, copy = each.get("named_license"), each.get("annotation")
        if not each.get("trust") and license_ is None and copy is None:
            continue
        named = license_ or copy or {}
        found.append(
            Worth(
                name=each["name"],
                trust=TRUST.get(each["trust"] or "", ""),
                compared_by=each["compared_by"] or "",
                compared_at=each["compared_at"],
                license=license_,
                copy=copy,
                expired=copy is not None and copy["valid_until"] < today,
                known=(known or {}).get(named.get("license_identifier", "")),
                held_at=admitted_at if license_ is not None else None,
                supplied=supplied,
            )
        )
    return found


def in_chinese(day: date) -> str:
    """2026年11月26日, as a watermark writes it."""
    return f"{day.year}年{day.month}月{day.day}日"
