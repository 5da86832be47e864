"""What a window prints in the issuing county's place: the 受理通知书 and the 一次性告知书.

Both name the county that decides and that the window acts under its word; neither says more than was sent.
"""

from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from typing import Final

from adapters.hall.taking import once
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.fields import ACCEPTANCE, ACCEPTED
from adapters.hall.taking.offered import Offered
from adapters.hall.taking.paper.receipt import TAKEN_AS
from adapters.hall.taking.record import IDENTITY_LINE
from adapters.hall.taking.taker import Taker
from adapters.licenses.papers import Papers
from pages.frame import BEIJING, NOT_THERE
from pages.wording import mark as _
from pages.wording import say
from schemas.errors import YunhuobanError
from schemas.identifiers.masking import masked_name

_ACCEPTED_NOTES: Final = (
    _("本窗口依办理地授予的收件受理权受理，受理与办理地自己受理效力相同；审查和决定由办理地作出。"),
    _("办理期限自受理之日起计算，受理当日不计入。"),
)
_ONCE_NOTES: Final = (
    _("本窗口依办理地授予的一次性告知权告知；以上是按事项清单需要补齐的全部内容。"),
    _("本告知书不是受理通知，也不是不予受理的决定。"),
)


def accepted_here(draft: Draft) -> bool:
    """Whether a taken application was accepted at the window."""
    return draft.pressed and draft.typed.get(ACCEPTANCE) == ACCEPTED


class PowerPapers:
    """Makes both from what was kept."""

    def __init__(self, taker: Taker, *, county_name: str) -> None:
        """`county_name` is this county's."""
        self._taker = taker
        self._county_name = county_name
        self._papers = Papers(resources.files("adapters.hall.taking.paper").joinpath("powers.typ").read_bytes())

    def acceptance(self, draft_id: str, language: str) -> bytes:
        """The 受理通知书 as PDF. Raises E-PAGE-005 when the window has not accepted, E-TAKE-001, E-LIC-006, -007."""
        draft, what, said, _files = self._taker.taken_record(draft_id)
        accepted = said["window_acceptance"]
        if accepted is None:
            raise YunhuobanError(NOT_THERE, place="draft_id")
        name = said["applicant"]["name"]
        natural = said["applicant"]["kind"] == "natural_person"
        promised = self._taker.promised_on(draft, accepted["accepted_at"])
        rows = [
            (say(each["name"], language), say(TAKEN_AS[each["taken_as"]], language))
            for each in said["materials"]
            if each["name"] != IDENTITY_LINE
        ]
        return self._drawn(
            language,
            title=_("受理通知书"),
            draft=draft,
            facts=[
                (_("受理文书编号"), accepted["accept_doc_no"]),
                (_("办件编号"), draft.case_no),
                (_("申请人"), masked_name(name) if natural else name),
                *self._around(what),
                (_("受理时间"), _moment(accepted["accepted_at"])),
                (_("承诺办结日"), promised.isoformat()),
                (_("受理人员"), draft.account),
            ],
            says=_("申请材料齐全、符合法定形式，予以受理。收到的材料："),
            head=(_("序号"), _("材料名称"), _("收取方式")),
            rows=rows,
            notes=_ACCEPTED_NOTES,
            footer=accepted["accept_doc_no"],
            at=accepted["accepted_at"],
        )

    def once(self, draft_id: str, language: str) -> bytes:
        """The 一次性告知书 as PDF. Raises E-TAKE-001, E-POWER-007, E-LIC-006, -007."""
        draft, what, told = self._taker.told_once(draft_id)
        return self._drawn(
            language,
            title=_("一次性告知书"),
            draft=draft,
            facts=[
                (_("告知书编号"), told.notice_no),
                *self._around(what),
                (_("告知时间"), _moment(told.notified_at)),
                (_("告知人员"), draft.account),
            ],
            says=_("您的申请还缺以下材料，请补齐后到本窗口提交："),
            head=(_("序号"), _("材料名称"), _("需要怎样补齐")),
            rows=[(name, say(once.REMEDY, language)) for _code, name in told.missing],
            notes=_ONCE_NOTES,
            footer=told.notice_no,
            at=told.notified_at,
        )

    def _around(self, what: Offered) -> Sequence[tuple[str, str]]:
        return (
            (_("申请事项"), what.name),
            (_("事项编码"), what.service_item),
            (_("收件地"), self._county_name),
            (_("办理地"), what.county_name),
        )

    def _drawn(
        self,
        language: str,
        *,
        title: str,
        draft: Draft,
        facts: Sequence[tuple[str, str]],
        says: str,
        head: Sequence[str],
        rows: Sequence[tuple[str, str]],
        notes: Sequence[str],
        footer: str,
        at: datetime,
    ) -> bytes:
        def told(text: str) -> str:
            return say(text, language)

        job = {
            "title": told(title),
            "trial": told(_("试办，无法律效力")) if draft.trial else "",
            "facts": [(told(label), value) for label, value in facts],
            "says": told(says),
            "head": [told(each) for each in head],
            "rows": [[str(number), *each] for number, each in enumerate(rows, 1)],
            "notes": [told(each) for each in notes],
            "signatures": [told(_("申请人（经办人）签名：")), told(_("经办人员签名："))],
            "footer": footer,
        }
        return self._papers.pdf(job, made_at=at)


def _moment(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
