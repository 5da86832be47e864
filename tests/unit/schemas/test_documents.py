"""What each document must say: a good one passes, and each thing that the law demands is missed with its code."""

from datetime import timedelta
from typing import Any

import pytest

from schemas import documents
from schemas.errors import YunhuobanError
from schemas.messages import TYPES
from tests import around_records as beside
from tests import county_records as of
from tests import review_records
from tests.county_records import START

DAY_BEFORE = (START - timedelta(days=2)).date()
GOOD = {
    "application.submitted": of.application(),
    "supplement.requested": of.supplement_request(),
    "supplement.provided": of.supplement(),
    "application.not_accepted": of.non_acceptance(),
    "application.accepted": of.acceptance(),
    "review.advanced": of.review_step(),
    "procedure.opened": of.special_procedure(),
    "procedure.closed": of.procedure_result(),
    "deadline.extended": of.extension(),
    "decision.made": of.decision(),
    "case.withdrawn": of.withdrawal(),
    "case.terminated": of.termination(),
    "license.state_changed": of.license_state_change(),
    "print.revoked": of.print_revocation(),
    "case.handed_over": of.hand_over(),
    "case.closed": of.closing(),
    **beside.GOOD,
    **review_records.REVIEWS,
}
DENIED = {"outcome": "denied", "reasons": "不符合法定条件。", "remedies": "可以申请行政复议。"}
NAMED = {
    "license_identifier": "1.2.156.3005.2.1", "license_name": "营业执照", "issuing_county": "140881",
    "checked_at": START,
}  # fmt: skip
ANNOTATED = {
    "license_identifier": "1.2.156.3005.2.1", "purpose": "办理食品经营许可", "maker": "吴桥县行政审批局",
    "made_at": START, "valid_until": START.date(),
}  # fmt: skip
AUTHORITY = {"agent_name": "孙代办", "document": "授权委托书", "scope": "公司设立", "valid_until": START.date()}
OPINION = review_records.reviewed(review_records.expert(2))
DEFECT = {"material_code": None, "material": "公司章程", "problem": "没有签名。", "remedy": "请补签。"}
WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("application.not_accepted", {"reasons": " "}, "E-DOC-001", "reasons"),
    ("procedure.opened", {"reasons": ""}, "E-DOC-001", "reasons"),
    ("deadline.extended", {"reasons": ""}, "E-DOC-001", "reasons"),
    ("decision.made", {**DENIED, "reasons": ""}, "E-DOC-001", "reasons"),
    ("case.terminated", {"reasons": ""}, "E-DOC-001", "reasons"),
    ("license.state_changed", {"reasons": ""}, "E-DOC-001", "reasons"),
    ("print.revoked", {"reasons": ""}, "E-DOC-001", "reasons"),
    ("application.not_accepted", {"remedies": ""}, "E-DOC-002", "remedies"),
    ("decision.made", {**DENIED, "remedies": ""}, "E-DOC-002", "remedies"),
    ("case.terminated", {"remedies": ""}, "E-DOC-002", "remedies"),
    ("supplement.requested", {"defects": []}, "E-DOC-003", "defects"),
    ("supplement.requested", {"defects": [DEFECT, {**DEFECT, "remedy": ""}]}, "E-DOC-003", "defects[2].remedy"),
    ("supplement.requested", {"defects": [{**DEFECT, "problem": ""}]}, "E-DOC-003", "defects[1].problem"),
    ("supplement.requested", {"notice_no": ""}, "E-DOC-004", "notice_no"),
    ("application.accepted", {"accept_doc_no": ""}, "E-DOC-004", "accept_doc_no"),
    ("decision.made", {"decision_no": ""}, "E-DOC-004", "decision_no"),
    ("supplement.requested", {"supply_until": DAY_BEFORE}, "E-DOC-005", "supply_until"),
    ("application.accepted", {"promised_on": DAY_BEFORE}, "E-DOC-005", "promised_on"),
    ("procedure.opened", {"expected_until": DAY_BEFORE}, "E-DOC-005", "expected_until"),
    ("deadline.extended", {"promised_on": DAY_BEFORE}, "E-DOC-005", "promised_on"),
    ("deadline.extended", {"extended_days": 0}, "E-DOC-006", "extended_days"),
    ("deadline.extended", {"extended_days": 11}, "E-DOC-006", "extended_days"),
    ("deadline.extended", {"approver": ""}, "E-DOC-007", "approver"),
    ("decision.made", {"approver": ""}, "E-DOC-007", "approver"),
    ("license.state_changed", {"license_state": "superseded"}, "E-DOC-008", "successor"),
    ("license.state_changed", {"successor": "1.2.156.3005.2"}, "E-DOC-008", "successor"),
    ("supplement.provided", {"materials": [], "note": " "}, "E-DOC-009", "materials"),
    ("procedure.closed", {"result": ""}, "E-DOC-010", "result"),
    ("parcel.sent", {"manifest": []}, "E-DOC-011", "manifest"),
    ("parcel.sent", {"manifest": [{"name": "公司章程", "copies": 0, "note": ""}]}, "E-DOC-011", "manifest[1]"),
    ("parcel.sent", {"waybill": " "}, "E-DOC-012", "waybill"),
    ("parcel.sent", {"seal_no": ""}, "E-DOC-012", "seal_no"),
    ("parcel.received", {"witnessed_by": ""}, "E-DOC-013", "witnessed_by"),
    ("parcel.received", {"witnessed_by": "李审批 "}, "E-DOC-013", "witnessed_by"),
    ("visit.done", {"second_inspector": "张批准"}, "E-DOC-013", "second_inspector"),
    ("parcel.received", {"matches": False}, "E-DOC-014", "matches"),
    (
        "parcel.received",
        {"mismatches": [{"name": "公司章程", "problem": "missing", "note": ""}]},
        "E-DOC-014",
        "matches",
    ),
    ("visit.offered", {"slots": []}, "E-DOC-015", "slots"),
    ("visit.offered", {"slots": [beside.slot("S1", START), beside.slot("S1", START)]}, "E-DOC-015", "slots"),
    ("visit.offered", {"checklist": []}, "E-DOC-015", "checklist"),
    ("visit.offered", {"slots": [{**beside.slot("S1", START), "ends_at": START}]}, "E-DOC-005", "slots[1].ends_at"),
    ("visit.done", {"passed": False}, "E-DOC-016", "passed"),
    ("visit.done", {"results": [beside.check(1), beside.check(1)]}, "E-DOC-016", "results"),
    ("visit.done", {"results": [beside.check(1, passed=False)]}, "E-DOC-016", "results[1].note"),
    ("rating.given", {"stars": 0}, "E-DOC-017", "stars"),
    ("rating.given", {"stars": 6}, "E-DOC-017", "stars"),
    ("question.asked", {"text": " "}, "E-DOC-018", "text"),
    ("appeal.answered", {"measures": ""}, "E-DOC-018", "measures"),
    ("appeal.escalated", {"to_name": ""}, "E-DOC-019", "to_name"),
    ("alive.requested", {"person_name": ""}, "E-DOC-019", "person_name"),
    ("appeal.escalated", {"level": 6}, "E-DOC-020", "level"),
    ("list.published", {"count": 3}, "E-DOC-021", "count"),
    ("list.published", {"lines": [beside.line(1), beside.line(1)]}, "E-DOC-021", "lines"),
    ("list.reconciled", {"differing": 0}, "E-DOC-021", "differing"),
    ("list.published", {"month": 13}, "E-DOC-022", "month"),
    ("list.published", {"year": 26}, "E-DOC-022", "year"),
    ("visit.booked", {"visit": 0}, "E-DOC-023", "visit"),
    ("appeal.returned", {"redo_until": DAY_BEFORE}, "E-DOC-005", "redo_until"),
    ("group.joined", {"part": 3}, "E-DOC-024", "part"),
    ("group.joined", {"parts": 1}, "E-DOC-024", "part"),
    ("case.undone", {"approver": ""}, "E-DOC-019", "approver"),
    ("review.convened", {"pool": [review_records.expert(2), review_records.expert(1)]}, "E-DOC-025", "pool"),
    ("review.convened", {"pool": ["E001", "E002", "E003"]}, "E-DOC-025", "pool"),
    ("review.convened", {"wanted": 4}, "E-DOC-025", "wanted"),
    ("review.concluded", {"opinions": []}, "E-DOC-026", "opinions"),
    (
        "review.concluded",
        {"opinions": [review_records.reviewed(review_records.expert(2))] * 2},
        "E-DOC-026",
        "opinions",
    ),
    (
        "application.submitted",
        {"materials": [of.material("营业执照", named_license=NAMED | {"license_identifier": ""})]},
        "E-DOC-027",
        "materials[1].named_license",
    ),
    (
        "application.submitted",
        {"materials": [of.material("营业执照", annotation=ANNOTATED | {"purpose": " "})]},
        "E-DOC-027",
        "materials[1].annotation",
    ),
    (
        "application.submitted",
        {"materials": [of.material("营业执照", annotation=ANNOTATED | {"valid_until": DAY_BEFORE})]},
        "E-DOC-035",
        "materials[1].annotation.valid_until",
    ),
    (
        "supplement.provided",
        {"materials": [of.material("营业执照", named_license=NAMED | {"issuing_county": ""})]},
        "E-DOC-027",
        "materials[1].named_license",
    ),
    (
        "supplement.provided",
        {"materials": [of.material("营业执照", annotation=ANNOTATED | {"valid_until": DAY_BEFORE})]},
        "E-DOC-035",
        "materials[1].annotation.valid_until",
    ),
    ("application.submitted", {"intake": {"authority": AUTHORITY | {"document": ""}}}, "E-DOC-028", "intake.authority"),
    ("question.asked", {"answer_until": DAY_BEFORE}, "E-DOC-005", "answer_until"),
    ("question.continued", {"further_until": DAY_BEFORE}, "E-DOC-005", "further_until"),
    ("alive.requested", {"verify_until": DAY_BEFORE}, "E-DOC-005", "verify_until"),
]


@pytest.mark.parametrize("kind", GOOD)
def test_a_whole_document_passes(kind: str) -> None:
    """Nothing is demanded that a lawful document does not say; every type that demands something is here."""
    assert documents.demand(kind, GOOD[kind]) is None
    assert documents._DEMANDS.keys() <= GOOD.keys() <= TYPES.keys()


@pytest.mark.parametrize(("kind", "changes", "code", "place"), WRONG)
def test_what_is_missing_is_named(kind: str, changes: dict[str, Any], code: str, place: str) -> None:
    """By its code and its field, whatever else is there."""
    with pytest.raises(YunhuobanError) as caught:
        documents.demand(kind, GOOD[kind] | changes)
    assert (caught.value.code.code, caught.value.place) == (code, place)


def test_a_grant_needs_no_reasons() -> None:
    """Only a denial owes reasons and remedies."""
    documents.demand("decision.made", of.decision(reasons="", remedies=""))
    documents.demand("supplement.provided", of.supplement(materials=[], note="已说明"))
