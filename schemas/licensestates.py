"""The states of a license and the only legal changes between them (practice of GB/T 36903's `status`). Pure.

Only the issuing county changes a state. Everything but suspension ends the license for good; a lost one is replaced by
a new version and superseded.
"""

from collections.abc import Mapping
from typing import Final

from schemas.errors import YunhuobanError, declare

STATE_CHANGE_WRONG: Final = declare(
    "E-ADM-105",
    "证照的当前状态不能这样变更。",
    "请核对：有效可改为其他状态，暂扣可恢复为有效，挂失可改为历史版本，其余不能再变。",
)
VALID: Final = "valid"
_ENDS: Final = frozenset({"revoked", "cancelled", "expired", "transferred_out", "withdrawn", "superseded"})
CHANGES: Final[Mapping[str, frozenset[str]]] = {
    VALID: _ENDS | {"suspended", "lost"},
    "suspended": _ENDS | {VALID},
    "lost": frozenset({"superseded", "cancelled"}),
}

NO_MORE_PRINTS: Final = _ENDS | {"lost"}
"""States from which nothing of this version is ever printed again."""


def change(before: str, after: str) -> None:
    """Demand that a license may go from one state to the other. Raises E-ADM-105."""
    allowed = CHANGES.get(before, frozenset())
    if after not in allowed:
        expected = ", ".join(sorted(allowed)) or "-"
        raise YunhuobanError(STATE_CHANGE_WRONG, place="facts.license_state", found=f"{before} → {after}",
                             expected=expected)  # fmt: skip
