"""The pages of joining: every invitation and request with its age, and for each county what to do next.

They are for everybody who looks on, and grow by themselves. Security decides on pages of its own (`hub.web.deciding`);
each step also shows the command with which it is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from hub.web.rights import LOOKING, decides
from hub.web.view import OverviewSource
from pages.frame import NOT_THERE, Frame
from pages.labels import Label
from pages.wording import mark as _
from schemas.errors import YunhuobanError


@dataclass(frozen=True, slots=True)
class Step:
    """One state as the hub's people read it."""

    label: Label
    next: str
    commands: Sequence[str] = ()
    """`{county}` is filled in; words in capitals are for the person to replace."""
    by_us: bool = False
    """Whether it waits for somebody of ours."""


_ANEW: Final = ("hub county invite {county}",)
STEPS: Final = {
    "invited": Step(
        Label(_("已邀请"), "calm", "○"),
        _("等县里交来申请。县里用加入页面的，什么也不用做；由人带来的，用 hub county request 收下。"),
        ("hub county request request.json",),
    ),
    "requested": Step(
        Label(_("等两人批准"), "wait", "…"),
        _("请两个人各自给县里打电话，号码不取自申请，请对方逐组读出县密钥指纹，照听到的输入。"),
        (
            "hub county approve {county} --by NAME --fingerprint DIGITS",
            "hub county refuse {county} --by NAME --reason TEXT",
        ),
        by_us=True,
    ),
    "approved_once": Step(
        Label(_("等第二人批准"), "wait", "…"),
        _("请另一个人也打一次电话，请对方逐组读出县密钥指纹，照听到的输入。"),
        (
            "hub county approve {county} --by NAME --fingerprint DIGITS",
            "hub county refuse {county} --by NAME --reason TEXT",
        ),
        by_us=True,
    ),
    "approved": Step(
        Label(_("已批准，等证书"), "wait", "→"),
        _("把三份证书申请交给发证机构，签发后收回来。"),
        (
            "hub county request-files {county} --out DIR",
            "certs county AUTHORITY {county} DIR",
            "hub county certificates {county} DIR",
        ),
        by_us=True,
    ),
    "answered": Step(
        Label(_("答复已备好"), "wait", "→"),
        _("县里用加入页面的会自己取走并交回登记卡；由人携带的，写出答复，再收下登记卡。"),
        ("hub county answer {county} --out answer.json", "hub county add card.json"),
    ),
    "active": Step(
        Label(_("已加入"), "good", "✓"), _("不必做什么。要停用的："), ("hub county state {county} suspended",)
    ),
    "suspended": Step(
        Label(_("已停用"), "bad", "‖"),
        _("恢复或撤销；恢复不会使已吊销的证书重新有效。"),
        ("hub county state {county} active", "hub county state {county} revoked"),
    ),
    "revoked": Step(Label(_("已撤销"), "bad", "✕"), _("要回来的，重新邀请；旧证书须已全部吊销，县里用新密钥。"), _ANEW),
    "refused": Step(Label(_("已退回"), "calm", "■"), _("县里看得到理由；改正后重新邀请。"), _ANEW),
    "expired": Step(Label(_("已过期"), "calm", "■"), _("72 小时内没有收到可以受理的申请；需要时重新邀请。"), _ANEW),
    "burnt": Step(
        Label(_("邀请已作废"), "bad", "✕"), _("五次不是凭邀请码做的，或被另一份邀请取代。请查明来源再重新邀请。"), _ANEW
    ),
}

ACTS: Final = {
    "invited": _("发出邀请"),
    "replaced": _("被另一份邀请取代"),
    "wrong code": _("来了一份不是凭邀请码做的申请"),
    "expired": _("邀请过期"),
    "checks failed": _("机器检查有问题，没有受理"),
    "requested": _("申请受理"),
    "wrong fingerprint": _("读出的指纹不符，没有批准"),
    "approved": _("批准"),
    "refused": _("退回"),
    "certificates": _("收下证书"),
    "answered": _("签好答复"),
    "activated": _("县已生效"),
}


def attach(app: FastAPI, frame: Frame, view: OverviewSource) -> None:
    """Give the two pages to the hub's application."""

    @app.get("/joining", dependencies=[LOOKING])
    def joining(request: Request) -> HTMLResponse:
        rows = sorted(view.joinings(), key=lambda row: (not STEPS[row.state].by_us, row.county))
        return frame.page(request, "list_joining.html", rows=rows, steps=STEPS, decides=decides(request))

    @app.get("/joining/{county}", dependencies=[LOOKING])
    def one(request: Request, county: str) -> HTMLResponse:
        row = view.joining(county)
        if row is None:
            raise YunhuobanError(NOT_THERE)
        return frame.page(request, "joining.html", row=row, step=STEPS[row.state], acts=ACTS, decides=decides(request))
