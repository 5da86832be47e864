"""What each document must say: a good one passes, and each thing that the law demands is missed with its code."""

from datetime import timedelta
from typing import Any

import pytest

from schemas import documents
from schemas.errors import YunhuobanError
from schemas.messages import TYPES
from tests import county_records as of
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
}
DENIED = {"outcome": "denied", "reasons": "不符合法定条件。", "remedies": "可以申请行政复议。"}
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
