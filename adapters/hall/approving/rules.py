"""The rule beside a paper: what the law allows for this act in this case, with the days that follow from its facts.

Sources: 行政许可法 art. 32, 38, 42, 45, 69, 70; 行政处罚法 art. 9; 市场主体登记管理条例 art. 19. Pure.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.hall.approving import weighing
from adapters.hall.approving.acts import TWO_PERSONS, Act
from adapters.hall.approving.grounds import Grounds
from pages.clockface import moment
from pages.outcomes import LICENSE_STATES, OUTCOMES
from pages.wording import mark as _
from schemas import timelimits
from schemas.catalogue.model import LimitUnit
from schemas.licensestates import CHANGES
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import last_day

_STATUTORY: Final = {
    LimitUnit.WORKING_DAY: _("目录中这一事项的法定时限：{count} 个工作日。"),
    LimitUnit.DAY: _("目录中这一事项的法定时限：{count} 天。"),
    LimitUnit.MONTH: _("目录中这一事项的法定时限：{count} 个月。"),
    LimitUnit.YEAR: _("目录中这一事项的法定时限：{count} 年。"),
}
_BASES: Final[Mapping[str, str]] = {
    "valid": _("恢复有效：暂扣期满，或者暂扣已被撤销。"),
    "suspended": _("暂扣：一种行政处罚，期满恢复（行政处罚法第九条）；暂扣期间不放行打印。"),
    "revoked": _("撤销：许可本不应作出，例如以欺骗取得（行政许可法第六十九条）。"),
    "cancelled": _("注销：有效期届满、主体终止、许可被撤销或吊销等（行政许可法第七十条）。"),
    "expired": _("过期失效：有效期届满未延续（行政许可法第七十条第一项）。"),
    "transferred_out": _("转出：登记迁往别的机关管辖。"),
    "withdrawn": _("吊销：一种行政处罚（行政处罚法第九条）。"),
    "lost": _("挂失：持证人声明遗失；补发新版本后改为历史版本。"),
    "superseded": _("历史版本：更正、变更或补发后由新版本替代，须写明替代它的证照标识。"),
}
"""By the state after the change; a test holds it to the contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line."""

    text: str
    """Marked."""
    params: Mapping[str, object] = field(default_factory=dict)
    subject: str = ""
    """Marked: what the line is about, where it is one of several."""


def beside(act: Act, grounds: Grounds) -> Sequence[Rule]:
    """The lines beside one act's paper."""
    found = list(_LINES[act](grounds))
    if act in TWO_PERSONS:
        found.append(Rule(text=_("由一位审批人员提出，另一位审批人员批准并签名后才生效。")))
    return found


def _accept(grounds: Grounds) -> Iterator[Rule]:
    yield from _limit(grounds)
    limit = timelimits.statutory(grounds.item) if grounds.item is not None else None
    if limit is not None:
        latest = last_day(grounds.calendar, grounds.today, limit)
        yield Rule(text=_("今天受理，承诺办结日最晚 {day}。"), params={"day": latest.day})


def _supplement(grounds: Grounds) -> Iterator[Rule]:
    yield Rule(text=_("收到申请后五个工作日内一次告知全部内容；逾期，自收到之日起即为受理（行政许可法第三十二条）。"))
    due = grounds.clock.answer_due(grounds.calendar)
    if due is not None:
        yield Rule(text=_("最晚 {at} 告知。"), params={"at": moment(due.at)})


def _open_procedure(grounds: Grounds) -> Iterator[Rule]:
    yield Rule(
        text=_(
            "听证、招标、拍卖、检验、检测、检疫、鉴定、专家评审所需时间不计入期限，"
            "但要把所需时间书面告知申请人（行政许可法第四十五条）。"
        )
    )
    said = grounds.item.special_procedure.strip() if grounds.item is not None else ""
    if said:
        yield Rule(text=_("目录中这一事项的特别程序：{said}"), params={"said": said})
    else:
        yield Rule(text=_("目录没有写明这一事项有特别程序，请先核对依据。"))
    yield from _due(grounds)


def _close_procedure(grounds: Grounds) -> Iterator[Rule]:
    label = OUTCOMES["procedure.opened"].get(grounds.procedure)
    if grounds.clock.paused_at is not None:
        yield Rule(
            text=_("自 {at} 起时限暂停；写明结果后从那一刻起接着计算。"),
            params={"at": moment(grounds.clock.paused_at)},
            subject=label.text if label else "",
        )


def _extend(grounds: Grounds) -> Iterator[Rule]:
    most = weighing.most_extended(grounds)
    if most == weighing.MOST_DAYS:
        yield Rule(
            text=_("经本机关负责人批准，可以延长一次，至多 {most} 个工作日，并告知理由（行政许可法第四十二条）。"),
            params={"most": most},
        )
    else:
        yield Rule(
            text=_("市场主体登记：经登记机关负责人批准，可以延长一次，至多 {most} 个工作日（登记管理条例第十九条）。"),
            params={"most": most},
        )
    yield from _due(grounds)
    later = weighing.statutory_end(grounds, most)
    if later is not None:
        yield Rule(text=_("延长到最多时，承诺办结日最晚 {day}。"), params={"day": beijing_day(later.at)})


def _against(_grounds: Grounds) -> Iterator[Rule]:
    yield Rule(text=_("应当说明理由，并告知申请行政复议或者提起行政诉讼的权利（行政许可法第三十八条）。"))


def _change_state(grounds: Grounds) -> Iterator[Rule]:
    for each in grounds.changeable:
        yield Rule(text=_("证照 {number} 现在的状态。"), params={"number": each.identifier},
                   subject=LICENSE_STATES[each.state].text)  # fmt: skip
    for state, basis in _BASES.items():
        if any(state in CHANGES[each.state] for each in grounds.changeable):
            yield Rule(text=basis)
    if grounds.unprinted:
        yield Rule(
            text=_("还有 {count} 份打印授权没有用完：除暂扣和恢复外，它们随证照一起作废，已经放行的以作废报回。"),
            params={"count": grounds.unprinted},
        )
    else:
        yield Rule(text=_("没有等待打印的授权。"))


def _limit(grounds: Grounds) -> Iterator[Rule]:
    if grounds.item is not None:
        yield Rule(text=_STATUTORY[grounds.item.anticipate_type], params={"count": grounds.item.anticipate_day})


def _due(grounds: Grounds) -> Iterator[Rule]:
    yield from _limit(grounds)
    due = weighing.statutory_end(grounds)
    if due is not None:
        yield Rule(text=_("法定期限现在到 {at}。"), params={"at": moment(due.at)})


_LINES: Final[Mapping[Act, Callable[[Grounds], Iterator[Rule]]]] = {
    Act.ACCEPT: _accept,
    Act.SUPPLEMENT: _supplement,
    Act.NOT_ACCEPT: _against,
    Act.OPEN_PROCEDURE: _open_procedure,
    Act.CLOSE_PROCEDURE: _close_procedure,
    Act.EXTEND: _extend,
    Act.GRANT: _due,
    Act.DENY: _against,
    Act.TERMINATE: _against,
    Act.CHANGE_STATE: _change_state,
}
