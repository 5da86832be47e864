"""Every message type: its record, its facts, who may send it to whom, and how it is settled.

This table is the party table of the contract: a decision, a license or an authorisation comes from the issuing
county alone, a sheet's outcome and the hand-over from the window county alone, and what the hub says (admitted,
refused, granted, the directory) is no envelope at all. The hub asks it, and every destination asks it again.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.errors import Code, declare

HUB: Final = "hub"

UNKNOWN_TYPE: Final = declare("E-ENV-010", "不认识的报文类型。", "请使用标准中列出的报文类型。")
NOT_A_PARTY: Final = declare(
    "E-ADM-101", "发送方无权就此办件发送该类报文。", "只有此办件的相应一方可以发送；请核对办件编号与报文类型。"
)


class Party(StrEnum):
    """A role in one case; the opening message fixes who has it."""

    WINDOW = "window"
    ISSUING = "issuing"
    EITHER = "either"
    HUB = "hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageType:
    """One kind of envelope."""

    name: str
    """What the envelope's `type` says."""
    record: str
    """The record of its payload."""
    facts: str | None
    """The record of its `facts`, or None when it has none."""
    sender: Party
    """Who may send it."""
    receiver: Party
    """Who it goes to; EITHER means the other county."""
    opens: bool = False
    """Whether it opens a case, or a matter of its own beside the cases, and fixes its parties."""
    chained: bool = True
    """Whether it takes part in the sender's order (`prev`); notices about other messages do not."""
    express: bool = False
    """Whether it travels on the express road, so that a window never waits behind cases."""
    cased: bool = True
    """Whether it belongs to a case. What a county says to the hub about itself has neither case nor service item."""


@dataclass(frozen=True, slots=True)
class Parties:
    """The two counties of one case, as division codes."""

    window: str
    issuing: str

    def role(self, county: str) -> Party | None:
        """Which role a county has in this case. In a case within one county the sender counts as window."""
        if county == self.window:
            return Party.WINDOW
        return Party.ISSUING if county == self.issuing else None


