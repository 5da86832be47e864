"""Admission, the hub's one door: a numbered list of checks; the numbers stand in the code that makes them.

 1  size, before any cryptography                               (hub.inspection)
 2  properties and headers: nothing unknown, no copies           (hub.inspection)
 3  the envelope decodes strictly and every field is well formed (schemas.envelope)
 4  message id, type, user and routing key agree with it         (hub.inspection)
 5  the sending county is enrolled and active                    (hub.inspection)
 6  exactly one signature, by a certificate of that county       (hub.inspection)
 7  chain, role, validity and revocation at admission time       (certs.chain)
 8  the signature fits the exact bytes                           (certs.signing)
 9  signed at most 5 minutes ahead, and not expired              (hub.inspection)
10  the same id came before: same bytes are a duplicate, other bytes are refused
11  the stated checkpoint was issued here (hub.witnessing); the destination is active (its code may be out of date,
    schemas.divisions); a case is opened only for an item that the issuing county offers, in an alliance of both, in a
    mode and with the materials of the catalogue
12  the payload is encrypted for a key the destination states now, in a version of the contract that it states to read;
    for the hub, it is what commitment and clear facts say
13  the case: a new one is opened by its window county under a number of its own; in a known one the sender is the
    party that may send this (party table), and item and trial mark are the case's; what takes the place of an
    admitted message that its destination cannot open or read any more says the same as that one; the attachments of
    all its messages stay within the case's limit (hub.enclosures)
14  `prev` and `in_reply_to` were admitted; missing parks the message, refused refuses it; a *received* signs for the
    bytes that were admitted; then the case must be known
15  the lifecycle allows this step, and so does what the issuing county stated of its item (hub.registry.stating); it is
    not too late for it (hub.timelimits); a destination's refusal takes the step back that it names (hub.takingback)
16  the print ledger and the state of the license allow it; a license named instead of a material is valid

A countersignature belongs to no case: of 11 to 16 it has only the stated checkpoint, and is checked in hub.witnessing.
Nor does what a license's QR code leads to: of 11 to 16 it has the checkpoint, the payload and hub.scanning.register.

Checks 10 to 16 need memory: they run inside the batch's transaction, where an earlier message of the batch counts.
Revocation unknown (7) is neither: the message waits, whatever 8 to 16 would say, and nothing is refused for it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Connection

from hub.conformance import gate
from hub.history import witnessing
from hub.history.restoration import EARLIER_STEP_MISSING, Recovered, Restoration, answered, refused_before
from hub.history.witnessing import Issued
from hub.intake import enclosures, refusals
from hub.intake.inspection import NO_ID, Inspected
from hub.intake.recall import Case, Known, Recall, predecessors
from hub.intake.superseding import carries_again
from hub.intake.takingback import take_back
from hub.intake.timelimits import TimeLimits
from hub.printing import licensebook, printledger
from hub.printing.printledger import Answer
from hub.registry import stating
from hub.registry.trust import Trust
from hub.scanning import register
from schemas import codec, itemdetail
from schemas.catalogue import offering
from schemas.divisions import register as divisions
from schemas.envelope import Envelope
from schemas.errors import Code, YunhuobanError
from schemas.facts import differing
from schemas.leaf import ADMITTED
from schemas.lifecycle import CaseState, advance
from schemas.messages import APPLICATION, COUNTERSIGNED, HUB, SCANNABLE, Parties, concerned, party_problem
from schemas.standing import refused_for_good
from schemas.stating import STATEMENTS
from schemas.workdays.hours import beijing_day

Outcome = Literal["admitted", "refused", "parked", "duplicate", "waiting"]
FINAL: Final = ("admitted", "refused")
_RECEIVED: Final = "message.received"


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What admission decided about one message."""

    seen: Inspected
    outcome: Outcome
    problem: YunhuobanError | None = None
    """Why it is refused."""
    answer: Answer | None = None
    """The print ledger's answer to a claim."""
    recovered: Recovered | None = None
    """The earlier admission that a receipt given back after a restore proves; it is not judged by today's trust."""
    patient: bool = False
    """Parked because a restored hub may still be given the earlier steps of the case."""
    row: Literal["new", "parked", "none"] = "none"
    """Its own row in the store: to be written, there already as parked, or none: another message has the id."""

    @property
    def verdict(self) -> str:
        """What the journal says of it: an admission, or the code of the refusal."""
        return self.problem.code.code if self.problem else ADMITTED


