"""Two groups at the demonstration: a bundle whose second part waits for the first, and joint cases of which one fails.

永济 states the bundle at its page; the clerk in 吴桥 opens both groups with one form each. The second item is left to a
person in 永济's own system, who grants it in the bundle and does not accept it in the joint group: then the node asks
永济 to undo what was granted there, and 永济 answers at its page.
"""

import re
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from deploy.demo.clerk import Clerk
from deploy.demo.stage import NotReadyError, Stage
from deploy.demo.world import SECOND_ITEM, YONGJI

_Found = TypeVar("_Found")
_PATIENCE_SECONDS: Final = 60.0
"""What is around a case is played beside it."""
_LOOK_SECONDS: Final = 0.1
_BUNDLE: Final = "KBSC"
_CASE: Final = re.compile(r'id="part-(\d+)".*?</li>', re.DOTALL)
_NUMBER: Final = re.compile(r'/around/([0-9A-Z-]+)"')


def state_bundle(yongji: Clerk) -> None:
    """永济 states what two of its authorities handle as one."""
    yongji.send(
        "/stating/bundles",
        data=_pressed(
            bundle=_BUNDLE, name="开办商贸公司一件事", item=[YONGJI.item, SECOND_ITEM], after=["", "1"], visits="1",
            steps="3", limit_days="5", valid_from=str((datetime.now(UTC) + timedelta(hours=8)).date()), valid_to="",
        ),
    )  # fmt: skip


def show(stage: Stage, wuqiao: Clerk, yongji: Clerk, scan: bytes, say: Callable[[str], None]) -> None:
    """Play both. Raises NotReadyError when something does not come."""
    started = time.monotonic()
    chosen = [f"{YONGJI.code}/{YONGJI.item}", f"{YONGJI.code}/{SECOND_ITEM}"]
    joint = _opened(wuqiao, "/groups/joint", {"chosen": chosen}, "all", scan)
    _until(lambda: _BUNDLE in wuqiao.page("/groups/bundles"), "bundle")
    bundle = _opened(wuqiao, "/groups/bundles", {"county": YONGJI.code, "bundle": _BUNDLE}, "each", scan)
    second = _until(lambda: _case(wuqiao, bundle, 2), "second part")
    say("一件事：一张表；第一部分准予后，第二部分自动送出 / bundle: the second part went once the first was granted")
    _until(lambda: stage.document(YONGJI.code, "受理", second), "accepted")
    _until(lambda: stage.document(YONGJI.code, "决定", second), "decided")
    _until(lambda: "全部办成" in wuqiao.page(f"/groups/{bundle}"), "whole")
    say(f"一件事全部办成 / all granted: {bundle}")
    first = _until(lambda: _case(wuqiao, joint, 1), "first part")
    failing = _until(lambda: _case(wuqiao, joint, 2), "second part")
    _until(lambda: "已制证" in wuqiao.page(f"/groups/{joint}"), "granted")
    _until(lambda: stage.document(YONGJI.code, "不予受理", failing), "not accepted")
    _until(lambda: "请属地撤销决定" in wuqiao.page(f"/groups/{joint}"), "undo requested")
    say("多地联办：一部分不予受理，节点请属地撤销另一部分 / joint: one part failed, the other is to be undone")
    _until(lambda: _undone(yongji, first), "answer")
    _until(lambda: "没有办成" in wuqiao.page(f"/groups/{joint}"), "undone")
    say(f"两组用时 {time.monotonic() - started:.1f} 秒 / two groups: /groups/{bundle}, /groups/{joint}")


def _opened(clerk: Clerk, place: str, said: dict[str, Any], choice: str, scan: bytes) -> str:
    """A group that was begun, filled in and sent; returns its number."""
    form = clerk.send(place, data=said).headers["HX-Redirect"]
    draft = re.search(r"/take/drafts/[0-9a-f-]+", clerk.page(form))
    if draft is None:
        raise NotReadyError(form)
    clerk.fill(draft[0], scan)
    number = str(form.split("/")[2])
    clerk.send(f"/groups/{number}/submit", data={"choice": choice})
    return number


def _case(clerk: Clerk, number: str, part: int) -> str:
    """The case of a part; empty while it waits."""
    for each in _CASE.finditer(clerk.page(f"/groups/{number}")):
        found = _NUMBER.search(each[0])
        if int(each[1]) == part and found is not None:
            return found[1]
    return ""


def _undone(clerk: Clerk, case_no: str) -> bool:
    """永济 answers that it takes back what it granted, once it was asked."""
    place = f"/around/{case_no}/case.undone"
    if "case.undone" not in clerk.page(f"/around/{case_no}"):
        return False
    said = _pressed(
        undo_outcome="undone", decision_no="永撤〔2026〕1号", reasons="应申请人的选择撤销。", approver="永济批准孙"
    )
    return "HX-Redirect" in clerk.send(place, data=said).headers


def _pressed(**said: Any) -> dict[str, Any]:
    return {"action_id": str(uuid.uuid4()), **said}


def _until(look: Callable[[], _Found], what: str) -> _Found:
    """What was waited for, as soon as it is there. Raises NotReadyError."""
    ends = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        time.sleep(_LOOK_SECONDS)
    raise NotReadyError(f"groups: {what}")
