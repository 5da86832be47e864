"""Canonical records of one invented expert review (云评审), each as it is said rightly."""

from datetime import timedelta
from typing import Any, Final

from tests.around_records import TODAY, check
from tests.county_records import START


def expert(number: int) -> str:
    """One expert of the issuing county, as in a pool."""
    return f"140881-E{number:03}"


def convening(**changes: Any) -> dict[str, Any]:
    """Two of three experts are to be drawn."""
    return {
        "review": 1,
        "profession": "环境工程",
        "category": "建设项目环境影响评价",
        "regions": ["13"],
        "excluded": ["91130928MA0000001X"],
        "pool": [expert(1), expert(2), expert(3)],
        "wanted": 2,
        "subject": "某加油站环境影响报告表",
        "convened_at": START,
        "clerk": "张批准",
    } | changes


def draw(**changes: Any) -> dict[str, Any]:
    """They were drawn, and one more in reserve."""
    return {
        "review": 1,
        "seed_size": 1200,
        "seed_root": bytes(range(32)),
        "drawn": [expert(2), expert(3), expert(1)],
        "drawn_at": START,
        "clerk": "张批准",
    } | changes


def review_report(**changes: Any) -> dict[str, Any]:
    """Both have passed it."""
    return {
        "review": 1,
        "review_result": "passed",
        "report_sha256": bytes(32),
        "opinions": [reviewed(expert(2)), reviewed(expert(3))],
        "declines": [],
        "recordings": [
            {
                "name": "评审会录像",
                "sha256": bytes(range(32)),
                "size_bytes": 734003200,
                "duration_seconds": 3480,
                "kept_at": "县行政审批局档案室",
                "kept_until": TODAY + timedelta(days=3650),
            }
        ],
        "text": "原则同意。",
        "concluded_at": START,
        "clerk": "张批准",
    } | changes


def reviewed(expert_no: str, **changes: Any) -> dict[str, Any]:
    """One expert's conclusion in the report."""
    return {
        "expert_no": expert_no,
        "result": "passed",
        "opinion_id": "018f0000-0000-7000-8000-000000000001",
    } | changes


def opinion_request(**changes: Any) -> dict[str, Any]:
    """An expert of the other county is asked."""
    return {
        "expert_no": "E002",
        "convening_id": "018f0000-0000-7000-8000-000000000002",
        "subject": "某加油站环境影响报告表",
        "text": "请评审报告表的污染防治措施。",
        "questions": [{"point": 1, "text": "措施是否可行"}],
        "employers": "某能源有限公司；某环评咨询公司",
        "meets_at": START + timedelta(days=2),
        "meeting": "视频会议室 3",
        "opine_until": TODAY + timedelta(days=3),
        "asked_at": START,
        "clerk": "张批准",
    } | changes


def opinion(**changes: Any) -> dict[str, Any]:
    """It is fine."""
    return {
        "expert_name": "钱教授",
        "expert_post": "教授级高级工程师",
        "result": "passed",
        "text": "措施可行。",
        "results": [check(1)],
        "signature_image": None,
        "signed_at": START,
        "clerk": "王窗口",
    } | changes


def opinion_decline(**changes: Any) -> dict[str, Any]:
    """The expert works for whoever wrote it."""
    return {
        "decline_ground": "conflict",
        "text": "曾任编制单位顾问。",
        "declined_at": START,
        "clerk": "王窗口",
    } | changes


REVIEWS: Final = {
    "review.convened": convening(),
    "review.drawn": draw(),
    "review.concluded": review_report(),
    "opinion.asked": opinion_request(),
    "opinion.given": opinion(),
    "opinion.declined": opinion_decline(),
}
"""And of an expert review."""
