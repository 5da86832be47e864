"""What waits for whom: cases for the approver, authorisations for the clerk. Nothing of it names a person."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.hall.agents.cases import Awaited
from adapters.hall.approving.proposals import Proposal
from adapters.hall.desk.view import CaseLine
from adapters.printing.ledger import Entry
from pages.people.person import Role
from pages.wording import mark as _
from pages.wording import say
from schemas.lifecycle import CaseState

_ANSWERABLE: Final = frozenset({CaseState.SUBMITTED, CaseState.SUPPLEMENTED})


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for one role; `about` is told once."""

    role: Role
    about: str
    urgent: bool = False
    second: bool = False
    """Whether one approver waits for another one's approval."""
    agent: bool = False
    """Whether it is an agent's case whose turn it is here."""
    reminder: bool = False
    """Whether a holder is to be reminded that a license ends."""
    matter: bool = False
    """Whether another county has asked something; no case."""


def found(
    cases: Collection[CaseLine],
    prints: Collection[Entry],
    proposed: Collection[Proposal] = (),
    agents: Collection[Awaited] = (),
    reminders: Collection[Waiting] = (),
) -> list[Waiting]:
    """Everything that waits now. Pure."""
    waiting = [
        Waiting(Role.APPROVER, f"{each.case_no}/{each.state}")
        for each in cases
        if each.decides and each.state in _ANSWERABLE
    ]
    waiting += [
        Waiting(Role.APPROVER, f"{each.case_no}/late", urgent=True)
        for each in cases
        if each.decides and each.clock.overdue
    ]
    waiting += [Waiting(Role.APPROVER, f"{each.case_no}/{each.proposal_id}", second=True) for each in proposed]
    told = {each.about for each in waiting}
    waiting += [
        Waiting(each.role, about, agent=True)
        for each in agents
        if (about := f"{each.case_no}/{each.state}") not in told
    ]
    waiting += [Waiting(Role.CLERK, f"{each.authorisation.authorisation_no}/print") for each in prints]
    return [*waiting, *reminders]


def sentence(fresh: Collection[Waiting], county: str) -> Mapping[str, str]:
    """Title and text, in Chinese: what counties see first."""
    asked = [each for each in fresh if each.matter]
    fresh = [each for each in fresh if not each.matter]
    late = sum(each.urgent for each in fresh)
    second = sum(each.second for each in fresh)
    agents = sum(each.agent for each in fresh)
    reminders = sum(each.reminder for each in fresh)
    new = len(fresh) - late - second - agents - reminders
    printing = any(each.role is Role.CLERK for each in fresh)
    unanswered = sum(each.urgent for each in asked)
    title = say(_("云伙伴 · {county}"), "zh", county=county)
    parts = []
    if new:
        parts.append(
            say(_("有 {count} 张证照等待打印。") if printing else _("有 {count} 件新办件等待办理。"), "zh", count=new)
        )
    if agents:
        parts.append(say(_("有 {count} 件帮办代办的办件轮到本县办理。"), "zh", count=agents))
    if second:
        parts.append(say(_("有 {count} 项等待另一位审批人员批准。"), "zh", count=second))
    if late:
        parts.append(say(_("有 {count} 件办件超期。"), "zh", count=late))
    if reminders:
        parts.append(say(_("有 {count} 份证照快到期，请提醒持证人。"), "zh", count=reminders))
    if len(asked) > unanswered:
        parts.append(say(_("有 {count} 件县际往来等待本县答复。"), "zh", count=len(asked) - unanswered))
    if unanswered:
        parts.append(say(_("有 {count} 件县际往来逾期没有答复。"), "zh", count=unanswered))
    parts.append(say(_("请在本县的页面上查看；这里不写任何个人信息。"), "zh"))
    return {"title": title, "text": "".join(parts)}