_W, _I, _E, _H = Party.WINDOW, Party.ISSUING, Party.EITHER, Party.HUB
_TYPES: Final = (
    MessageType(name="application.submitted", record="Application", facts="ApplicationFacts",
                sender=_W, receiver=_I, opens=True),
    MessageType(name="supplement.requested", record="SupplementRequest", facts="SupplementRequestFacts",
                sender=_I, receiver=_W),
    MessageType(name="supplement.provided", record="Supplement", facts=None, sender=_W, receiver=_I),
    MessageType(name="application.not_accepted", record="NonAcceptance", facts="NonAcceptanceFacts",
                sender=_I, receiver=_W),
    MessageType(name="application.accepted", record="Acceptance", facts="AcceptanceFacts", sender=_I, receiver=_W),
    MessageType(name="review.advanced", record="ReviewStep", facts="ReviewFacts", sender=_I, receiver=_W),
    MessageType(name="procedure.opened", record="SpecialProcedure", facts="ProcedureFacts", sender=_I, receiver=_W),
    MessageType(name="procedure.closed", record="ProcedureResult", facts="ProcedureResultFacts",
                sender=_I, receiver=_W),
    MessageType(name="deadline.extended", record="Extension", facts="ExtensionFacts", sender=_I, receiver=_W),
    MessageType(name="decision.made", record="Decision", facts="DecisionFacts", sender=_I, receiver=_W),
    MessageType(name="case.withdrawn", record="Withdrawal", facts=None, sender=_W, receiver=_I),
    MessageType(name="case.terminated", record="Termination", facts="TerminationFacts", sender=_I, receiver=_W),
    MessageType(name="license.issued", record="License", facts="LicenseFacts", sender=_I, receiver=_W),
    MessageType(name="license.state_changed", record="LicenseStateChange", facts="LicenseStateFacts",
                sender=_I, receiver=_W),
    MessageType(name="print.authorised", record="PrintAuthorisation", facts="AuthorisationFacts",
                sender=_I, receiver=_W),
    MessageType(name="print.revoked", record="PrintRevocation", facts="PrintRevocationFacts", sender=_I, receiver=_W),
    MessageType(name="print.claimed", record="PrintClaim", facts="ClaimFacts", sender=_W, receiver=_H, express=True),
    MessageType(name="print.settled", record="PrintOutcome", facts="OutcomeFacts", sender=_W, receiver=_I),
    MessageType(name="case.handed_over", record="HandOver", facts="HandOverFacts", sender=_W, receiver=_I),
    MessageType(name="case.closed", record="Closing", facts="ClosingFacts", sender=_I, receiver=_W),
    # Around a case: they leave it where it stands.
    MessageType(name="parcel.sent", record="Parcel", facts="ParcelFacts", sender=_E, receiver=_E),
    MessageType(name="parcel.received", record="ParcelReceipt", facts="ParcelReceiptFacts", sender=_E, receiver=_E),
    MessageType(name="visit.offered", record="VisitOffer", facts="VisitFacts", sender=_I, receiver=_W),
    MessageType(name="visit.booked", record="VisitBooking", facts="VisitBookingFacts", sender=_W, receiver=_I),
    MessageType(name="visit.done", record="VisitResult", facts="VisitResultFacts", sender=_E, receiver=_E),
    MessageType(name="rating.given", record="Rating", facts="RatingFacts", sender=_W, receiver=_I),
    MessageType(name="rating.followed_up", record="RatingFollowUp", facts="RatingFollowUpFacts",
                sender=_E, receiver=_E),
    MessageType(name="license.expiring", record="ExpiryReminder", facts="ExpiryReminderFacts", sender=_I, receiver=_W),
    # Several cases that are one thing to the applicant: each knows its group, and may be undone for its sake.
    MessageType(name="group.joined", record="GroupPart", facts="GroupFacts", sender=_W, receiver=_I),
    MessageType(name="case.undo_requested", record="UndoRequest", facts=None, sender=_W, receiver=_I),
    MessageType(name="case.undone", record="UndoResult", facts="UndoFacts", sender=_I, receiver=_W),
    # An expert review: experts are drawn by a seed that nobody could know when the pool was fixed (`schemas.drawing`).
    MessageType(name="review.convened", record="ReviewConvening", facts="ReviewConveningFacts", sender=_I, receiver=_W),
    MessageType(name="review.drawn", record="ReviewDraw", facts="ReviewDrawFacts", sender=_I, receiver=_W),
    MessageType(name="review.concluded", record="ReviewReport", facts="ReviewReportFacts", sender=_I, receiver=_W),
    # Matters of their own between two counties: who opens one stands as the window, who is to answer as the issuing.
    MessageType(name="question.asked", record="Question", facts="QuestionFacts", sender=_W, receiver=_I, opens=True),
    MessageType(name="question.answered", record="Answer", facts="AnswerFacts", sender=_I, receiver=_W),
    MessageType(name="question.continued", record="FurtherQuestion", facts="FurtherQuestionFacts",
                sender=_W, receiver=_I),
    MessageType(name="question.closed", record="QuestionClosing", facts="QuestionClosingFacts",
                sender=_W, receiver=_I),
    MessageType(name="appeal.raised", record="Appeal", facts="AppealFacts", sender=_W, receiver=_I, opens=True),
    MessageType(name="appeal.escalated", record="AppealEscalation", facts="AppealEscalationFacts",
                sender=_W, receiver=_I),
    MessageType(name="appeal.answered", record="AppealAnswer", facts="AppealAnswerFacts", sender=_I, receiver=_W),
    MessageType(name="appeal.returned", record="AppealReturn", facts="AppealReturnFacts", sender=_W, receiver=_I),
    MessageType(name="appeal.closed", record="AppealClosing", facts="AppealClosingFacts", sender=_W, receiver=_I),
    MessageType(name="alive.requested", record="AliveRequest", facts="AliveRequestFacts",
                sender=_W, receiver=_I, opens=True),
    MessageType(name="alive.answered", record="AliveAnswer", facts=None, sender=_I, receiver=_W),
    MessageType(name="list.published", record="MonthlyList", facts="MonthlyListFacts",
                sender=_W, receiver=_I, opens=True),
    MessageType(name="list.reconciled", record="ListReconciliation", facts="ListReconciliationFacts",
                sender=_I, receiver=_W),
    MessageType(name="opinion.asked", record="OpinionRequest", facts="OpinionRequestFacts",
                sender=_W, receiver=_I, opens=True),
    MessageType(name="opinion.given", record="Opinion", facts=None, sender=_I, receiver=_W),
    MessageType(name="opinion.declined", record="OpinionDecline", facts="OpinionDeclineFacts", sender=_I, receiver=_W),
    MessageType(name="message.received", record="Received", facts="ReceivedFacts",
                sender=_E, receiver=_E, chained=False),
    MessageType(name="message.refused", record="Refusal", facts="RefusalFacts", sender=_E, receiver=_E, chained=False),
    MessageType(name="checkpoint.countersigned", record="Countersignature", facts="CountersignatureFacts",
                sender=_E, receiver=_H, chained=False, cased=False),
    MessageType(name="epoch.reported", record="EpochReport", facts=None, sender=_E, receiver=_H, chained=False,
                cased=False),
    MessageType(name="license.scannable", record="LicenseScan", facts=None, sender=_E, receiver=_H, chained=False,
                cased=False),
    # What a county says of itself, for all: the hub puts it into the directory as it is (`schemas.stating`).
    MessageType(name="powers.stated", record="WindowPowers", facts=None, sender=_E, receiver=_H, chained=False,
                cased=False),
    MessageType(name="expert.stated", record="Expert", facts=None, sender=_E, receiver=_H, chained=False, cased=False),
    MessageType(name="bundle.stated", record="Bundle", facts=None, sender=_E, receiver=_H, chained=False, cased=False),
    MessageType(name="item.stated", record="ItemDetail", facts=None, sender=_E, receiver=_H, chained=False,
                cased=False),
    MessageType(name="answer.stated", record="GuideAnswer", facts=None, sender=_E, receiver=_H, chained=False,
                cased=False),
)  # fmt: skip

