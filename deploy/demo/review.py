"""An expert review at the demonstration: convened, drawn by a checkpoint, opined, concluded with its report.

Each county has one expert in the directory; the next checkpoint of the journal draws one of the two.
"""

import re
from datetime import UTC, datetime, timedelta

from deploy.demo.board import Steps, Wait
from deploy.demo.clerk import Clerk
from deploy.demo.pressing import heard, press, send, shown
from deploy.demo.stage import NotReadyError
from deploy.demo.world import WUQIAO, YONGJI


def play(wuqiao: Clerk, yongji: Clerk, of_a_case: Wait) -> Steps:
    """`of_a_case` brings the number of an accepted case of 永济's that both know."""
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    for clerk, code in ((wuqiao, WUQIAO.authority_code), (yongji, YONGJI.authority_code)):
        expert = {
            "expert_no": "E001", "name": "钱教授", "telephone": "13800000000", "professions": "安全工程",
            "categories": "经营场所评审", "employer_code": code, "valid_from": str(today), "valid_to": "",
        }  # fmt: skip
        press(clerk, "/stating/experts", expert)
    case = yield of_a_case
    wish = {
        "subject": "经营场所安全评审", "profession": "安全工程", "category": "经营场所评审", "regions": "",
        "excluded": "", "wanted": "1",
    }  # fmt: skip
    place = f"/reviews/{case}"
    yield Wait(words="等受理 / its acceptance", look=lambda: f"{place}/convene" in yongji.page(place))
    yield Wait(
        words="等专家库进目录 / the experts",
        look=lambda: "：2 人" in yongji.send(f"{place}/pool", data=wish).text,
    )
    send(yongji, f"{place}/convene", wish)
    yield Wait(words="等检查点抽取 / the checkpoint", look=lambda: f"{place}/1/ask" in yongji.page(place))
    question = {
        "text": "请评审经营场所的安全条件。", "points": "通道是否畅通", "meets_at": f"{today}T15:00",
        "meeting": "视频会议室 3", "opine_until": f"{today + timedelta(days=3)}",
    }  # fmt: skip
    send(yongji, f"{place}/1/ask", question)
    asked = re.search(r"([0-9]{6})-E001.*?/around/([0-9A-Z-]+)", yongji.page(place), re.DOTALL)
    if asked is None:
        raise NotReadyError(place)
    county, opinion = asked[1], asked[2]
    expert_at = wuqiao if county == WUQIAO.code else yongji
    at = f"/reviews/opinions/{opinion}"
    yield Wait(words="等专家收到 / the expert", look=lambda: at in shown(expert_at, opinion))
    given = {
        "expert_name": "钱教授", "expert_post": "教授", "result": "passed", "text": "条件具备。",
        "results.1.passed": "yes", "signed_on_paper": "yes",
    }  # fmt: skip
    press(expert_at, at, given)
    yield Wait(words="等专家意见 / the opinion", look=lambda: f"{place}/1/conclude" in yongji.page(place))
    send(yongji, f"{place}/1/conclude", {"review_result": "passed", "text": "同意。"})
    yield heard(wuqiao, case, "review.concluded", "等评审结论 / its conclusion")
    report = yongji.send(f"{place}/1/report", data={"purpose": "examine"})
    if not report.content.startswith(b"%PDF"):
        raise NotReadyError(f"{place}/1/report")
