"""The words for states, events and findings of blank stock, the same on pages, in the terminal and on paper."""

from collections.abc import Mapping
from typing import Final

from adapters.hall.stock.balance import Why
from adapters.hall.stock.book import LOST_BECAUSE, SPOILED_BECAUSE
from adapters.hall.stock.states import StockEvent, StockState
from pages.labels import SPOIL_REASONS, STOCK_KINDS, Label
from pages.wording import mark as _
from pages.wording import say

STATES: Final[Mapping[StockState, Label]] = {
    StockState.IN_STOCK: Label(_("在库"), "calm", "■"),
    StockState.ISSUED: Label(_("已领用"), "wait", "→"),
    StockState.LOADED: Label(_("已装入打印机"), "wait", "▤"),
    StockState.RETURNED: Label(_("已退回，待保管人收回"), "ask", "…"),
    StockState.PRINTED: Label(_("已打印"), "good", "✓"),
    StockState.SPOILED: Label(_("已作废，待销毁"), "bad", "✕"),
    StockState.LOST: Label(_("已报遗失"), "bad", "!"),
    StockState.DESTROYED: Label(_("已销毁"), "calm", "✕"),
}
EVENTS: Final[Mapping[StockEvent, str]] = {
    StockEvent.RECEIVE: _("入库"),
    StockEvent.ISSUE: _("领用"),
    StockEvent.LOAD: _("装入打印机"),
    StockEvent.TAKE_OVER: _("交接班"),
    StockEvent.GIVE_BACK: _("窗口退回"),
    StockEvent.TAKE_BACK: _("保管人收回"),
    StockEvent.PRINT: _("打印合格"),
    StockEvent.SPOIL: _("作废"),
    StockEvent.LOSE: _("报遗失"),
    StockEvent.DECLARE_VOID: _("声明作废"),
    StockEvent.DESTROY: _("销毁"),
}
WHYS: Final[Mapping[Why, str]] = {
    Why.NOT_TAKEN_BACK: _("窗口说退回了，保管人还没有收回"),
    Why.PRINT_OPEN: _("可能已经打印，还没有人登记结果"),
    Why.NOT_IN_BOOK: _("入过库，账上找不到了"),
    Why.BOOK_DIFFERS: _("账上的状态与最后一次登记不符"),
    Why.ONLY_PRINTED: _("打印账上有，空白证照账上没有"),
    Why.ONLY_IN_STOCK_LEDGER: _("空白证照账上说已打印，打印账上没有"),
    Why.NOT_FOUND: _("账上在这里，盘点时没有找到"),
    Why.FOUND_ELSEWHERE: _("盘点时在这里找到，账上不在这里"),
    Why.PAST_CHANGED: _("已结的账与登记不符，登记被改动过"),
}


def kind(name: str, language: str) -> str:
    """A kind of stock by its own name, or as everybody calls it."""
    return say(STOCK_KINDS[name], language) if name in STOCK_KINDS else name


def reason(name: str, language: str) -> str:
    """Why a sheet is void or gone; both ledgers' reasons."""
    known: dict[str, str] = {**SPOIL_REASONS}
    known |= {str(each): text for each, text in (*SPOILED_BECAUSE.items(), *LOST_BECAUSE.items())}
    return say(known[name], language) if name in known else name
