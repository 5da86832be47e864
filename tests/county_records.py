"""Canonical records of one invented case, and a refusal of anything in it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

# The seal's process reads the real clock, so the world begins now.
START: Final = datetime.now(UTC).replace(microsecond=0)
ITEM: Final = "11140881MB0000000U4000131127004"
NAME, IDENTITY_NO, COMPANY = "䶮建国", "130928199003074511", "永济市𠮷祥商贸有限公司"


def application(**changes: Any) -> dict[str, Any]:
    """A canonical application of an invented person."""
    return {
        "project_no": "WQ2026112200001",
        "project_name": "公司设立",
        "service_item": ITEM,
        "applicant": {
            "name": NAME,
            "kind": "natural_person",
            "document_kind": "111",
            "document_no": IDENTITY_NO,
            "mobile": "",
        },
        "contact_name": NAME,
        "contact_mobile": "",
        "registration": {
            "enterprise_name": COMPANY,
            "enterprise_kind": "有限责任公司",
            "legal_representative": NAME,
            "legal_representative_document_no": IDENTITY_NO,
            "registered_capital_fen": 100_000_000,
            "address": "山西省运城市永济市河东大道 18 号",
            "business_scope": "日用百货零售。",
        },
        "materials": [material("公司章程")],
        "applied_at": START - timedelta(hours=1),
        "received_at": START - timedelta(minutes=50),
        "window_no": "3",
        "clerk": "王窗口",
        "mode": "relayed",
        "alliance": "",
        **dict.fromkeys(
            ("food", "drug", "performance", "residence", "elder", "intake", "window_acceptance", "once_notice")
        ),
        "files": [],
    } | changes


def material(name: str, **changes: Any) -> dict[str, Any]:
    """One material, an original of which nobody said what it is worth unless changed."""
    return {
        "name": name, "copies": 1, "taken_as": "原件", "note": "", "code": None, "trust": None, "compared_by": None,
        "compared_at": None, "named_license": None, "annotation": None,
    } | changes  # fmt: skip


def acceptance(**changes: Any) -> dict[str, Any]:
    """A canonical acceptance."""
    return {
        "project_no": "YJ0001",
        "accept_doc_no": "永受〔2026〕1号",
        "accepted_at": START,
        "promised_on": (START + timedelta(days=10)).date(),
        "clerk": "李受理",
    } | changes


def decision(**changes: Any) -> dict[str, Any]:
    """A canonical decision, granted unless changed."""
    return {
        "decision_no": "永准〔2026〕1号",
        "outcome": "granted",
        "decided_at": START - timedelta(minutes=1),
        "reasons": "",
        "remedies": "",
        "approver": "张批准",
        "approver_no": "A01",
        "license_number": "91140881MA0000000X",
        "established_on": None,
        "renews": None,
        "valid_until": None,
    } | changes


def supplement_request(**changes: Any) -> dict[str, Any]:
    """A canonical request for everything that is missing, told at once."""
    return {
        "notice_no": "永补〔2026〕1号",
        "requested_at": START,
        "defects": [
            {"material_code": "01", "material": "公司章程", "problem": "第三页没有签名。", "remedy": "请补签。"},
            {"material_code": None, "material": "住所证明", "problem": "没有提交。", "remedy": "请提交复印件一份。"},
        ],
        "supply_until": (START + timedelta(days=30)).date(),
        "clerk": "李受理",
    } | changes


def supplement(**changes: Any) -> dict[str, Any]:
    """A canonical supplement to that request."""
    return {
        "notice_no": "永补〔2026〕1号",
        "materials": [
            material("公司章程", note="已补签", code="01"),
            material("住所证明", taken_as="复印件"),
        ],
        "note": "",
        "supplied_at": START,
        "window_no": "3",
        "clerk": "王窗口",
        "files": [],
    } | changes


def non_acceptance(**changes: Any) -> dict[str, Any]:
    """A canonical refusal to accept, with reasons and remedies."""
    return {
        "decision_no": "永不受〔2026〕1号",
        "ground": "not_competent",
        "decided_at": START,
        "reasons": "该事项依法不属于本机关职权范围。",
        "remedies": "可以在六十日内向永济市人民政府申请行政复议。",
        "clerk": "李受理",
    } | changes


def review_step(**changes: Any) -> dict[str, Any]:
    """A canonical step of the examination, the first review unless changed."""
    return {"stage": "first_review", "finished_at": START, "explanation": "", "clerk": "赵审查"} | changes


def special_procedure(**changes: Any) -> dict[str, Any]:
    """A canonical opening of a special procedure, an inspection unless changed."""
    return {
        "procedure": "inspection",
        "notice_no": "永特〔2026〕1号",
        "opened_at": START,
        "expected_until": (START + timedelta(days=20)).date(),
        "reasons": "经营场所需要现场检验。",
        "clerk": "赵审查",
    } | changes


def procedure_result(**changes: Any) -> dict[str, Any]:
    """A canonical end of that special procedure."""
    return {"procedure": "inspection", "closed_at": START, "result": "检验合格。", "clerk": "赵审查"} | changes


def extension(**changes: Any) -> dict[str, Any]:
    """A canonical extension of the time limit by five working days."""
    return {
        "notice_no": "永延〔2026〕1号",
        "extended_days": 5,
        "promised_on": (START + timedelta(days=20)).date(),
        "extended_at": START,
        "reasons": "情况复杂，需要核实。",
        "approver": "张批准",
        "approver_no": "A01",
    } | changes


def withdrawal(**changes: Any) -> dict[str, Any]:
    """A canonical withdrawal by the applicant."""
    return {"withdrawn_at": START, "reasons": "不再设立。", "recipient": NAME, "clerk": "王窗口"} | changes


def termination(**changes: Any) -> dict[str, Any]:
    """A canonical end without a decision."""
    return {
        "decision_no": "永终〔2026〕1号",
        "cause": "applicant_gone",
        "terminated_at": START,
        "reasons": "申请人已经注销。",
        "remedies": "可以在六十日内向永济市人民政府申请行政复议。",
        "clerk": "李受理",
    } | changes


def license_state_change(**changes: Any) -> dict[str, Any]:
    """A canonical change of a license's state, revoked unless changed."""
    return {
        "license_identifier": "x",
        "license_state": "revoked",
        "changed_at": START,
        "document_no": "永撤〔2026〕1号",
        "reasons": "登记材料不实。",
        "successor": None,
        "approver": "张批准",
        "approver_no": "A01",
    } | changes


def print_revocation(**changes: Any) -> dict[str, Any]:
    """A canonical revocation of an authorisation to print."""
    return {"authorisation_no": "x", "revoked_at": START, "reasons": "登记内容有误。", "clerk": "李受理"} | changes


def closing(**changes: Any) -> dict[str, Any]:
    """A canonical closing, with a license unless changed."""
    return {"result": "licensed", "closed_at": START, "clerk": "李受理"} | changes


def hand_over(**changes: Any) -> dict[str, Any]:
    """A canonical hand-over."""
    return {
        "license_identifier": "x",
        "handed_over_at": START,
        "method": "in_person",
        "recipient": NAME,
        "waybill": "",
        "clerk": "王窗口",
    } | changes


def refusal(message_id: str, *, code: str = "E-ADM-102", field: str = "type", now: datetime = START) -> dict[str, Any]:
    """A refusal's record."""
    return {
        "message_id": message_id, "code": code, "field": field, "found": "x", "expected": "y",
        "sentence_zh": "不行。", "remedy_zh": "请改。", "sentence_en": "No.", "remedy_en": "Change it.",
        "refused_at": now,
    }  # fmt: skip
