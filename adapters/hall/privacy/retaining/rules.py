"""All rules with the periods of `county.toml` [retention]; another kind of data comes in by one more line."""

from collections.abc import Mapping, Sequence
from typing import Final

from adapters.hall.privacy.retaining.bodies import Attachments, Bodies, Signatures
from adapters.hall.privacy.retaining.ledgers import AccountEvents, Exports, Looks, Names, Suppliers
from adapters.hall.privacy.retaining.reviews import Experts, Reports
from adapters.hall.privacy.retaining.rule import Rule
from adapters.settings import RetentionSettings
from pages.wording import mark as _

WORDS: Final[Mapping[str, str]] = {
    "messages": _("报文内容：办结后"),
    "licenses": _("证照报文与文件：办结后"),
    "attachments": _("收到的材料文件：办结后"),
    "signatures": _("手写签名：办结后"),
    "looks": _("查看记录"),
    "account_events": _("账号记录"),
    "names": _("离岗人员的姓名"),
    "suppliers": _("空白证照入库单上的来源"),
    "review_reports": _("云评审报告：办结后"),
    "experts": _("已退出的专家的姓名与电话"),
    "exports": _("没有决定或没有领取的导出"),
}


def rules_of(periods: RetentionSettings) -> Sequence[Rule]:
    """In the order in which they run."""
    return (
        Bodies("messages", periods.messages_days, licenses=False),
        Bodies("licenses", periods.licenses_days, licenses=True),
        Attachments("attachments", periods.messages_days),
        Signatures("signatures", periods.signatures_days),
        Looks("looks", periods.audit_days),
        AccountEvents("account_events", periods.audit_days),
        Names("names", periods.names_days),
        Suppliers("suppliers", periods.names_days),
        Reports("review_reports", periods.signatures_days),
        Experts("experts", periods.names_days),
        Exports("exports", periods.exports_days),
    )
