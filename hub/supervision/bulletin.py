"""The weekly count and the monthly bulletin as files in the reader's language: XLSX to count on, PDF to sign and send.

Both hold the same tables, of all counties or of one; the PDF takes Debian's fonts-noto-cjk.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from hub.supervision import sheets
from hub.supervision.counting import Bulletin, CountyCount
from hub.supervision.halfday import PairTimes
from hub.supervision.levels import GROUNDS, LEVELS, RULES, STANDINGS
from hub.supervision.listing import CardRow
from hub.supervision.outages import Outage
from hub.supervision.sheets import Row, Sheet, moment
from pages.wording import mark as _
from pages.wording import say

_COUNTY_HEADS: Final = (
    _("行政区划代码"), _("县"), _("收件"), _("承办"), *(each.text for each in LEVELS.values()),
    _("申诉撤销"), _("已补办"), _("已说明"), _("未了结"),
)  # fmt: skip
_PAIR_HEADS: Final = (
    _("收件地"), _("属地"), _("出证办件"), _("中位数（工作小时）"), _("半日内"), _("半日内占比（%）"),
)  # fmt: skip
_CARD_HEADS: Final = (
    _("牌号"), _("办件编号"), _("县"), _("牌"), _("规则"), _("到期"), _("发牌"), _("补办"), _("情况"), _("说明理由"),
)  # fmt: skip
_OUTAGE_HEADS: Final = (_("停机自"), _("恢复"), _("分钟"), _("账本条数"))


def file_of(told: Bulletin, name: str, language: str) -> bytes:
    """The form that a file's name asks for. Raises E-SUP-009, or E-PAGE-140, -141 or -142 as lists do."""
    return sheets.file_of(name, workbook=lambda: workbook_of(told, language), pdf=lambda: pdf_of(told, language))


def workbook_of(told: Bulletin, language: str) -> bytes:
    """Four sheets: counties, pairs, cards, the hub's own outages."""
    return sheets.workbook_of(_sheets(told, language), language)


def pdf_of(told: Bulletin, language: str) -> bytes:
    """The same for paper, with a line to sign on. Raises E-PAGE-140, -141 or -142."""
    kind = _("电子监察每周统计") if told.period.is_week else _("电子监察每月通报")
    title = f"{say(kind, language)} {told.period.name}"
    about = f"{_named(told.county, told.names)}　" if told.county else ""
    return sheets.pdf_of(
        _sheets(told, language),
        language,
        title=title,
        subtitle=f"{about}{told.period.first} – {told.period.last}",
        made_at=told.made_at,
        notes=[
            say(_("从申请准入到第一张纸，按收件地办公时间；半日是当日办公时间的一半"), language),
            say(_("申诉撤销的牌不计入其他各栏。统计于 {at}（北京时间）。"), language, at=moment(told.made_at)),
        ],
    )


def _sheets(told: Bulletin, language: str) -> Sequence[Sheet]:
    names = told.names
    return (
        Sheet(
            name=_("各县"),
            heads=_COUNTY_HEADS,
            rows=[_county(each, names) for each in told.counties],
            widths=(3, 6, *[2] * 2, *[3] * 4, *[2] * 4),
            numbers=tuple(range(2, 12)),
        ),
        Sheet(
            name=_("半日办结"),
            heads=_PAIR_HEADS,
            rows=[_pair(each, names) for each in told.pairs],
            widths=(3, 3, 2, 2, 2, 2),
            numbers=(2, 3, 4, 5),
        ),
        Sheet(
            name=_("监察牌"),
            heads=_CARD_HEADS,
            rows=[_card(each, names, language) for each in told.cards],
            widths=(5, 7, 4, 3, 5, 4, 4, 4, 4, 4),
            numbers=(),
        ),
        Sheet(
            name=_("中枢停机"),
            heads=_OUTAGE_HEADS,
            rows=[_outage(each) for each in told.outages],
            widths=(3, 3, 2, 2),
            numbers=(2, 3),
        ),
    )


def _county(count: CountyCount, names: Mapping[str, str]) -> Row:
    counted = (count.opened, count.to_decide, *count.levels.values())
    rest = (count.withdrawn, count.cleared, count.explained, count.unsettled)
    return [count.county, names.get(count.county, ""), *counted, *rest]


def _outage(outage: Outage) -> Row:
    minutes = int((outage.ended_at - outage.began_at).total_seconds() // 60)
    return [moment(outage.began_at), moment(outage.ended_at), minutes, outage.journal_size]


def _pair(pair: PairTimes, names: Mapping[str, str]) -> Row:
    return [
        _named(pair.window, names),
        _named(pair.issuing, names),
        pair.cases,
        pair.median_hours,
        pair.within,
        round(pair.share * 100, 1),
    ]


def _card(card: CardRow, names: Mapping[str, str], language: str) -> Row:
    return [
        card.card_no,
        card.case_no,
        _named(card.county, names),
        say(LEVELS[card.level].text, language),
        say(RULES[card.rule], language),
        moment(card.due_at),
        moment(card.raised_at),
        moment(card.cleared_at) if card.cleared_at is not None else "",
        say(STANDINGS[card.standing].text, language),
        say(GROUNDS[card.explanation.ground], language) if card.explanation is not None else "",
    ]


def _named(code: str, names: Mapping[str, str]) -> str:
    return f"{names.get(code, '')} {code}".strip()
