"""Canonical records around and beside one invented case, each as it is said rightly."""

from datetime import timedelta
from typing import Any, Final

from tests.county_records import NAME, START

TODAY: Final = (START + timedelta(hours=8)).date()
SLOT, LATER_SLOT = "S20261130-0900", "S20261130-1500"


def parcel(**changes: Any) -> dict[str, Any]:
    """Papers on their way to the authority."""
    return {
        "parcel": 1,
        "direction": "materials_out",
        "carrier": "邮政EMS",
        "waybill": "1127333445566",
        "payer": "sender",
        "seal_no": "F20261126-01",
        "manifest": [{"name": "公司章程", "copies": 1, "note": "原件"}, {"name": "住所证明", "copies": 2, "note": ""}],
        "recipient_name": "李审批",
        "recipient_phone": "13800000000",
        "sent_at": START,
        "clerk": "王窗口",
    } | changes


def parcel_receipt(**changes: Any) -> dict[str, Any]:
    """They arrived as listed."""
    return {
        "parcel": 1,
        "received_at": START,
        "seal_intact": True,
        "matches": True,
        "mismatches": [],
        "opened_by": "李审批",
        "witnessed_by": "赵在场",
    } | changes


def visit_offer(**changes: Any) -> dict[str, Any]:
    """Two slots and two points to check."""
    begins = START + timedelta(days=3)
    return {
        "visit": 1,
        "means": "video",
        "visit_place": "永济市河东大道 18 号",
        "slots": [slot(SLOT, begins), slot(LATER_SLOT, begins + timedelta(hours=6))],
        "checklist": [{"point": 1, "text": "经营场所与申请一致"}, {"point": 2, "text": "设施与布局图一致"}],
        "pauses": False,
        "offered_at": START,
        "clerk": "张批准",
    } | changes


def slot(number: str, begins_at: Any) -> dict[str, Any]:
    """An hour that can be booked."""
    return {"slot_no": number, "begins_at": begins_at, "ends_at": begins_at + timedelta(hours=1)}


def visit_booking(**changes: Any) -> dict[str, Any]:
    """The first slot."""
    return {
        "visit": 1,
        "slot_no": SLOT,
        "contact_name": NAME,
        "contact_phone": "13900000000",
        "booked_at": START,
        "clerk": "王窗口",
    } | changes


def visit_result(**changes: Any) -> dict[str, Any]:
    """Both points passed."""
    return {
        "visit": 1,
        "done_at": START,
        "passed": True,
        "results": [check(1), check(2)],
        "inspector": "张批准",
        "second_inspector": "李审批",
    } | changes


def check(point: int, **changes: Any) -> dict[str, Any]:
    """One point that was looked at."""
    return {"point": point, "passed": True, "note": "", "evidence_sha256": None} | changes


def rating(**changes: Any) -> dict[str, Any]:
    """Somebody is not content with the authority."""
    return {
        "target": "issuing",
        "stars": 2,
        "text": "等得太久。",
        "contact_phone": "13900000000",
        "rated_at": START,
        "clerk": "王窗口",
    } | changes


def follow_up(**changes: Any) -> dict[str, Any]:
    """And was called back."""
    return {
        "target": "issuing",
        "called_back_at": START,
        "verified": True,
        "result": "rectified",
        "measures": "已增派人员，当日办结。",
        "owner": "张批准",
    } | changes


def reminder(**changes: Any) -> dict[str, Any]:
    """A license is about to expire."""
    return {
        "license_identifier": "1.2.156.3005.2.11100000MB03271699001.11140881MB0000000U.20261122000017.001.G",
        "valid_until": TODAY + timedelta(days=30),
        "text": "请在到期前三十日申请延续。",
        "reminded_at": START,
        "clerk": "张批准",
    } | changes


def question(**changes: Any) -> dict[str, Any]:
    """A question about an item of the other county."""
    return {
        "topic": "住所证明",
        "text": "租赁合同没有备案，可以作住所证明吗？",
        "about_case": None,
        "asked_at": START,
        "answer_until": TODAY + timedelta(days=1),
        "asked_by": "王窗口",
    } | changes


def answer(**changes: Any) -> dict[str, Any]:
    """It may."""
    return {
        "text": "可以，另附房屋权属证明复印件。",
        "telephone": "0359-0000000",
        "for_guide": True,
        "answered_at": START,
        "answered_by": "张批准",
    } | changes


def further_question(**changes: Any) -> dict[str, Any]:
    """One more thing."""
    return {
        "text": "复印件需要签字吗？",
        "asked_at": START,
        "further_until": TODAY + timedelta(days=1),
        "asked_by": "王窗口",
    } | changes


def question_closing(**changes: Any) -> dict[str, Any]:
    """Thank you."""
    return {"helpful": True, "closed_at": START, "clerk": "王窗口"} | changes


