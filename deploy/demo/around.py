"""What is around a case, played through the pages of both counties: each part is a row of the screen (`board`).

A village's agent brings a case to 吴桥's window for an item of 永济 that is left to a person there, who accepts it:
papers, inspection, rating and review are about this case, the other parts about nobody's.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from deploy.demo import review
from deploy.demo.board import Row, Steps, Wait
from deploy.demo.clerk import Clerk
from deploy.demo.pressing import begun, heard, led, offered, press, say
from deploy.demo.stage import NotReadyError, Stage
from deploy.demo.world import THIRD_ITEM, WUQIAO, YONGJI

_NUMBER: Final = re.compile(r"\b[0-9]{6}-[0-9]{8}-[0-9]{6}-[0-9A-Z]\b")
_VILLAGE: Final = ("130928100201", "前王村")
_PERSON: Final = ("欧阳𠮷", "130928198501010014")
_OTHER: Final = ("上官春梅", "130928199003074511")
_PHONE: Final = "13800000000"


class Around:
    """The parts, each a generator that presses and then waits; the case that they share comes from `agent`."""

    def __init__(self, stage: Stage, wuqiao: Clerk, yongji: Clerk, scan: bytes) -> None:
        """`scan` is the paper that the agent brings."""
        self._stage, self._wuqiao, self._yongji, self._scan = stage, wuqiao, yongji, scan
        self._today = (datetime.now(UTC) + timedelta(hours=8)).date()
        self._case = ""

    def rows(self) -> Sequence[Row]:
        """In the order of the screen."""
        parts = (
            ("窗口授权", "window powers", self._powers),
            ("寄递", "a parcel", self._parcel),
            ("云踏勘", "a video inspection", self._visit),
            ("云咨询", "a question", self._question),
            ("办不成事 · 好差评", "a complaint, a rating", self._complaints),
            ("异地资格认证 · 按月清单", "alive? the month's list", self._lists),
            ("云评审", "an expert review", self._review),
            ("帮办代办", "an agent's case", self._agent),
        )
        return [Row(chinese=chinese, english=english, steps=play()) for chinese, english, play in parts]

    def _agent(self) -> Steps:
        """A village's agent brings an application; the window takes it, 永济's person accepts it."""
        code, name = _VILLAGE
        self._wuqiao.send("/agents/places", data={"code": code, "name": name})
        started = self._wuqiao.send(f"/take/items/{YONGJI.code}/{THIRD_ITEM}/start")
        draft = started.headers["HX-Redirect"]
        self._wuqiao.send(f"{draft}/fields", data={"agent.kind": "assisted"})
        self._wuqiao.fill(draft, self._scan)
        typed = {
            "agent.kind": "assisted", "agent.organisation": "前王村便民服务站", "contact_name": "李代办",
            "contact_mobile": _PHONE, "authority.document": "授权委托书 2026-18 号",
            "authority.scope": "递交材料、领取证照", "authority.valid_until": f"{self._today + timedelta(days=30)}",
            "m.authorisation.taken_as": "copy", "m.authorisation.trust": "C", "origin.channel": "village",
            "origin.code": code,
        }  # fmt: skip
        self._wuqiao.send(f"{draft}/fields", data=typed)
        page = self._wuqiao.page(led(self._wuqiao.send(f"{draft}/submit", data={"attempt": "1"})))
        number = _NUMBER.search(page)
        if number is None:
            raise NotReadyError(draft)
        case = number[0]
        yield Wait(words="等送到永济 / on its way to Yongji", look=lambda: case in self._yongji.page("/agents"))
        self._case = case
        yield Wait(words="等永济受理 / Yongji accepts it", look=lambda: self._stage.document(YONGJI.code, "受理", case))
        yield offered(self._yongji, case, "visit.offered", "等永济的节点读到 / its node reads that")

    def _powers(self) -> Steps:
        """永济 lets 吴桥's windows inform, verify and deliver for this item; it stands in the directory."""
        agreement = "吴桥县、永济市跨省通办协议（演示）"
        said = {
            "window": WUQIAO.code, "service_item": THIRD_ITEM, "powers": ["inform", "verify", "deliver"],
            "agreement": agreement, "valid_from": str(self._today), "valid_to": "",
        }  # fmt: skip
        press(self._yongji, "/stating/powers", said)
        yield Wait(
            words="等目录更新 / the directory comes", look=lambda: agreement in self._wuqiao.page("/stating/powers")
        )

    def _parcel(self) -> Steps:
        """Papers go with seal and manifest, and two persons open them."""
        case = yield self._shared()
        said = {
            "direction": "materials_out", "carrier": "邮政EMS", "waybill": "1127333445566", "payer": "sender",
            "seal_no": "F20260001", "recipient_name": "永济审批钱", "recipient_phone": _PHONE,
            "manifest.1.name": "公司章程", "manifest.1.copies": "1",
        }  # fmt: skip
        say(self._wuqiao, case, "parcel.sent", said)
        yield offered(self._yongji, case, "parcel.received", "在路上 / on its way")
        say(self._yongji, case, "parcel.received", {"seal_intact": "yes", "witnessed_by": "永济窗口赵"})
        yield heard(self._wuqiao, case, "parcel.received", "等拆封的回执 / its receipt")

    def _visit(self) -> Steps:
        """永济 offers hours, 吴桥 books one, 永济 goes through its list."""
        case = yield self._shared()
        yield offered(self._yongji, case, "visit.offered", "等受理 / its acceptance")
        day = self._today + timedelta(days=1)
        said = {
            "means": "video", "visit_place": "永济市电机大街18号", "slots.1.begins_at": f"{day}T09:00",
            "slots.1.ends_at": f"{day}T10:00", "slots.2.begins_at": f"{day}T14:00", "slots.2.ends_at": f"{day}T15:00",
            "checklist.1.text": "住所与申请一致", "checklist.2.text": "有经营场所",
        }  # fmt: skip
        say(self._yongji, case, "visit.offered", said)
        yield offered(self._wuqiao, case, "visit.booked", "等时段 / hours are offered")
        booked = {"slot_no": f"S{day:%Y%m%d}-0900", "contact_name": _PERSON[0], "contact_phone": _PHONE}
        say(self._wuqiao, case, "visit.booked", booked)
        yield offered(self._yongji, case, "visit.done", "等预约 / one is booked")
        found = {"inspector": "永济勘查王", "second_inspector": "永济勘查李"}
        found |= {"results.1.passed": "yes", "results.2.passed": "yes"}
        say(self._yongji, case, "visit.done", found)
        yield heard(self._wuqiao, case, "visit.done", "等踏勘结果 / its result")

    def _question(self) -> Steps:
        """吴桥 asks, 永济 answers and puts the answer into the guide, where every window finds it."""
        said = {"topic": "住所证明", "text": "租赁合同没有备案，可以吗？"}
        place = f"/around/new/question/{YONGJI.code}/{YONGJI.item}"
        number = begun(self._wuqiao, place, said)
        yield offered(self._yongji, number, "question.answered", "等问题送到 / the question")
        say(self._yongji, number, "question.answered", {"text": "可以，带产权证复印件。", "for_guide": "yes"})
        yield offered(self._wuqiao, number, "question.closed", "等永济答复 / the answer")
        say(self._wuqiao, number, "question.closed", {"helpful": "yes"})
        answer = {"question": "住所的租赁合同没有备案，可以吗？", "answer": "可以，请带产权证复印件。"}
        press(self._yongji, f"/stating/answers/{number}", answer)
        yield Wait(words="等进办事指南 / into the guide", look=lambda: answer["question"] in self._wuqiao.page(place))

    def _complaints(self) -> Steps:
        """What would not go is raised, answered and closed; a rating of two stars is called back about."""
        said = {"kind": "overdue", "channel": "hotline", "text": "超过承诺的日子还没有消息。"}
        number = begun(self._wuqiao, f"/around/new/appeal/{YONGJI.code}/{YONGJI.item}", said)
        yield offered(self._yongji, number, "appeal.answered", "等问题送到 / the problem")
        solved = {"appeal_result": "solved", "measures": "已联系申请人，当天办结。"}
        say(self._yongji, number, "appeal.answered", solved)
        yield offered(self._wuqiao, number, "appeal.closed", "等处理结果 / what was done")
        say(self._wuqiao, number, "appeal.closed", {"confirmed": "yes"})
        yield heard(self._yongji, number, "appeal.closed", "等了结 / its end")
        case = yield self._shared()
        rated = {"target": "issuing", "stars": "2", "text": "等得太久。", "contact_phone": _PHONE}
        say(self._wuqiao, case, "rating.given", rated)
        yield offered(self._yongji, case, "rating.followed_up", "等差评送到 / the rating")
        back = {"verified": "yes", "result": "rectified", "measures": "增派人员。", "owner": "永济审批钱"}
        say(self._yongji, case, "rating.followed_up", back)
        yield heard(self._wuqiao, case, "rating.followed_up", "等回访 / the call back")

    def _lists(self) -> Steps:
        """吴桥 asks whether somebody who lives in 永济 is alive, and has a list gone through line by line."""
        name, number = _PERSON
        person = {"person_name": name, "identity_no": number, "residence": "永济市城西街道", "benefit": "基本养老金"}
        here = f"{WUQIAO.code}/{WUQIAO.item}"
        alive = begun(
            self._wuqiao, f"/around/new/alive/{here}", {"other": YONGJI.code, **person, "reasons": "年度资格认证。"}
        )
        lines = f"{name}\t{number}\t每月 100 元\n{_OTHER[0]}\t{_OTHER[1]}\n"
        listed = begun(
            self._wuqiao,
            f"/around/new/list/{here}",
            {"other": YONGJI.code, "title": "异地居住领取待遇人员", "lines": lines},
        )
        yield offered(self._yongji, alive, "alive.answered", "等认证请求 / the request")
        say(self._yongji, alive, "alive.answered", {"result": "alive", "method": "at_home", "verifier": "永济城西孙"})
        yield offered(self._yongji, listed, "list.reconciled", "等清单 / the list")
        outcomes = {"outcomes.1.result": "matches", "outcomes.2.result": "unknown", "outcomes.2.note": "查无此人。"}
        say(self._yongji, listed, "list.reconciled", outcomes)
        yield heard(self._wuqiao, alive, "alive.answered", "等认证结论 / the answer")
        yield heard(self._wuqiao, listed, "list.reconciled", "等核对结果 / each line's outcome")

    def _review(self) -> Steps:
        """One expert of each county, drawn from by the next checkpoint."""
        yield from review.play(self._wuqiao, self._yongji, self._shared())

    def _shared(self) -> Wait:
        return Wait(words="等代办的办件 / the agent's case", look=lambda: self._case)
