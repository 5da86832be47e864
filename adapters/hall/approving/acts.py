"""What an approver can do to a case on the desk: offered only in its turn, and only where no local system says it.

A county with its own system keeps it: whatever its mapping reads is said there, and the desk then only shows. Pure.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from adapters.local.mapping.rules import Rules
from pages.wording import mark as _
from schemas.lifecycle import MOVES, CaseState


class Act(StrEnum):
    """One button."""

    ACCEPT = "accept"
    SUPPLEMENT = "supplement"
    NOT_ACCEPT = "not_accept"
    GRANT = "grant"
    DENY = "deny"
    TERMINATE = "terminate"


TYPES: Final[Mapping[Act, str]] = {
    Act.ACCEPT: "application.accepted",
    Act.SUPPLEMENT: "supplement.requested",
    Act.NOT_ACCEPT: "application.not_accepted",
    Act.GRANT: "decision.made",
    Act.DENY: "decision.made",
    Act.TERMINATE: "case.terminated",
}
"""The message that each becomes."""

NAMES: Final[Mapping[Act, str]] = {
    Act.ACCEPT: _("受理"),
    Act.SUPPLEMENT: _("一次性补正告知"),
    Act.NOT_ACCEPT: _("不予受理"),
    Act.GRANT: _("准予许可"),
    Act.DENY: _("不予许可"),
    Act.TERMINATE: _("终止办理"),
}


SIGNED: Final = frozenset({Act.NOT_ACCEPT, Act.GRANT, Act.DENY, Act.TERMINATE})
"""Acts whose paper bears the approver's own signature, on the screen or on paper."""


def said_elsewhere(rules: Rules) -> frozenset[str]:
    """The message types that the county's own system says, by its mapping."""
    return frozenset(each.message_type for each in rules.reads)


def offered(state: CaseState, elsewhere: Collection[str]) -> list[Act]:
    """The acts whose turn it is."""
    return [act for act, kind in TYPES.items() if (state, kind) in MOVES and kind not in elsewhere]
