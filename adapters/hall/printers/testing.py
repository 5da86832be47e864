"""A registered printer under test: its word for itself and each tray, without a sheet of paper."""

from collections.abc import Iterator
from typing import Final

from adapters.hall.printers import words
from adapters.hall.printers.looking import Look
from pages import wording
from pages.wording import mark as _

_STATE: Final = _("{name}：{state}")
_GOOD: Final = _("✓ {tray}：可以打印")
_BAD: Final = _("✕ {tray}：{why}")
_BY_HAND: Final = _("没有登记纸盒：由人手工装纸，打印前请核对。")


def lines(look: Look, language: str) -> Iterator[str]:
    """One language's lines."""
    yield wording.say(_STATE, language, name=look.name, state=wording.say(words.told(look).text, language))
    bad = {tray.source: error for tray, error in look.why_not if tray is not None}
    whole = next((error for tray, error in look.why_not if tray is None), None)
    for tray in look.trays:
        why = whole or bad.get(tray.source)
        shown = words.tray(tray, language)
        if why is None:
            yield wording.say(_GOOD, language, tray=shown)
        else:
            yield wording.say(_BAD, language, tray=shown, why=wording.say(why.code.sentence, language))
    if not look.trays:
        yield wording.say(_BY_HAND, language)
