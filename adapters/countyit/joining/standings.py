"""Where a county stands with its hub, in the county's words: what happened, and who has to do what next. Pure."""

from dataclasses import dataclass
from typing import Final

from adapters.countyit.joining.memory import Joining
from pages.labels import Label
from pages.wording import mark as _
from schemas.errors import YunhuobanError
from schemas.joining.wire import Told


@dataclass(frozen=True, slots=True)
class Standing:
    """One state as the county reads it."""

    label: Label
    next: str


STANDINGS: Final = {
    "invited": Standing(
        Label(_("申请有问题，中枢没有受理"), "bad", "✕"),
        _("请照各条改正 county.toml，再用同一份邀请运行 adapter join。"),
    ),
    "requested": Standing(
        Label(_("申请已交，等两个人批准"), "wait", "…"),
        _("中枢的两个人会各打一次电话来，请把县密钥指纹逐组读给对方。号码不认识的，请先挂断，用自己知道的号码打回去。"),
    ),
    "approved_once": Standing(
        Label(_("一个人已批准，等第二个人"), "wait", "…"), _("还会有一次电话，请再读一遍县密钥指纹。")
    ),
    "approved": Standing(
        Label(_("已批准，等证书"), "wait", "…"), _("发证机构正在签发三张证书；不必做什么，程序会自己取。")
    ),
    "answered": Standing(Label(_("答复已备好"), "wait", "→"), _("程序会自己取走答复并交回登记卡。")),
    "active": Standing(
        Label(_("已加入，正常"), "good", "✓"), _("可以用 adapter up 运行县节点，用 adapter doctor 检查连接。")
    ),
    "suspended": Standing(
        Label(_("已被停用"), "bad", "‖"),
        _("中枢已暂停本县的收发，密钥仍在。请打电话向中枢问明原因；恢复后不必重新加入。"),
    ),
    "revoked": Standing(
        Label(_("已被撤销"), "bad", "✕"),
        _("本县的密钥不能再用。请打电话向中枢问明原因；要回来的，移走 certs 文件夹，凭新的邀请用新密钥加入。"),
    ),
    "refused": Standing(
        Label(_("中枢退回了申请"), "bad", "✕"), _("请按理由改正，请中枢重新邀请，并把 certs 文件夹移到别处。")
    ),
    "expired": Standing(Label(_("邀请已过期"), "bad", "✕"), _("邀请只在 72 小时内有效，请中枢重新邀请。")),
    "burnt": Standing(
        Label(_("邀请已作废"), "bad", "✕"), _("五次不是凭邀请码做的，或已另发邀请。请打电话问中枢，用新的邀请。")
    ),
    "": Standing(Label(_("中枢没有受理"), "bad", "✕"), _("请照下面的话做。")),
}

_BY_HAND: Final = {
    "requested": Standing(Label(_("已生成申请，等待中枢答复。"), "wait", "…"), STANDINGS["requested"].next),
    "approved": Standing(
        Label(_("中枢已批准，证书已装好；把登记卡交给中枢后生效。"), "wait", "→"),
        _("请把登记卡带给中枢。连得上加入页面的，可用 adapter join --hub 问到最新状态。"),
    ),
}


def told(known: Joining) -> Told | None:
    """What the joining page said last; none where it was never asked, or what was kept is damaged."""
    try:
        return Told.read(known.told.encode()) if known.told else None
    except YunhuobanError:
        return None


def standing(known: Joining) -> Standing:
    """By what the hub said last, otherwise by what is known here."""
    if known.state == "refused":
        return STANDINGS["refused"]
    said = told(known)
    if said is not None:
        return STANDINGS[said.state]
    return _BY_HAND.get(known.state, STANDINGS[known.state])
