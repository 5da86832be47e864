"""The rungs between application and decision, and the ends of a case, through both counties' own systems."""

import pytest

from deploy.demo.world import WUQIAO, YONGJI
from tests.journey.handled import (
    COPIES,
    WINDOWS,
    Handled,
    finish,
    nothing_admitted,
    taken,
    trouble,
    troubles,
)  # fmt: skip
from tests.journey.road import Road, until

pytestmark = pytest.mark.timeout(400)

OUT_OF_TURN = "E-ADM-102"
MISSING = ("公司章程", "住所使用证明")
WANTED = [word for name in MISSING for word in ("--material", name)]


@pytest.mark.parametrize("window", [WUQIAO.code, pytest.param(YONGJI.code, marks=pytest.mark.long)])
def test_what_is_missing_is_added_and_the_decision_awaits_the_special_procedure(road: Road, window: str):
    """补正 once for everything, 受理, 特别程序 with what was said too early waiting for its end, 延期, 决定, paper."""
    (case,) = taken(road, window, flawed=True, by_hand=True)
    notice = case.authority("补正告知", *WANTED)
    case.until("supplement_requested")
    told = " ".join(case.told("补正告知", "补正内容"))
    assert all(word in told for word in (*MISSING, notice)), told
    case.authority("补正告知", "--material", "验资报告")  # a second notice, which the law does not know
    trouble(road, case.issuing, OUT_OF_TURN, "supplement.requested (supplement_requested)")
    case.applicant("补正材料", *WANTED)
    case.until("supplemented")

    case.authority("受理")
    case.until("accepted")
    case.authority("特别程序", "--code", "听证", "--reasons", "利害关系人要求听证。")
    case.until("special")
    case.authority("延期", "--days", "7")
    case.authority("决定")
    for kind in ("deadline.extended", "decision.made"):
        trouble(road, case.issuing, OUT_OF_TURN, f"{kind} (special)")
        assert road.types(case.case_no)[kind] == 0
    case.authority("特别程序结束", "--code", "听证", "--reasons", "听证认为可以设立。")
    finish(road, [case])

    steps = ("supplement.requested", "supplement.provided", "procedure.opened", "procedure.closed", "deadline.extended")
    road.check_once(case.case_no, copies=COPIES[window], more=dict.fromkeys(steps, 1))
    case.until("handed_over")
    case.both_know(*steps, "application.accepted", "decision.made")
    assert "听证认为可以设立" in " ".join(case.told("特别程序结束"))
    assert "延长7个工作日" in " ".join(case.told("延长期限"))
    order = road.hub("SELECT type FROM messages WHERE case_no = ? ORDER BY admitted_at", case.case_no)
    order = [row["type"] for row in order if row["type"] in ("procedure.closed", "deadline.extended", "decision.made")]
    assert order == ["procedure.closed", "deadline.extended", "decision.made"]
    left = [each for each in troubles(road, case.issuing) if "(special)" in each]
    assert left == [], "what waited has gone, and its trouble with it"
    shown = case.trace()
    for word in ("补正告知", "补正材料", "特别程序开始", "听证", "特别程序结束", "延长期限", "作出决定", "已送达"):
        assert word in shown, shown


@pytest.mark.long
def test_every_end_of_a_case_is_known_to_all(road: Road):
    """不予受理, 终止, 撤回, 办结 after a denial and after the hand-over: hub, counties and own systems agree."""
    cases = {
        (window, end): case
        for window in WINDOWS
        for end, case in zip(("不予受理", "终止", "撤回"), taken(road, window, 3, by_hand=True), strict=True)
    }
    for window in WINDOWS:
        (cases[window, "不予许可"],) = taken(road, window, flawed=True)
        (cases[window, "已发证"],) = taken(road, window)
    for (_, end), case in cases.items():
        match end:
            case "不予受理":
                case.authority("不予受理")
            case "终止":
                case.authority("受理")
                case.authority("特别程序")
                case.authority("终止")
            case "撤回":
                case.applicant("撤回", "--reasons", "改在外地设立。")
    printed = [case for (_, end), case in cases.items() if end in ("不予许可", "已发证")]
    finish(road, printed)
    for (_, end), case in cases.items():
        if end in ("不予许可", "已发证"):
            case.authority("办结", "--code", end)

    ends = {
        "不予受理": ("not_accepted", "application.not_accepted", "不予受理", ("不属于本机关职权范围", "行政复议")),
        "终止": ("terminated", "case.terminated", "已终止", ("申请人已经注销", "行政复议")),
        "撤回": ("withdrawn", "case.withdrawn", "申请人已撤回", ()),
        "不予许可": ("closed", "case.closed", "不予许可", ("不予许可",)),
        "已发证": ("closed", "case.closed", "已发证", ("已发证",)),
    }
    for (window, end), case in cases.items():
        state, kind, shown, words = ends[end]
        case.until(state)
        case.both_know(kind)
        assert len(road.sheets(case.case_no)) == (COPIES[window] if end == "已发证" else 0)
        told = " ".join(case.told("办结" if state == "closed" else end))
        assert all(word in told for word in words), told
        assert shown in case.trace()
    _nothing_comes_after_the_end(road, cases)


