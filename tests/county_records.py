"""Canonical records of one invented case, and a refusal of anything in it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

# The seal's process reads the real clock, so the world begins now.
START: Final = datetime.now(UTC).replace(microsecond=0)
ITEM: Final = "11140881MB0000000U4000131127004"
NAME, IDENTITY_NO, COMPANY = "䶮建国", "130928199003074516", "永济市𠮷祥商贸有限公司"


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
        "materials": [{"name": "公司章程", "copies": 1, "taken_as": "原件", "note": ""}],
        "applied_at": START - timedelta(hours=1),
        "received_at": START - timedelta(minutes=50),
        "window_no": "3",
        "clerk": "王窗口",
    } | changes


def acceptance(**changes: Any) -> dict[str, Any]:
    """A canonical acceptance."""
    return {
        "project_no": "YJ0001",
        "accept_doc_no": "永受〔2026〕1号",
        "accepted_at": START,
        "promised_on": date(2026, 12, 1),
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
    } | changes


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
