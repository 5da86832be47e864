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
    OPEN_PROCEDURE = "open_procedure"
    CLOSE_PROCEDURE = "close_procedure"
    EXTEND = "extend"
    GRANT = "grant"
    DENY = "deny"
    TERMINATE = "terminate"
    CHANGE_STATE = "change_state"


TYPES: Final[Mapping[Act, str]] = {
    Act.ACCEPT: "application.accepted",
    Act.SUPPLEMENT: "supplement.requested",
    Act.NOT_ACCEPT: "application.not_accepted",
    Act.CLOSE_PROCEDURE: "procedure.closed",
    Act.GRANT: "decision.made",
    Act.DENY: "decision.made",
    Act.OPEN_PROCEDURE: "procedure.opened",
    Act.EXTEND: "deadline.extended",
    Act.TERMINATE: "case.terminated",
    Act.CHANGE_STATE: "license.state_changed",
}
"""The message that each becomes, in the order of the buttons."""

NAMES: Final[Mapping[Act, str]] = {
    Act.ACCEPT: _("予以受理"),
    Act.SUPPLEMENT: _("一次性补正告知"),
    Act.NOT_ACCEPT: _("决定不予受理"),
    Act.OPEN_PROCEDURE: _("开始特别程序"),
    Act.CLOSE_PROCEDURE: _("结束特别程序"),
    Act.EXTEND: _("提请延长期限"),
    Act.GRANT: _("决定准予许可"),
    Act.DENY: _("决定不予许可"),
    Act.TERMINATE: _("决定终止办理"),
    Act.CHANGE_STATE: _("提请变更证照状态"),
}


SIGNED: Final = frozenset({Act.NOT_ACCEPT, Act.GRANT, Act.DENY, Act.TERMINATE})
"""Acts whose paper bears the approver's own signature, on the screen or on paper."""

TWO_PERSONS: Final = frozenset({Act.EXTEND, Act.CHANGE_STATE})
"""Acts that one approver proposes and another one approves and signs: the law names the head of the authority for an
extension (行政许可法 art. 42), and a license is not taken from anybody by one person alone."""


def said_elsewhere(rules: Rules) -> frozenset[str]:
    """The message types that the county's own system says, by its mapping."""
    return frozenset(each.message_type for each in rules.reads)


def in_turn(state: CaseState, elsewhere: Collection[str]) -> list[Act]:
    """The acts whose turn it is."""
    return [act for act, kind in TYPES.items() if (state, kind) in MOVES and kind not in elsewhere]
