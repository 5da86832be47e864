"""The report of a review assembled from its opinions, as a file and as the record that names the file's digest."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from adapters.hall.revealing import showing
from adapters.hall.reviewing.progress import WORDS, Asked, Review
from pages import fieldnames
from pages.lists import reporting
from pages.lists.reporting import Opinion
from schemas import shapes
from schemas.workdays.hours import BEIJING, beijing_day

RESULTS: Final[Mapping[str, str]] = fieldnames.words(shapes.raw()["ReviewResult"])
"""Chinese, marked, by symbol."""


def file_of(
    review: Review,
    *,
    case_no: str,
    county: str,
    result: str,
    text: str,
    recordings: Sequence[Mapping[str, Any]],
    clerk: str,
    now: datetime,
) -> bytes:
    """The report as PDF. Raises E-PAGE-140, -141 or -142."""
    drawn, convened = review.drawn or {}, review.convened
    return reporting.report(
        title="云评审报告",
        subtitle=f"{case_no}　第 {review.number} 次评审　{_moment(now)}",
        made=beijing_day(now),
        facts=[
            ("评审事由", convened["subject"]),
            ("专业与类别", f"{convened['profession']}　{convened['category']}"),
            ("名单与抽取", f"{len(convened['pool'])} 人中抽取 {convened['wanted']} 人"),
            ("种子", f"检查点 {drawn['seed_size']}　{drawn['seed_root'].hex()}"),
            ("综合结论", RESULTS[result]),
            ("综合意见", text),
            ("经办", f"{county}　{clerk}"),
        ],
        opinions=[_opinion(each) for each in review.given],
        notes=[
            ("没有出具意见的专家", [f"{each.expert}　{WORDS[each.answer]}" for each in review.without] or ["无"]),
            ("存档的录音录像", [_recording(each) for each in recordings] or ["无"]),
            (
                "怎样核验",
                [
                    f"抽取：adapter review check {case_no} 或 hub review check {case_no}（规范 14.8）。",
                    "意见：每份意见是专家所在县签名的报文；用 hub proof 取其编号的存证文件，用 hub verify 离线核验。",
                    "本报告：其 SHA-256 摘要写在 review.concluded 报文里。",
                ],
            ),
        ],
        footer=f"{county}　{case_no}",
    )


def record_of(
    review: Review, *, sha256: bytes, result: str, text: str, recordings: Sequence[Mapping[str, Any]], clerk: str,
    now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """The canonical record of the conclusion."""
    return {
        "review": review.number,
        "review_result": result,
        "report_sha256": sha256,
        "opinions": [
            {"expert_no": each.expert, "result": (each.record or {})["result"], "opinion_id": each.message_id}
            for each in review.given
        ],
        "declines": [{"expert_no": each.expert, "decline_id": each.message_id or None} for each in review.without],
        "recordings": list(recordings),
        "text": text,
        "concluded_at": now,
        "clerk": clerk,
    }


def _opinion(each: Asked) -> Opinion:
    said = each.record or {}
    return Opinion(
        head=f"{each.expert}　{said['expert_name']}　{said['expert_post']}",
        result=RESULTS[said["result"]],
        text=said["text"],
        points=[
            (str(point["point"]), showing.YES if point["passed"] else showing.NO, point["note"])
            for point in said["results"]
        ],
        signature=said["signature_image"],
        signed=f"签名 {_moment(said['signed_at'])}　报文 {each.message_id}　办件编号 {each.matter_no}",
    )


def _recording(each: Mapping[str, Any]) -> str:
    digest = each["sha256"].hex()
    return (
        f"{each['name']}　{each['size_bytes']} 字节　{each['duration_seconds'] // 60} 分钟　SHA-256 {digest}　"
        f"存于 {each['kept_at']}，至 {each['kept_until']}"
    )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
