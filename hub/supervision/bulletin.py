"""The weekly count and the monthly bulletin as a workbook, in the reader's language.

For paper there is the page `/supervision/period/…`, which a browser prints or keeps as PDF. The hub makes no PDF of its
own: typst would need a Chinese typeface carried along, which the hub, that renders no license, does not have; the
browser in front of whoever signs the bulletin has one, and there is one layout to keep right and not two.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from hub.catalogue import workbook
from hub.supervision.counting import Bulletin, CountyCount
from hub.supervision.halfday import PairTimes
from hub.supervision.levels import GROUNDS, LEVELS, RULES, STANDINGS
from hub.supervision.listing import CardRow
from hub.supervision.outages import Outage
from pages.wording import mark as _
from pages.wording import say
from schemas.workdays.hours import BEIJING

Row = Sequence[str | int | float]
MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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


def workbook_of(bulletin: Bulletin, language: str) -> bytes:
    """Four sheets: counties, pairs, cards, the hub's own outages."""
    names = bulletin.names
    sheets: Mapping[str, tuple[Sequence[str], Sequence[Row]]] = {
        _("各县"): (_COUNTY_HEADS, [_county(each, names) for each in bulletin.counties]),
        _("半日办结"): (_PAIR_HEADS, [_pair(each, names) for each in bulletin.pairs]),
        _("监察牌"): (_CARD_HEADS, [_card(each, names, language) for each in bulletin.cards]),
        _("中枢停机"): (_OUTAGE_HEADS, [_outage(each) for each in bulletin.outages]),
    }
    return workbook.tables(
        {
            say(name, language): [[say(head, language) for head in heads], *rows]
            for name, (heads, rows) in sheets.items()
        }
    )


def _county(count: CountyCount, names: Mapping[str, str]) -> Row:
    counted = (count.opened, count.to_decide, *count.levels.values())
    rest = (count.withdrawn, count.cleared, count.explained, count.unsettled)
    return [count.county, names.get(count.county, ""), *counted, *rest]


def _outage(outage: Outage) -> Row:
    minutes = int((outage.ended_at - outage.began_at).total_seconds() // 60)
    return [_moment(outage.began_at), _moment(outage.ended_at), minutes, outage.journal_size]


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
        _moment(card.due_at),
        _moment(card.raised_at),
        _moment(card.cleared_at) if card.cleared_at is not None else "",
        say(STANDINGS[card.standing].text, language),
        say(GROUNDS[card.explanation.ground], language) if card.explanation is not None else "",
    ]


def _named(code: str, names: Mapping[str, str]) -> str:
    return f"{names.get(code, '')} {code}".strip()


def _moment(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
