"""Calibration: a sheet of white paper that shows how far a printer lays a template off, and the offsets that end it.

The sheet takes the road of a license: the page size of the template, the tray it will lie in, the shift that the fill
layer gets. So the first sheet is measured, and the second proves that what was entered is right.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from adapters.hall.printers.register import Content, Offset, Register, Registered
from adapters.licenses import template as templates
from adapters.licenses.calibration import INSET_MM, calibration_sheet
from adapters.licenses.shift import shift_fill
from adapters.printing.ipp import Printer
from adapters.printing.media import Media
from pages import wording
from pages.frame import BEIJING
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

JOB_NAME: Final = "calibration"
"""No authorisation has this number, so no sheet of this name is ever taken for a license."""

FORM_UNKNOWN: Final = declare(
    "E-PRINT-169",
    "没有安装这个证照模板，或者没有写版本。",
    "请写“模板/版本”，如 business-license-duplicate/2019.1；已安装的模板列在打印机页面上。",
)
TRAY_UNKNOWN: Final = declare(
    "E-PRINT-170",
    "这台打印机没有登记这个纸盒，或者纸盒里不是这种大小的纸。",
    "请用 adapter printer list 查看登记的纸盒；登记不对的，用 adapter printer trays 重新登记。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A template as paper: what a calibration is for."""

    key: str  # id/version, as authorisations name it
    name: str
    copy_kind: str
    media: Media
    width_mm: float
    height_mm: float


@cache
def forms() -> tuple[Form, ...]:
    """Every installed template of a sheet that is printed here."""
    return tuple(sorted(_installed(), key=lambda form: form.key))


def form(key: str) -> Form:
    """One of them. Raises E-PRINT-169."""
    for each in forms():
        if each.key == key:
            return each
    raise YunhuobanError(FORM_UNKNOWN, place="template", found=key[:60], expected=", ".join(f.key for f in forms()))


def source_for(printer: Registered, wanted: Form, source: str) -> str:
    """The tray to calibrate; without one named, the only registered tray with this sheet. Raises E-PRINT-170."""
    fitting = [tray.source for tray in printer.trays if tray.media is wanted.media]
    if source in fitting or (not source and not printer.trays):
        return source
    if not source and len(fitting) == 1:
        return fitting[0]
    expected = ", ".join(fitting) or "-"
    raise YunhuobanError(TRAY_UNKNOWN, place=printer.name, found=source[:40] or "-", expected=expected)


def sheet(printer: Registered, wanted: Form, source: str, content: Content) -> bytes:
    """The sheet with the shift that a fill layer of this template would get now."""
    offset = content.offset(printer, wanted.key, source)
    x, y, scale = (offset.x_mm, offset.y_mm, offset.scale) if offset else (0.0, 0.0, 1.0)
    lines = []
    for language in wording.LANGUAGES:
        parts = [printer.name, source or "—", wanted.key]
        if offset:
            parts += [offset.set_by, offset.set_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")]
        lines += [
            " · ".join(parts) if language == wording.SOURCE_LANGUAGE else "",
            wording.say(_OFFSET, language, x=f"{x:+.1f}", y=f"{y:+.1f}", scale=f"{scale:.3f}"),
            wording.say(_MEASURE, language, inset=f"{INSET_MM:.1f}"),
            wording.say(_SIGNS, language, inset=f"{INSET_MM:.1f}"),
        ]
    pdf = calibration_sheet(
        wanted.width_mm, wanted.height_mm, title=wording.say(_TITLE), lines=[line for line in lines if line]
    )
    return shift_fill(pdf, shift_x_mm=x, shift_y_mm=y, scale=scale)


def print_sheet(printer: Registered, door: Printer, wanted: Form, source: str, content: Content) -> None:
    """Print one on white paper. Raises E-PRINT-170, or what the printer's door raises; it may be printed again."""
    source = source_for(printer, wanted, source)
    door.print_document(sheet(printer, wanted, source, content), job_name=JOB_NAME, media=wanted.media, source=source)


def keep(
    register: Register,
    name: str,
    wanted: Form,
    source: str,
    *,
    x_mm: float,
    y_mm: float,
    scale: float,
    by: str,
    now: datetime,
) -> Offset:
    """Keep what was measured. Raises E-PRINT-161, E-PRINT-165 or E-PRINT-170."""
    printer = register.content().named(name)
    offset = Offset(
        printer=name,
        template=wanted.key,
        source=source_for(printer, wanted, source),
        x_mm=x_mm,
        y_mm=y_mm,
        scale=scale,
        set_at=now,
        set_by=by,
    )
    register.calibrate(offset)
    return offset


_TITLE: Final = _("打印机校准页（白纸）")
_OFFSET: Final = _("这一页已加的偏移：向右 {x} 毫米，向下 {y} 毫米，缩放 {scale}。")
_MEASURE: Final = _("请用直尺量左上角十字到纸左边、纸上边的距离，各应为 {inset} 毫米。")
_SIGNS: Final = _(
    "新的向右偏移 = 已加的 + {inset} − 量得的到左边距离；新的向下偏移 = 已加的 + {inset} − 量得的到上边距离。"
)


def _installed() -> Iterator[Form]:
    for found in templates.all_templates():
        if found.media in set(Media):
            page = found.drawing["page"]
            yield Form(
                key=f"{found.id}/{found.version}",
                name=found.name,
                copy_kind=found.copy_kind,
                media=Media(found.media),
                width_mm=float(page["width"]),
                height_mm=float(page["height"]),
            )