TYPES: Final = {each.name: each for each in _TYPES}
APPLICATION: Final = "application.submitted"
"""The one that opens a case; every other that opens begins a matter beside the cases (`schemas.matters`)."""
COUNTERSIGNED: Final = "checkpoint.countersigned"
SCANNABLE: Final = "license.scannable"
PUBLISHED: Final = "checkpoint.published"

# What the hub says is signed records, never envelopes: name on the wire and record.
HUB_TYPES: Final = {
    "admission.receipt": "AdmissionReceipt",
    "print.granted": "Grant",
    "directory.published": "Directory",
    "checkpoint.published": "CheckpointPublished",
    "epoch.opened": "EpochOpened",
}
DIRECTORY_REQUESTED: Final = "directory.requested"
"""The one thing that a county says outside an envelope: which directory it holds. It concerns no case."""


def concerned(kind: str, source: str, destination: str) -> str:
    """The county whose item a matter is about: of whom one asks or complains; whoever asks for a check or a list."""
    return destination if kind in ("question.asked", "appeal.raised") else source


def party_problem(kind: MessageType, source: str, destination: str, parties: Parties) -> Code | None:
    """Say whether `source` may send this to `destination` in a case of these parties; None when it may."""
    if not kind.cased:
        return NOT_A_PARTY  # in a case it has no place
    if kind.receiver is Party.HUB:
        fits = destination == HUB and source == _county(kind.sender, parties)
    elif kind.sender is Party.EITHER:
        fits = (source, destination) in ((parties.window, parties.issuing), (parties.issuing, parties.window))
    else:
        fits = source == _county(kind.sender, parties) and destination == _county(kind.receiver, parties)
    return None if fits else NOT_A_PARTY


def _county(role: Party, parties: Parties) -> str:
    return parties.window if role is Party.WINDOW else parties.issuing
