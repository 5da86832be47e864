"""Why a printer would not print now, found by a question before a byte is sent. Pure.

The order is that of help: what a person at the printer sees and ends first (a door, a jam, no paper), then whether the
right sheet lies ready, then whether somebody else is printing. What a busy printer warns of is why its job does not
end, and no more "wait a little". Source: RFC 8011 section 5.4.12.
"""

from collections.abc import Mapping
from typing import Final

from adapters.printing.ipp import Activity, PrinterState
from adapters.printing.media import Media
from adapters.printing.troubles import BUSY, MEDIA_NOT_SUPPORTED
from schemas import errors
from schemas.errors import Code, YunhuobanError

NEEDS_ATTENTION: Final = errors.declare(
    "E-PRINT-142", "打印机现在不能出纸，文件没有送出。", "请按打印机提示处理（装纸、清卡纸、合盖），然后再打印。"
)
NOT_LOADED: Final = errors.declare(
    "E-PRINT-151",
    "打印机里没有装这种纸，文件没有送出。",
    "请照页面上的空白证照种类和纸张大小装纸，核对装在哪个纸盒，然后再打印。",
)
PAPER_OUT: Final = errors.declare("E-PRINT-152", "打印机缺纸，文件没有送出。", "请装入页面上所说的纸，然后再打印。")
JAMMED: Final = errors.declare(
    "E-PRINT-153",
    "打印机卡着纸，文件没有送出。",
    "请清出卡住的纸；那张纸如是空白证照，按作废登记它所属的那次打印。然后再打印。",
)
OPEN: Final = errors.declare("E-PRINT-154", "打印机的盖或门开着，文件没有送出。", "请合好打印机的盖和门，然后再打印。")
NO_TONER: Final = errors.declare("E-PRINT-155", "打印机的墨粉用完了，文件没有送出。", "请换上新墨粉盒，然后再打印。")

_BY_REASON: Final[Mapping[str, Code]] = {
    "cover-open": OPEN,
    "door-open": OPEN,
    "interlock-open": OPEN,
    "media-jam": JAMMED,
    "toner-empty": NO_TONER,
    "marker-supply-empty": NO_TONER,
    "media-empty": PAPER_OUT,
    "media-needed": PAPER_OUT,
    "input-tray-missing": PAPER_OUT,
}


def obstacle(state: PrinterState, media: Media, *, source: str = "", place: str = "") -> YunhuobanError | None:
    """Return what keeps a sheet of this size, out of this tray, from coming out; none when nothing does."""
    if media not in state.media_supported:
        return YunhuobanError(MEDIA_NOT_SUPPORTED, place=place, expected=media)
    stopping = state.stopping_reasons
    is_busy = state.activity is Activity.PROCESSING
    telling = {each for each in state.reasons if each.endswith("-warning")} if is_busy else set()
    for keyword, code in _BY_REASON.items():
        if any(reason.startswith(keyword) for reason in stopping | telling):
            return YunhuobanError(code, place=place, found=", ".join(sorted(state.reasons)))
    if state.activity is Activity.STOPPED or not state.is_accepting or stopping:
        return YunhuobanError(NEEDS_ATTENTION, place=place, found=", ".join(sorted(state.reasons)))
    if not state.has_loaded(media, source):
        loaded = ", ".join(f"{tray.source} {tray.media}".strip() for tray in state.trays)
        return YunhuobanError(
            NOT_LOADED,
            place=place,
            found=loaded or ", ".join(sorted(state.media_ready)),
            expected=f"{source} {media}".strip(),
        )
    if is_busy:
        return YunhuobanError(BUSY, place=place)
    return None
