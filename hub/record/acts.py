"""What people do at the hub, by stable names. A name that was recorded never changes its meaning."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pages.wording import mark as _


class Act(StrEnum):
    """One kind of thing that a person does."""

    DEAD_REPLAYED = "dead.replayed"
    DEAD_DISCARDED = "dead.discarded"
    REPLAY_ORDERED = "replay.ordered"
    REPLAY_STOPPED = "replay.stopped"
    REPLAY_ENDED = "replay.ended"
    PROOF_TAKEN = "proof.taken"
    COUNTY_ENROLLED = "county.enrolled"
    COUNTY_STATE = "county.state"
    COUNTY_INVITED = "county.invited"
    COUNTY_REQUEST = "county.request"
    COUNTY_APPROVED = "county.approved"
    COUNTY_REFUSED = "county.refused"
    COUNTY_CERTIFICATES = "county.certificates"
    COUNTY_RENEWED = "county.renewed"
    HUB_RENEWED = "hub.renewed"
    CALENDAR_IMPORTED = "calendar.imported"
    CATALOGUE_IMPORTED = "catalogue.imported"
    CONFORMANCE_TAKEN = "conformance.taken"
    GATE_SET = "gate.set"
    RESTORED = "restored"
    COUNTY_SET_ASIDE = "county.set_aside"
    LINK_PAUSED = "link.paused"
    LINK_RESUMED = "link.resumed"
    SENDING_STOPPED = "sending.stopped"
    SENDING_STARTED = "sending.started"
    ALERT_TAKEN = "alert.taken"
    CARD_EXPLAINED = "card.explained"
    CARD_RULED = "card.ruled"
    ANNOUNCED = "announced"
    ANNOUNCEMENT_WITHDRAWN = "announcement.withdrawn"


WORDS: Final[Mapping[Act, str]] = {
    Act.DEAD_REPLAYED: _("重放死信"),
    Act.DEAD_DISCARDED: _("丢弃死信"),
    Act.REPLAY_ORDERED: _("下达重放"),
    Act.REPLAY_STOPPED: _("停止重放"),
    Act.REPLAY_ENDED: _("重放结束"),
    Act.PROOF_TAKEN: _("出具存证文件"),
    Act.COUNTY_ENROLLED: _("登记县"),
    Act.COUNTY_STATE: _("启用、停用或撤销县"),
    Act.COUNTY_INVITED: _("邀请县"),
    Act.COUNTY_REQUEST: _("收下加入申请"),
    Act.COUNTY_APPROVED: _("批准加入"),
    Act.COUNTY_REFUSED: _("退回加入申请"),
    Act.COUNTY_CERTIFICATES: _("收下县的证书"),
    Act.COUNTY_RENEWED: _("收下县的续期答复"),
    Act.HUB_RENEWED: _("换上中枢证书"),
    Act.CALENDAR_IMPORTED: _("导入日历"),
    Act.CATALOGUE_IMPORTED: _("导入目录"),
    Act.CONFORMANCE_TAKEN: _("收下自测结果"),
    Act.GATE_SET: _("规定自测是否必需"),
    Act.RESTORED: _("从备份恢复"),
    Act.COUNTY_SET_ASIDE: _("恢复后搁置县"),
    Act.LINK_PAUSED: _("暂停发给县的报文"),
    Act.LINK_RESUMED: _("恢复发给县的报文"),
    Act.SENDING_STOPPED: _("暂停受理县报送的报文"),
    Act.SENDING_STARTED: _("恢复受理县报送的报文"),
    Act.ALERT_TAKEN: _("接下告警"),
    Act.CARD_EXPLAINED: _("记下县的说明"),
    Act.CARD_RULED: _("裁定监察牌"),
    Act.ANNOUNCED: _("通知维护"),
    Act.ANNOUNCEMENT_WITHDRAWN: _("撤回维护通知"),
}


def word(what: str) -> str:
    """How an act is called; one of a newer version by its name."""
    return next((said for act, said in WORDS.items() if act.value == what), what)