def _nothing_comes_after_the_end(road: Road, cases: dict[tuple[str, str], Handled]) -> None:
    """A person of the authority overlooks the end and accepts: their own desk says no, and nothing is sent."""
    for window in WINDOWS:
        for end, state in (("不予受理", "not_accepted"), ("撤回", "withdrawn")):
            case = cases[window, end]
            case.authority("受理")
            trouble(road, case.issuing, OUT_OF_TURN, f"application.accepted ({state})")
            assert road.types(case.case_no)["application.accepted"] == 0
            case.until(state)


@pytest.mark.long
def test_a_withdrawal_that_crosses_the_authoritys_step_ends_in_the_hubs_order(road: Road):
    """Each was on its way when the other was: the first at the hub stands, and only what became unlawful is refused."""
    crossed = {}
    for window in WINDOWS:
        crossed[window] = taken(road, window, 3, by_hand=True)
        crossed[window][1].authority("受理")
    for first, decided, accepted in crossed.values():
        for case in (first, accepted):
            case.until("submitted")
        decided.until("accepted")
    with nothing_admitted(road):
        for first, decided, accepted in crossed.values():
            first.applicant("撤回")
            decided.authority("决定")
            accepted.authority("受理")
            first.waits_to_be_sent(first.window, "case.withdrawn")
            decided.waits_to_be_sent(decided.issuing, "decision.made")
            accepted.waits_to_be_sent(accepted.issuing, "application.accepted")
            first.authority("受理")
            decided.applicant("撤回")
            accepted.applicant("撤回")
            first.waits_to_be_sent(first.issuing, "application.accepted")
            decided.waits_to_be_sent(decided.window, "case.withdrawn")
            accepted.waits_to_be_sent(accepted.window, "case.withdrawn")

    for first, decided, accepted in crossed.values():
        first.is_refused(first.issuing, "application.accepted", OUT_OF_TURN)
        first.both_know("case.withdrawn")
        assert first.traces(first.window)["application.accepted"] == 0
        accepted.until("withdrawn")
        accepted.both_know("application.accepted", "case.withdrawn")
        decided.is_refused(decided.window, "case.withdrawn", OUT_OF_TURN)
        assert decided.traces(decided.issuing)["case.withdrawn"] == 0
    for window, (_, decided, _) in crossed.items():
        _hand_over(road, window, decided)
    for first, decided, _ in crossed.values():
        for case, state in ((first, "withdrawn"), (decided, "handed_over")):
            for code in WINDOWS:
                (row,) = road.county(code, "SELECT state FROM cases WHERE case_no = ?", case.case_no)
                assert row["state"] == state
            assert road.state(case.case_no) == state
        assert OUT_OF_TURN in first.trace()


def _hand_over(road: Road, window: str, case: Handled) -> None:
    """Print and hand over a case one of whose messages was refused, which `Road.finish` would wait for in vain."""

    def handed_over() -> bool:
        road.windows[window].work([case.case_no])
        return road.state(case.case_no) == "handed_over" and case.traces(case.issuing)["case.handed_over"] == 1

    until(handed_over, f"{case.case_no} handed over", seconds=120)
    assert len(road.sheets(case.case_no)) == COPIES[window]
