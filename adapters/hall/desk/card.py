"""The card that lies at the desk for when the power, the browser, the node or the printer fails: A5, in both languages.

What to do depends on where the authorisation stands, so the card has a row for each state of the ledger's own table
(`adapters.printing.states`); a test holds it against that table: no state is missing, and nobody is told to press what
the state does not allow. The card is read when no page can be opened, so it is printed beforehand.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from adapters.printing.states import PrintState
from pages.frame import Frame
from pages.people.permission import needs
from pages.people.person import Role
from pages.wording import LANGUAGES, say
from pages.wording import mark as _

TITLE: Final = _("打印台应急卡")
RULE: Final = _("先看这一份停在哪个状态。一份授权只出一张纸；拿不准就不要再打，先找纸。")
LOST: Final = _("页面打不开、不知道停在哪个状态：一张纸也不要打，把机里和出纸口的纸留在原处，请县信息中心来看。")


class Failure(StrEnum):
    """What has failed. A node that stops is to the sheet what a power cut is."""

    POWER = "power"
    BROWSER = "browser"
    PRINTER = "printer"


FAILURES: Final[Mapping[Failure, str]] = {
    Failure.POWER: _("停电，或县节点停了"),
    Failure.BROWSER: _("浏览器关了、死了"),
    Failure.PRINTER: _("打印机停了、断了"),
}

OPEN: Final[Mapping[PrintState, Mapping[Failure, str]]] = {
    PrintState.AUTHORISED: {
        Failure.POWER: _("没有出纸。恢复后打开这一份，按“打印”。"),
        Failure.BROWSER: _("没有出纸。重新打开打印台，按“打印”。"),
        Failure.PRINTER: _("没有出纸。先修好打印机，再按“打印”。"),
    },
    PrintState.CLAIMED: {
        Failure.POWER: _("还没有送往打印机。恢复后打开这一份，等一等；没有动静，按“再问一次中枢”，只打一张。"),
        Failure.BROWSER: _("照样会打。重新打开看状态，不要另打。"),
        Failure.PRINTER: _("没有出纸。修好打印机，按“再问一次中枢”，只打一张。"),
    },
    PrintState.PRINTING: {
        Failure.POWER: _(
            "可能已经出纸：不要再打，先找纸。恢复后系统自己问打印机；有结果后看纸，按“确认合格”或“打印作废”。"
        ),
        Failure.BROWSER: _("照样打完：不要再打。重新打开，看纸，按“确认合格”或“打印作废”。"),
        Failure.PRINTER: _("可能已经出纸：不要再打，不要取走机里的纸。修好后看纸；说不清的会变成“结果不明”。"),
    },
    PrintState.UNKNOWN: {
        Failure.POWER: _(
            "不要再打。恢复后到打印机前看纸：有纸的按“确认合格”或“打印作废”；没有出纸的，两个人登记“没有出纸”。"
        ),
        Failure.BROWSER: _("不要再打。重新打开，看纸，按“确认合格”或“打印作废”。"),
        Failure.PRINTER: _("不要再打。先在打印机上取消没打完的作业，再看纸，按“确认合格”或“打印作废”。"),
    },
}
"""By state: what to do. A press is named by the words of its button."""

ENDED: Final[Mapping[PrintState, str]] = {
    PrintState.PRINTED: _("已经办完，纸上有编号。不再打印；丢了的，报告保管人。"),
    PrintState.SPOILED: _("那张纸作废，剪角留存。属地会送来新的授权。"),
    PrintState.REVOKED: _("属地收回了授权，不打印；机里有纸的，交保管人。"),
    PrintState.EXPIRED: _("授权过期，没有出纸。请属地重新授权。"),
}


def attach(app: FastAPI, frame: Frame) -> None:
    """Add the page."""

    @app.get("/card", dependencies=[needs(Role.CLERK, Role.AUDITOR, Role.COUNTY_IT)])
    def card(request: Request) -> HTMLResponse:
        """Both languages, a sheet of A5 each."""
        words: dict[str, Any] = {
            "title": TITLE,
            "rule": RULE,
            "lost": LOST,
            "failures": FAILURES,
            "open": OPEN,
            "ended": ENDED,
        }
        return frame.page(request, "card.html", say=say, both=LANGUAGES, **words)