class Admission:
    """Judges messages inside one transaction; each verdict counts for the messages after it."""

    def __init__(
        self,
        tx: Connection,
        trust: Trust,
        now: datetime,
        *,
        restoration: Restoration,
        limits: TimeLimits,
        issued: Issued | None = None,
    ) -> None:
        """`now` is the admission time of everything that is admitted or refused for the first time.

        `limits` and `issued` outlive the transaction.
        """
        self._tx = tx
        self._trust = trust
        self._now = now
        self._recall = Recall(tx, now)
        self._restoration = restoration
        self._limits = limits
        self._issued = issued or Issued()
        self._admitted: list[Envelope] = []
        """The steps and words of cases so far, which are not in the store yet."""

    def judge(self, batch: Sequence[Inspected], *, overdue: bool = False) -> list[Verdict]:
        """Judge the messages in this order; an overdue one is refused instead of parked."""
        self._recall.load(batch)
        self._issued.load(self._tx, [each.envelope for each in batch if each.envelope is not None])
        return [self._judge(each, overdue=overdue) for each in batch]

    def write(self) -> None:
        """Write what the verdicts mean for cases; the print ledger's rows are written already."""
        self._recall.write()

    def write_received(self) -> None:
        """Write receptions of messages whose own rows were written only now."""
        self._recall.write_received()

    def _judge(self, seen: Inspected, *, overdue: bool) -> Verdict:
        named = bool(seen.source) and seen.message_id != NO_ID
        before = self._recall.message(seen.source, seen.message_id) if named else None
        same = before is not None and before.envelope_sha256 == seen.sha256
        if before is not None and same and before.state != "parked":  # 10
            return Verdict(seen=seen, outcome="duplicate")
        recovered = self._restoration.recovered(seen) if named and (before is None or same) else None
        if recovered is not None and seen.envelope is not None:  # 1 to 9 were passed, which the receipt proves
            seen = replace(seen, thumbprint=recovered.thumbprint, problem=None, waits=None, verified=True)
        if seen.problem is None and not seen.verified:  # 7: revocation is unknown
            return Verdict(seen=seen, outcome="waiting")
        verdict = Verdict(seen=seen, outcome="admitted", problem=seen.problem, recovered=recovered)
        if named:
            verdict.row = "new" if before is None else "parked" if same else "none"
        if verdict.problem is None and before is not None and not same:  # 10
            verdict.problem = _refuse(refusals.OTHER_BYTES, "id", seen.message_id)
        if verdict.problem is None and recovered is not None and (final := refused_before(recovered)) is not None:
            verdict.problem, verdict.recovered = _refuse(final, "id", seen.message_id), None
        if verdict.problem is None and seen.envelope is not None:
            self._judge_envelope(seen.envelope, verdict, overdue=overdue)
        if verdict.problem is not None:
            verdict.outcome = "refused"
        if verdict.row != "none":
            self._recall.remember(seen, verdict.outcome)
        if verdict.recovered is not None and verdict.outcome in FINAL:
            self._restoration.readmitted(seen)
        return verdict

    def _judge_envelope(self, envelope: Envelope, verdict: Verdict, *, overdue: bool) -> None:
        moment = verdict.recovered.admitted_at if verdict.recovered else self._now
        try:
            if envelope.checkpoint is not None and verdict.recovered is None:
                self._issued.check(envelope.checkpoint)  # 11
            if envelope.type == COUNTERSIGNED:
                self._countersign(envelope, verdict.seen)
                return
            if envelope.destination == HUB:
                _check_payload(envelope)  # 12
            if envelope.type == SCANNABLE:
                register.take(self._tx, envelope)  # 16
                return
            if envelope.type in STATEMENTS:
                stating.take(self._tx, envelope)  # 16
                return
            if not envelope.kind.cased:
                self._restoration.take(envelope, self._now, recovered=verdict.recovered is not None)
                return
            if verdict.recovered is None:
                self._check_route(envelope)  # 11, 12
            again = carries_again(self._tx, envelope, self._recall)  # 13
            case = self._check_case(envelope, again=again)  # 13
            enclosures.check(self._tx, envelope, self._admitted)  # 13
            missing = self._check_predecessors(envelope)  # 14
            if missing and overdue:
                raise _refuse(refusals.PREDECESSOR_MISSING, missing, str(getattr(envelope, missing)))
            if missing:
                verdict.outcome = "parked"
                return
            if case is None:  # 14
                raise _refuse(refusals.CASE_UNKNOWN, "case_no", envelope.case_no)
            if again:
                self._admitted.append(envelope)
                return
            state = advance(None if envelope.kind.opens else case.state, envelope.type, envelope.facts)  # 15
            self._limits.check(self._tx, envelope, self._trust.catalogue, moment)  # 15
            if envelope.type in itemdetail.JUDGED and verdict.recovered is None:
                stating.demand_detailed(self._tx, envelope, case.parties.issuing)  # 15
            verdict.answer = self._enter_in_ledger(
                envelope, case, moment, recovered=verdict.recovered is not None
            )  # 16
        except YunhuobanError as error:
            late = error.code.code in EARLIER_STEP_MISSING
            if late and (verdict.recovered is not None or self._restoration.patient(self._now)):
                verdict.outcome, verdict.patient = "parked", True
            else:
                verdict.problem = error
        else:
            self._keep_case(envelope, case, state)

    def _countersign(self, envelope: Envelope, seen: Inspected) -> None:
        signer = self._trust.signers[seen.thumbprint].certificate
        witnessing.countersign(self._tx, envelope, certificate=signer, thumbprint=seen.thumbprint, now=self._now)

    def _check_route(self, envelope: Envelope) -> None:
        if envelope.destination != HUB:
            if self._trust.states.get(envelope.destination) != "active":
                raise self._not_a_destination(envelope.destination)
            key = envelope.encrypted_for or b""
            if not self._trust.opens(envelope.destination, key, self._now):
                raise _refuse(refusals.KEY_UNKNOWN, "encrypted_for", key.hex()[:16])
            if not self._trust.reads(envelope):
                raise _refuse(refusals.CONTRACT_NOT_READ, "dataschema", envelope.dataschema)
        if envelope.kind.opens:  # only here: what is withdrawn must not strand the cases that it opened
            self._check_offer(envelope)
            if envelope.type == APPLICATION and (shut := gate.problem(self._tx, self._trust, envelope)) is not None:
                raise shut

    def _not_a_destination(self, code: str) -> YunhuobanError:
        """Why nobody can be written to under this code: no county has it today (E-ID-003 to -005), or E-ADM-040."""
        try:
            divisions.find_county(code, beijing_day(self._now))
        except YunhuobanError as error:
            error.place = "destination"
            return error
        return _refuse(refusals.UNKNOWN_DESTINATION, "destination", code)

    def _check_offer(self, envelope: Envelope) -> None:
        """By the catalogue once there is one, before that by what the issuing county's card says."""
        view, item = self._trust.catalogue, envelope.service_item
        county = envelope.destination
        if envelope.type != APPLICATION:
            county = concerned(envelope.type, envelope.source, envelope.destination)
        if not view.filled:
            if (county, item) not in self._trust.offers:
                raise _refuse(refusals.ITEM_NOT_OFFERED, "service_item", item)
            return
        if envelope.type != APPLICATION:
            against = offering.concerning(view, service_item=item, county=county, on=beijing_day(self._now))
            if against is not None:
                raise against
            return
        facts = envelope.facts or {}
        problem = offering.problem(
            view,
            service_item=envelope.service_item,
            issuing=envelope.destination,
            window=envelope.source,
            alliance=facts["alliance"],
            mode=facts["mode"],
            material_codes=facts["material_codes"],
            on=beijing_day(self._now),
        )
        if problem is not None:
            raise problem

    def _check_predecessors(self, envelope: Envelope) -> str:
        """The field that names a message still to come, or nothing."""
        missing = ""
        for place, key, destination in predecessors(envelope):
            found: Known | None = self._recall.message(*key)
            if found is None or found.state == "parked":
                missing = missing or place
            elif found.state == "refused":
                raise _refuse(refusals.PREDECESSOR_REFUSED, place, key[1])
            elif (found.case_no, found.destination) != (envelope.case_no, destination):
                raise _refuse(refusals.PREDECESSOR_FOREIGN, place, key[1])
            elif place == "in_reply_to" and _signs_other_bytes(envelope, found):
                raise _refuse(refusals.RECEIPT_WRONG, "facts.envelope_sha256", key[1])
        if envelope.type == _RECEIVED and envelope.in_reply_to is None:
            raise _refuse(refusals.RECEIPT_WRONG, "in_reply_to", "-")
        return missing

    def _check_case(self, envelope: Envelope, *, again: bool) -> Case | None:
        """The case that is to be, or is known; None while its opening message may still be on its way."""
        case = self._recall.case(envelope.case_no)
        if envelope.kind.opens and not again:
            if case is not None:
                raise _refuse(refusals.CASE_EXISTS, "case_no", envelope.case_no)
            if not envelope.case_no.startswith(f"{envelope.source}-"):
                raise _refuse(refusals.CASE_NOT_OURS, "case_no", envelope.case_no, f"{envelope.source}-…")
            parties = Parties(window=envelope.source, issuing=envelope.destination)
            return Case(parties, envelope.service_item, envelope.trial, CaseState.SUBMITTED)
        if case is None:
            return None
        problem = party_problem(envelope.kind, envelope.source, envelope.destination, case.parties)
        if problem is not None:
            raise _refuse(problem, "type", envelope.type)
        if envelope.service_item != case.service_item:
            raise _refuse(refusals.CASE_FIELDS, "service_item", envelope.service_item, case.service_item)
        if envelope.trial != case.trial:
            raise _refuse(refusals.CASE_FIELDS, "trial", str(envelope.trial), str(case.trial))
        return case

    def _enter_in_ledger(self, envelope: Envelope, case: Case, moment: datetime, *, recovered: bool) -> Answer | None:
        facts = envelope.facts or {}
        match envelope.type:
            case "application.submitted" if not recovered:
                licensebook.demand_valid(self._tx, facts["named_licenses"], trial=envelope.trial)
            case "license.issued":
                licensebook.issued(self._tx, envelope, facts, moment)
            case "license.state_changed":
                licensebook.changed(self._tx, envelope, facts, moment)
            case "print.revoked":
                printledger.revoke(self._tx, envelope, facts, moment)
            case "case.closed" | "case.undone":
                printledger.demand_settled(self._tx, envelope.case_no)
            case "print.authorised":
                awaited = self._restoration.open and not recovered
                printledger.authorise(self._tx, envelope, facts, case.parties, moment, suspended=awaited)
            case "print.claimed":
                age = self._trust.greatest_state_age_seconds(case.parties.issuing, case.service_item)
                suspended = self._restoration.open
                if recovered and (suspended or answered(self._tx, envelope.source, envelope.id)):
                    return None  # it was answered before the restore; the station says with what, or asks again
                barred = self._trust.states.get(case.parties.issuing) != "active"
                return printledger.claim(self._tx, envelope, facts, age, self._now, suspended=suspended, barred=barred)
            case "print.settled":
                printledger.settle(self._tx, envelope, facts, moment)
        return None

    def _keep_case(self, envelope: Envelope, case: Case, state: CaseState | None) -> None:
        if envelope.kind.opens:
            self._recall.open_case(envelope.case_no, replace(case, state=state or case.state))
        elif refused_for_good(envelope):
            mine = [each for each in self._admitted if each.case_no == envelope.case_no]
            stands = take_back(self._tx, envelope, mine, case.state, self._now)
            self._recall.move_case(envelope.case_no, stands)
            gate.take_back(self._tx, envelope.case_no, stands)
        elif state is not None:
            gate.note_trial(self._tx, envelope.case_no, case, state, self._now)  # before: it asks where the case stood
            self._recall.move_case(envelope.case_no, state)
        self._admitted.append(envelope)
        if envelope.type == _RECEIVED and envelope.in_reply_to:
            self._recall.mark_received(envelope.destination, envelope.in_reply_to)


def _check_payload(envelope: Envelope) -> None:
    """What is addressed to the hub is not encrypted: it can be held against commitment and facts. Raises E-ADM-107."""
    record = codec.decode(envelope.data, envelope.kind.record)
    if hashlib.sha256(envelope.data).digest() != envelope.data_commitment:
        raise _refuse(refusals.PAYLOAD_DIFFERS, "data_commitment", "")
    fact = differing(envelope.type, envelope.facts, record)
    if fact is not None:
        raise _refuse(refusals.PAYLOAD_DIFFERS, f"facts.{fact}", "")


def _signs_other_bytes(envelope: Envelope, received: Known) -> bool:
    """Whether this is a signed *received* for other bytes than those of the message it answers."""
    return envelope.type == _RECEIVED and (envelope.facts or {}).get("envelope_sha256") != received.envelope_sha256


def _refuse(code: Code, place: str, found: str, expected: str = "") -> YunhuobanError:
    return YunhuobanError(code, place=place, found=found, expected=expected)
