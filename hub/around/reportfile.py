"""The report of a month as a file in the reader's language: XLSX to count on, PDF to sign and send."""

from collections.abc import Mapping, Sequence
from typing import Final

from hub.around.appeals import AppealCount
from hub.around.bundles import Saved
from hub.around.reports import Report, Row
from hub.around.words import APPEAL_KINDS, CHANNELS
from hub.supervision import sheets
from hub.supervision.sheets import Sheet, moment
from pages.wording import mark as _
from pages.wording import say
from schemas.reductions import MEASURES

NOTES: Final = (
    _("从申请准入到第一张纸，按收件地办公时间；半日是当日办公时间的一半。各县按属地统计，评价按被评的县统计。"),
    _("一次办结：办结的办件没有要求补正。网上可办率：本县事项中全程网办的。试办的不计。"),
    _("一件事的四减：各部分单独办相加，与合并办相比；县里说明的和目录里的，不清楚的不写。"),
    _("反映的问题按收到的月份统计；已解决占收到的，按时答复占已答复和逾期的。"),
)
_RATES: Final = (
    _("出证办件"), _("中位数（工作小时）"), _("九成不超过（工作小时）"), _("半日内占比（%）"), _("办结"),
    _("一次办结率（%）"),
)  # fmt: skip
_RATED: Final = (_("评价"), _("好评率（%）"), _("差评"), _("差评按时回访（%）"))
_COUNTY_HEADS: Final = (_("行政区划代码"), _("县"), *_RATES, _("事项"), _("网上可办率（%）"), *_RATED)
_PAIR_HEADS: Final = (_("收件地"), _("属地"), *_RATES, *_RATED)
_APPEAL_HEADS: Final = (
    _("发起县"), _("答复县"), _("来源"), _("情形"), _("收到"), _("已答复"), _("按时答复"), _("逾期"), _("已解决"),
    _("按时答复率（%）"), _("解决率（%）"),
)  # fmt: skip
_SAVED_HEADS: Final = (_("减跑动（%）"), _("减环节（%）"), _("减材料（%）"), _("减时限（%）"))
Cells = list[str | int | float]


def file_of(told: Report, name: str, language: str) -> bytes:
    """The form that a file's name asks for. Raises E-SUP-009, or E-PAGE-140, -141 or -142."""
    return sheets.file_of(name, workbook=lambda: workbook_of(told, language), pdf=lambda: pdf_of(told, language))


def workbook_of(told: Report, language: str) -> bytes:
    """Four sheets: counties, pairs, complaints, bundles."""
    return sheets.workbook_of(sheets_of(told, language), language)


def pdf_of(told: Report, language: str) -> bytes:
    """The same for paper, with a line to sign on. Raises E-PAGE-140, -141 or -142."""
    title = f"{say(_('办理成效月报'), language)} {told.period.name}"
    about = f"{_named(told.county, told.names)}　" if told.county else ""
    return sheets.pdf_of(
        sheets_of(told, language),
        language,
        title=title,
        subtitle=f"{about}{told.period.first} – {told.period.last}",
        made_at=told.made_at,
        notes=[
            *(say(each, language) for each in NOTES),
            say(_("统计于 {at}（北京时间）。"), language, at=moment(told.made_at)),
        ],
    )


def sheets_of(told: Report, language: str) -> Sequence[Sheet]:
    """The four of them; their names and heads are marked, their cells in the reader's language."""
    names = told.names
    return (
        Sheet(
            name=_("各县"),
            heads=_COUNTY_HEADS,
            rows=[_county(each, names) for each in told.counties],
            widths=(3, 5, *[3] * 12),
            numbers=tuple(range(2, 14)),
        ),
        Sheet(
            name=_("两县"),
            heads=_PAIR_HEADS,
            rows=[
                [_named(each.county, names), _named(each.issuing, names), *_rates(each), *_stars(each)]
                for each in told.pairs
            ],
            widths=(5, 5, *[3] * 10),
            numbers=tuple(range(2, 12)),
        ),
        Sheet(
            name=_("办不成事"),
            heads=_APPEAL_HEADS,
            rows=[_appeal(each, names, language) for each in told.appeals],
            widths=(5, 5, 3, 3, *[2] * 5, 3, 3),
            numbers=tuple(range(4, 11)),
        ),
        Sheet(
            name=_("一件事"),
            heads=(_("县"), _("一件事"), _("部分"), *_SAVED_HEADS),
            rows=[_saved(each, names) for each in told.bundles],
            widths=(5, 6, 2, *[3] * 4),
            numbers=tuple(range(2, 7)),
        ),
    )


def _saved(each: Saved, names: Mapping[str, str]) -> Cells:
    percents = [each.reductions[key].percent if key in each.reductions else None for key in MEASURES]
    return [_named(each.county, names), each.name, each.parts, *map(_or, percents)]


def _county(row: Row, names: Mapping[str, str]) -> Cells:
    online = _or(row.online_percent)
    return [row.county, names.get(row.county, ""), *_rates(row), row.items, online, *_stars(row)]


def _rates(row: Row) -> Cells:
    times = row.times
    told: Cells = ["", "", "", ""]
    if times is not None:
        told = [times.cases, times.median_hours, times.most_hours, times.within_percent]
    return [*told, row.done, _or(row.at_once_percent)]


def _stars(row: Row) -> Cells:
    rated = row.rated
    if rated is None:
        return [0, "", 0, ""]
    return [rated.count, _or(rated.good_percent), rated.bad, _or(rated.followed_percent)]


def _appeal(each: AppealCount, names: Mapping[str, str], language: str) -> Cells:
    return [
        _named(each.window, names),
        _named(each.issuing, names),
        say(CHANNELS.get(each.channel, each.channel), language),
        say(APPEAL_KINDS.get(each.kind, each.kind), language),
        each.received,
        each.answered,
        each.in_time,
        each.late,
        each.solved,
        _or(each.in_time_percent),
        _or(each.solved_percent),
    ]


def _or(rate: float | None) -> float | str:
    return "" if rate is None else rate


def _named(code: str, names: Mapping[str, str]) -> str:
    return f"{names.get(code, '')} {code}".strip()
