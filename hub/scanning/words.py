"""What the license page says of each state: an icon, a word, and what it means for whoever was handed the paper."""

from typing import Final

from pages.labels import Label
from pages.wording import mark as _

STATES: Final = {
    "valid": (Label(_("有效"), "good", "✓"), _("发证机关说，这份证照现在有效。")),
    "suspended": (Label(_("暂停"), "wait", "‖"), _("发证机关暂时停用了这份证照；恢复以前不能使用。")),
    "revoked": (Label(_("已撤销"), "bad", "✕"), _("发证机关撤销了这项许可，这份证照不再有效。")),
    "withdrawn": (Label(_("已吊销"), "bad", "✕"), _("这份证照因处罚被吊销，不再有效。")),
    "cancelled": (Label(_("已注销"), "bad", "✕"), _("这份证照已经注销，不再有效。")),
    "transferred_out": (Label(_("已转出"), "bad", "✕"), _("这份证照已转到别的机关，这一张不再有效。")),
    "lost": (Label(_("已挂失"), "bad", "✕"), _("持证人报告这份证照遗失；捡到的请交还发证机关。")),
    "superseded": (Label(_("已有新版本"), "bad", "✕"), _("发证机关已经颁发新的版本，请持证人出示新的那一张。")),
    "expired": (Label(_("已过期"), "bad", "✕"), _("这份证照的有效期已经过了。")),
}
"""By LicenseState; a test holds it to the contract."""
