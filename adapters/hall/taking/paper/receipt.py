"""What stands on a 收件凭证: receipt of materials is no acceptance (受理), and the paper says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any, Final

from adapters.hall.taking.record import IDENTITY_LINE
from adapters.hall.taking.taker import Taker
from adapters.licenses import qr
from adapters.licenses.papers import Papers
from pages import clockface
from pages.frame import BEIJING
from pages.wording import mark as _
from pages.wording import say
from schemas.catalogue.model import LimitUnit
from schemas.identifiers.masking import masked_name

ProgressLink = Callable[[str], str | None]
"""From a case number to the address where its progress can be seen; None while there is no such page."""

TITLE: Final = _("收件凭证")
TAKEN_AS: Final = {"原件": _("原件"), "复印件": _("复印件"), "电子": _("电子")}
NAMED: Final = _("免提交")
NOTES: Final = (
    _("本凭证只说明已经收到所列材料，不是受理通知；是否受理由办理地决定。"),
    _("办理地发现材料不齐或不符合法定形式的，应当在五个工作日内一次告知需要补正的全部内容。"),
)
UNITS: Final = {
    LimitUnit.WORKING_DAY: _("{count} 个工作日"),
    LimitUnit.DAY: _("{count} 天"),
    LimitUnit.MONTH: _("{count} 个月"),
    LimitUnit.YEAR: _("{count} 年"),
}
AT_ONCE: Final = _("即办")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One paper, in one language."""

    draft_id: str
    case_no: str
    taken_at: datetime
    trial: bool
    facts: Sequence[tuple[str, str]]
    materials: Sequence[tuple[str, str, str]]
    """Name, how it was taken, copies."""
    deadlines: Sequence[tuple[str, str]]
    progress_qr: str
    """SVG of our own making; empty when there is no link."""


class Receipts:
    """Makes them from what was sent."""

    def __init__(self, taker: Taker, *, county_name: str, progress_link: ProgressLink) -> None:
        """`county_name` is this county's."""
        self._taker = taker
        self._county_name = county_name
        self._progress_link = progress_link
        self._papers = Papers(resources.files("adapters.hall.taking.paper").joinpath("receipt.typ").read_bytes())

    def of(self, draft_id: str, language: str) -> Receipt:
        """The receipt of a taken application. Raises E-TAKE-001."""
        draft, what, said, _files = self._taker.taken_record(draft_id)
        _same, standing = self._taker.standing(draft_id)
        natural = said["applicant"]["kind"] == "natural_person"
        name = said["applicant"]["name"]
        at = said["received_at"].astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
        link = self._progress_link(draft.case_no)
        facts = [
            (_("办件编号"), draft.case_no),
            (_("申请人"), masked_name(name) if natural else name),
            (_("申请事项"), what.name),
            (_("事项编码"), what.service_item),
            (_("收件地"), self._county_name),
            (_("办理地"), what.county_name),
            (_("收件窗口"), said["window_no"]),
            (_("收件人员"), draft.account),
            (_("收件时间"), at),
        ]
        face = standing.case.clock if standing.case is not None else None
        due = [(each.name, each.value) for each in clockface.lines(face) if each.name in _DUES] if face else []
        return Receipt(
            draft_id=draft_id,
            case_no=draft.case_no,
            taken_at=said["received_at"],
            trial=draft.trial,
            facts=[(say(label, language), value) for label, value in facts],
            materials=[
                (
                    say(each["name"], language),
                    say(NAMED if each["named_license"] else TAKEN_AS[each["taken_as"]], language),
                    str(each["copies"]),
                )
                for each in said["materials"]
                if each["name"] != IDENTITY_LINE
            ],
            deadlines=[(say(label, language), value) for label, value in due]
            + _promised(what.implementation, language),
            progress_qr=qr.svg(link) if link else "",
        )

    def pdf(self, receipt: Receipt, language: str) -> bytes:
        """The same as PDF. Raises E-LIC-006, -007 or -009."""

        def told(text: str) -> str:
            return say(text, language)

        return self._papers.pdf(
            {
                "title": told(TITLE),
                "trial": told(_("试办，无法律效力")) if receipt.trial else "",
                "facts": receipt.facts,
                "qr": receipt.progress_qr,
                "qr_says": told(_("扫码查看办理进度")),
                "materials_title": told(_("收到的材料")),
                "materials_head": [told(_("序号")), told(_("材料名称")), told(_("收取方式")), told(_("份数"))],
                "materials": [[str(number), *each] for number, each in enumerate(receipt.materials, 1)],
                "deadlines_title": told(_("期限")),
                "deadlines": receipt.deadlines,
                "notes": [told(each) for each in NOTES],
                "signatures": [told(_("申请人（经办人）签名：")), told(_("收件人员签名："))],
                "footer": receipt.case_no,
            },
            made_at=receipt.taken_at,
        )


def _promised(found: Any, language: str) -> list[tuple[str, str]]:
    """What the issuing county promises, counted from acceptance."""
    if found is None:
        return []
    rows = ((_("法定时限（自受理起）"), found.anticipate_day, found.anticipate_type),
            (_("承诺时限（自受理起）"), found.promise_day, found.promise_type))  # fmt: skip
    return [(say(label, language), limit(count, unit, language)) for label, count, unit in rows]


def limit(count: int, unit: LimitUnit, language: str) -> str:
    """A limit in words; none at all is 即办."""
    return say(UNITS[unit], language, count=count) if count else say(AT_ONCE, language)


_DUES: Final = frozenset(clockface.DUES.values())
