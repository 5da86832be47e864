"""The month-end list as files: a workbook to count on, a PDF to sign. Chinese, as the files of a hall are."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Final

from adapters.hall.stock import words
from adapters.hall.stock.month import Line, Month
from adapters.hall.stock.states import StockEvent, StockState
from adapters.local import workbooks
from pages.frame import BEIJING
from pages.lists.drawing import Table, drawn
from schemas.errors import YunhuobanError, declare

FILE_ODD: Final = declare("E-STOCK-042", "月末清单只能存成 .xlsx 或 .pdf。", "请给文件名加上 .xlsx 或 .pdf。")
_COUNTED: Final[Sequence[tuple[str, Callable[[Line], int]]]] = (
    ("期初结存", lambda line: line.opening),
    ("入库", lambda line: line.moved(StockEvent.RECEIVE)),
    ("领用", lambda line: line.moved(StockEvent.ISSUE)),
    ("收回", lambda line: line.moved(StockEvent.TAKE_BACK)),
    ("打印", lambda line: line.moved(StockEvent.PRINT)),
    ("作废", lambda line: line.moved(StockEvent.SPOIL)),
    ("遗失", lambda line: line.moved(StockEvent.LOSE)),
    ("销毁", lambda line: line.moved(StockEvent.DESTROY)),
    ("期末结存", lambda line: line.closing),
    ("其中在库", lambda line: line.balance.closing[StockState.IN_STOCK]),
    (
        "其中在窗口",
        lambda line: line.balance.closing[StockState.ISSUED] + line.balance.closing[StockState.LOADED],
    ),
    ("其中待收回", lambda line: line.balance.closing[StockState.RETURNED]),
    ("其中待销毁", lambda line: line.balance.closing[StockState.SPOILED]),
)
_NUMBERS: Final = ("种类", "经过", "日期", "编号", "张数", "经办", "第二人", "领用人", "原因", "文号")
_ZH: Final = "zh"


def file_of(found: Month, name: str, *, county: str) -> bytes:
    """The list in the form that the file's name asks for. Raises E-STOCK-042, and E-PAGE-14… as the drawing does."""
    match PurePath(name).suffix.lower():
        case ".xlsx":
            return workbook(found)
        case ".pdf":
            return pdf(found, county=county)
        case _:
            raise YunhuobanError(FILE_ODD, place="out")


def workbook(found: Month) -> bytes:
    """Two sheets: counts by kind, and the numbers behind them."""
    head = ["种类", *(name for name, _ in _COUNTED), "平衡"]
    counts = [[_kind(line), *(count(line) for _, count in _COUNTED), _closes(line)] for line in found.lines]
    widths = (26, 12, 12, 30, 10, 14, 14, 14, 14, 16)
    return workbooks.book_of({"汇总": [head, *counts], "编号": [_NUMBERS, *_numbers(found)]}, widths)


def pdf(found: Month, *, county: str) -> bytes:
    """The same on paper, with lines for the keeper and whoever checks."""
    made = found.made_at.astimezone(BEIJING)
    counts = Table(
        heading="汇总",
        columns=["种类", *(name for name, _ in _COUNTED), "平衡"],
        rows=[[_kind(line), *(str(count(line)) for _, count in _COUNTED), _closes(line)] for line in found.lines],
        widths=[4, *(2 for _ in _COUNTED), 2],
        numbers=[*range(1, len(_COUNTED) + 1)],
        none="没有登记过空白证照。",
    )
    numbers = Table(
        heading="编号",
        columns=_NUMBERS,
        rows=[[str(cell) for cell in row] for row in _numbers(found)],
        widths=[5, 3, 3, 6, 2, 3, 3, 3, 3, 3],
        numbers=[4],
        none="本月没有变动。",
    )
    notes = [
        f"{each.serials}：{words.WHYS[each.why]}，最后由 {each.holder or '—'} 经手"
        for line in found.lines
        for each in line.unexplained
    ]
    return drawn(
        title=f"空白证照月末清单 {found.month}",
        subtitle=f"{county}　{'月末' if found.is_over else '截至 ' + made.strftime('%Y-%m-%d %H:%M')}",
        author=county,
        made=made.date(),
        tables=[counts, numbers],
        notes=["没有交代的空白证照：", *notes] if notes else ["期初结存 + 入库 = 期末结存 + 打印 + 遗失 + 销毁。"],
        signs=("保管人", "复核人", "日期"),
        footer=f"空白证照月末清单 {found.month}",
    )


def _kind(line: Line) -> str:
    return words.kind(line.balance.kind, _ZH)


def _closes(line: Line) -> str:
    went = sum(line.moved(event) for event in (StockEvent.PRINT, StockEvent.LOSE, StockEvent.DESTROY))
    even = line.opening + line.moved(StockEvent.RECEIVE) == line.closing + went
    return "平" if even and not line.unexplained else "不平"


def _numbers(found: Month) -> Sequence[Sequence[object]]:
    return [
        [
            words.kind(each.kind, _ZH), words.EVENTS[each.event], each.day, str(each.span), each.span.count,
            each.by, each.witness, each.holder, words.reason(each.reason, _ZH), each.reference,
        ]
        for each in found.movements
    ]  # fmt: skip