def appeal(**changes: Any) -> dict[str, Any]:
    """Somebody was asked twice for the same paper."""
    return {
        "kind": "asked_again",
        "channel": "hotline",
        "text": "同一份材料要了两次。",
        "person_name": NAME,
        "person_phone": "13900000000",
        "about_case": None,
        "raised_at": START,
        "answer_until": TODAY + timedelta(days=5),
        "clerk": "王窗口",
    } | changes


def escalation(**changes: Any) -> dict[str, Any]:
    """Nobody answered."""
    return {
        "level": 1,
        "to_name": "钱局长",
        "to_post": "局长",
        "reasons": "五日内没有答复。",
        "escalated_at": START,
        "answer_until": TODAY + timedelta(days=2),
    } | changes


def appeal_answer(**changes: Any) -> dict[str, Any]:
    """What was done."""
    return {
        "appeal_result": "solved",
        "measures": "已取回材料，不再另要。",
        "answered_at": START,
        "answered_by": "钱局长",
    } | changes


def appeal_return(**changes: Any) -> dict[str, Any]:
    """It will not do."""
    return {
        "reasons": "仍要求再交一次。",
        "returned_at": START,
        "redo_until": TODAY + timedelta(days=2),
        "clerk": "王窗口",
    } | changes


def appeal_closing(**changes: Any) -> dict[str, Any]:
    """It will do."""
    return {"confirmed": True, "note": "满意。", "closed_at": START, "clerk": "王窗口"} | changes


def alive_request(**changes: Any) -> dict[str, Any]:
    """Is this person alive, who draws a pension here and lives there."""
    return {
        "person_name": NAME,
        "identity_no": "130928199003074511",
        "residence": "山西省运城市永济市",
        "benefit": "城乡居民养老保险待遇",
        "reasons": "年度资格认证。",
        "requested_at": START,
        "verify_until": TODAY + timedelta(days=15),
        "clerk": "王窗口",
    } | changes


def alive_answer(**changes: Any) -> dict[str, Any]:
    """Seen at home."""
    return {
        "result": "alive",
        "method": "at_home",
        "note": "",
        "verified_at": START,
        "verifier": "孙网格",
    } | changes


def monthly_list(**changes: Any) -> dict[str, Any]:
    """Two lines."""
    return {
        "title": "高龄补贴发放名单",
        "year": 2026,
        "month": 11,
        "count": 2,
        "lines": [line(1), line(2)],
        "published_at": START,
        "answer_until": TODAY + timedelta(days=10),
        "clerk": "王窗口",
    } | changes


def line(number: int) -> dict[str, Any]:
    """A person of a list."""
    return {"line": number, "person_name": NAME, "identity_no": "130928199003074511", "text": "每月 100 元"}


def reconciliation(**changes: Any) -> dict[str, Any]:
    """One of them is unknown."""
    return {
        "count": 2,
        "differing": 1,
        "outcomes": [outcome(1), outcome(2, result="unknown", note="已迁出")],
        "reconciled_at": START,
        "checked_by": "李核对",
    } | changes


def outcome(number: int, **changes: Any) -> dict[str, Any]:
    """A line that matches unless changed."""
    return {"line": number, "result": "matches", "note": ""} | changes


def group_part(**changes: Any) -> dict[str, Any]:
    """The first of two."""
    return {
        "group_no": "130928-20261122-000017-7",
        "group_kind": "joint",
        "part": 1,
        "parts": 2,
        "all_or_none": True,
        "joined_at": START,
        "bundle": None,
        "clerk": "王窗口",
    } | changes


def undo_request(**changes: Any) -> dict[str, Any]:
    """The other part was denied."""
    return {
        "failed_case": "130928-20261122-000017-7",
        "reasons": "同组的另一部分不予许可。",
        "requested_at": START,
        "clerk": "王窗口",
    } | changes


def undo_result(**changes: Any) -> dict[str, Any]:
    """It is taken back."""
    return {
        "undo_outcome": "undone",
        "decision_no": "永撤〔2026〕1号",
        "reasons": "应申请人的选择撤销。",
        "approver": "张批准",
        "answered_at": START,
    } | changes


GOOD: Final = {
    "group.joined": group_part(),
    "case.undo_requested": undo_request(),
    "case.undone": undo_result(),
    "parcel.sent": parcel(),
    "parcel.received": parcel_receipt(),
    "visit.offered": visit_offer(),
    "visit.booked": visit_booking(),
    "visit.done": visit_result(),
    "rating.given": rating(),
    "rating.followed_up": follow_up(),
    "license.expiring": reminder(),
    "question.asked": question(),
    "question.answered": answer(),
    "question.continued": further_question(),
    "question.closed": question_closing(),
    "appeal.raised": appeal(),
    "appeal.escalated": escalation(),
    "appeal.returned": appeal_return(),
    "appeal.answered": appeal_answer(),
    "appeal.closed": appeal_closing(),
    "alive.requested": alive_request(),
    "alive.answered": alive_answer(),
    "list.published": monthly_list(),
    "list.reconciled": reconciliation(),
}
"""One of each that a form on the pages of `around` says."""
