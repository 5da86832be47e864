"""What needs two persons: one approver proposes it, another one approves and signs it, or returns it with a reason.

Nothing is said to anybody before it is approved; the message then bears the second person's name and time. A county on
trial may have one person for both, who stands at the machine itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import Connection

from adapters.boxes import outbox
from adapters.case.casebook import Case
from adapters.case.workplace import Workplace
from adapters.hall.approving import grounds, papers, proposals, rules, weighing
from adapters.hall.approving.acts import TYPES, Act
from adapters.hall.approving.papers import Answer
from adapters.hall.approving.proposals import APPROVED, RETURNED, Proposal
from adapters.hall.approving.rules import Rule
from pages.frame import NOT_THERE
from pages.people.person import Person
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError, declare

_log = structlog.get_logger(__name__)
NOT_YOURSELF: Final = declare(
    "E-APPR-020", "提出的人不能自己批准。", "请由另一位审批人员登录后批准；本机关负责人也要有审批人员的账号。"
)
SETTLED: Final = declare("E-APPR-022", "这一项已经批准或者退回了。", "请刷新页面看办件现在的状态。")
_MOST_WHY: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenProposal:
    """One proposal on the page."""

    proposal: Proposal
    answers: Sequence[Answer]
    rules: Sequence[Rule]
    why: str
    """Why it was returned; empty when it was not."""
    own: bool
    """Whether who looks proposed it and so may not approve it."""


class Seconding:
    """The proposals of one county's desk; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(self, place: Workplace, *, remedies: str) -> None:
        """`remedies` as at the desk."""
        self._place = place
        self._remedies = remedies

    def propose(self, case_no: str, act: Act, said: Mapping[str, str], *, person: Person, action_id: str) -> None:
        """Keep it for the second person; the same press again does nothing.

        Raises E-APPR-001, -010, -011, -012 or -021, E-DOC-…, E-ADM-105 or -108, as the message would.
        """
        now = self._place.clock()
        proposal_id = derived_id(action_id, "proposal")
        with self._place.store.write() as tx:
            if proposals.find(tx, proposal_id) is not None:
                return
            case, _line = grounds.case_of(tx, self._place, case_no)
            self._weighed(tx, case, act, said, person)
            proposals.put(
                tx,
                self._place.identity,
                proposal_id=proposal_id,
                case_no=case_no,
                act=act,
                answers=papers.kept(act, said),
                by=person.account,
                now=now,
            )
        _log.info("case.proposed", case_no=case_no, type=TYPES[act])

    def open(self, case_no: str, proposal_id: str, *, person: Person, alone: bool) -> OpenProposal:
        """One proposal to be read before it is approved. Raises E-PAGE-005."""
        with self._place.store.read() as tx:
            case, _line = grounds.case_of(tx, self._place, case_no)
            found = self._find(tx, case_no, proposal_id)
            known = grounds.gather(tx, self._place, case, self._remedies)
            said = proposals.answers(tx, self._place.identity, proposal_id)
            return OpenProposal(
                proposal=found,
                answers=papers.shown(found.act, said),
                rules=rules.beside(found.act, known) if found.waits else (),
                why=proposals.why(tx, self._place.identity, proposal_id),
                own=_own(found, person, alone=alone),
            )

    def approve(self, case_no: str, proposal_id: str, *, person: Person, alone: bool, signature: bytes | None) -> None:
        """Say it; the same press again does nothing. `alone`: who stands at the machine of a county on trial.

        Raises E-APPR-020 for who proposed it, -022 when it was returned, and all that `propose` and the outbox raise.
        """
        now = self._place.clock()
        with self._place.store.write() as tx:
            found = self._find(tx, case_no, proposal_id)
            message_type = TYPES[found.act]
            message_id = derived_id(proposal_id, message_type)
            if outbox.find(tx, message_id) is not None:
                return
            if _own(found, person, alone=alone):
                raise YunhuobanError(NOT_YOURSELF, place="account")
            if not found.waits:
                raise YunhuobanError(SETTLED, place="proposal", found=str(found.outcome))
            case, _line = grounds.case_of(tx, self._place, case_no)
            said = proposals.answers(tx, self._place.identity, proposal_id)
            record = self._weighed(tx, case, found.act, said, person)
            self._place.say(
                tx, case, message_type, record, message_id=message_id, person=person, signature=signature, now=now
            )
            proposals.settle(tx, self._place.identity, proposal_id, outcome=APPROVED, by=person.account, now=now)
        _log.info("case.step", case_no=case_no, type=message_type)
        self._place.sent()

    def give_back(self, case_no: str, proposal_id: str, why: str, *, person: Person) -> None:
        """Return it with a reason; whoever proposed it may so take it back. Raises E-APPR-001 or -022, E-PAGE-005."""
        reason = why.strip()
        if not reason or len(reason) > _MOST_WHY:
            raise YunhuobanError(papers.NOT_FILLED, place="why", expected=f"1–{_MOST_WHY}")
        with self._place.store.write() as tx:
            found = self._find(tx, case_no, proposal_id)
            if found.outcome == APPROVED:
                raise YunhuobanError(SETTLED, place="proposal", found=APPROVED)
            if found.waits:
                proposals.settle(
                    tx,
                    self._place.identity,
                    proposal_id,
                    outcome=RETURNED,
                    by=person.account,
                    why=reason,
                    now=self._place.clock(),
                )

    def _weighed(
        self, tx: Connection, case: Case, act: Act, said: Mapping[str, str], person: Person
    ) -> Mapping[str, object]:
        known = grounds.gather(tx, self._place, case, self._remedies)
        weighing.demand(act, case.state, self._place.elsewhere, known)
        record = papers.record(act, said, (), person=person, known=known)
        weighing.check(act, record, known)
        return record

    def _find(self, tx: Connection, case_no: str, proposal_id: str) -> Proposal:
        found = proposals.find(tx, proposal_id)
        if found is None or found.case_no != case_no:
            raise YunhuobanError(NOT_THERE, place="proposal")
        return found


def _own(proposal: Proposal, person: Person, *, alone: bool) -> bool:
    return proposal.proposed_by == person.account and not alone
