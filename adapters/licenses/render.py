"""The door to Typst: one page of a license as PDF/A-2b (ISO 19005-2), the same bytes for the same face.

The Typst source is constant; the face reaches it as JSON, so that no name is ever read as markup. There is one font
and no fallback: a character it lacks stops the license and is named, because a box on paper would be a wrong name.
"""

import calendar
import json
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import typst

from adapters.licenses import qr
from adapters.licenses.amounts import count_in_characters, year_in_characters
from adapters.licenses.face import LicenseFace, statement
from adapters.licenses.facelines import day_written
from adapters.licenses.template import Template
from schemas.errors import YunhuobanError, declare

DEFAULT_FONT_FOLDER: Final = Path("/usr/share/fonts/opentype/noto")  # Debian's fonts-noto-cjk: static, not variable
_PDF_STANDARD: Final = "a-2b"
# Typst 0.15: the text `"…"` could not be displayed with font `"…"`, the text escaped as a Rust string
_MISSING: Final = re.compile(r'the text `"(?:\\u\{([0-9a-f]{1,6})\}|(.))')
_OVERFLOW: Final = re.compile(r"panicked with: overflow, (\S{1,20})")

FONT_MISSING: Final = declare(
    "E-LIC-006",
    "没有找到证照所用的字体。",
    "请安装 Debian 软件包 fonts-noto-cjk，或在配置中指明字体目录；不会用别的字体代替。",
)
GLYPH_MISSING: Final = declare(
    "E-LIC-007",
    "字体中没有这个字：{character}（{code_point}），证照没有生成。",
    "请核对用字；确有此字的，请县信息中心为证照模板换用含该字的字体。不会用别的字或空框代替。",
)
TEXT_TOO_LONG: Final = declare(
    "E-LIC-008", "内容太长，最小字号也印不下：{label}。", "请与申请人核减该项内容，或按规定另附附页。"
)
RENDER_FAILED: Final = declare(
    "E-LIC-009", "证照没有能够排版。", "请把错误代码和证照编号告诉县信息中心；决定不受影响，可以重试。"
)


class Renderer:
    """Fonts and compiler, made once (some 0.1 s) and used for every license. Safe to call from several threads."""

    def __init__(self, *, font_folder: Path = DEFAULT_FONT_FOLDER) -> None:
        """Read the fonts of one folder and nothing of the system's. Raises FONT_MISSING when there are none."""
        if not font_folder.is_dir():
            raise YunhuobanError(FONT_MISSING, place=str(font_folder))
        self._fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder)]
        )
        self._folder = font_folder
        self._families = frozenset(self._fonts.families())
        self._compiler = typst.Compiler(font_paths=self._fonts, ignore_system_fonts=True)
        self._lock = threading.Lock()  # a compiler holds the data of the call it serves

    def render_complete(self, face: LicenseFace, template: Template) -> bytes:
        """The whole page, stock and fill; with 样张 across it and 样章 in the seal when the face is a trial's.

        Raises FACE_INCOMPLETE, FONT_MISSING, GLYPH_MISSING, TEXT_TOO_LONG or RENDER_FAILED.
        """
        return self._render(face, template, ("stock", "fill"))

    def render_fill(self, face: LicenseFace, template: Template) -> bytes:
        """Only what is printed onto stock. Raises as `render_complete` does."""
        return self._render(face, template, ("fill",))

    def render_layers(self, face: LicenseFace, template: Template, layers: Sequence[str]) -> bytes:
        """The layers that are named, `stock` and `fill`, as PDF: for looking. Raises as `render_complete` does."""
        return self._render(face, template, layers)

    def render_picture(
        self, face: LicenseFace, template: Template, layers: Sequence[str], *, pixels_per_inch: float
    ) -> bytes:
        """The same as PNG. Raises as `render_complete` does."""
        return self._render(face, template, layers, pixels_per_inch=pixels_per_inch)

    def _render(
        self,
        face: LicenseFace,
        template: Template,
        layers: Sequence[str],
        *,
        pixels_per_inch: float | None = None,
    ) -> bytes:
        template.require_lines(face.lines)
        if template.font not in self._families:
            raise YunhuobanError(FONT_MISSING, place=str(self._folder), expected=template.font)
        job = json.dumps(_job(face, template, layers), ensure_ascii=False)
        with self._lock:
            try:
                page, warnings = self._compiler.compile_with_warnings(
                    template.page_source,
                    format="pdf" if pixels_per_inch is None else "png",
                    ppi=pixels_per_inch,
                    sys_inputs={"job": job},
                    pdf_standards=[_PDF_STANDARD] if pixels_per_inch is None else [],
                    timestamp=calendar.timegm(face.issued_on.timetuple()),
                )
            except typst.TypstError as error:
                raise _wrapped(error, template) from None  # Typst's own text quotes what it was drawing
        if warnings or not isinstance(page, bytes):
            raise YunhuobanError(RENDER_FAILED, place=template.id, found=f"{len(warnings)} warnings")
        return page


def _job(face: LicenseFace, template: Template, layers: Sequence[str]) -> dict[str, Any]:
    day = face.issued_on
    if template.date_style == "characters":
        year, month, date = year_in_characters(day.year), count_in_characters(day.month), count_in_characters(day.day)
    else:
        year, month, date = f"{day.year}", f"{day.month:02}", f"{day.day:02}"
    with_copy_no = template.number_rule == "with_copy_no"
    return {
        "template": template.drawing,
        "layers": list(layers),
        "trial": face.trial,
        "marks": {"page": "样张", "seal": "样章", "notice": "样张 · 无法律效力"},
        "qr": qr.svg(face.verification_url),
        "document": {
            "title": template.name,
            "author": face.issuing_authority,
            "description": statement(
                face, copy_kind=template.copy_kind, template=template.id, template_version=template.version
            ),
            "date": [day.year, day.month, day.day],
        },
        "fields": {
            **dict(face.lines),
            template.number_label: f"{face.number}-{face.copy_no}" if with_copy_no else face.number,
            "发证机关": face.issuing_authority,
            "发证日期": day_written(template, day),
            "副本编号": f"副本编号：{face.copies}-{face.copy_no}",
            "年": year,
            "月": month,
            "日": date,
        },
    }


def _wrapped(error: typst.TypstError, template: Template) -> YunhuobanError:
    """What went wrong, without the text that was being drawn."""
    overflow = _OVERFLOW.fullmatch(error.message)
    if overflow:
        room = template.rooms.get(overflow[1])
        least = f">= {room.sizes[-1]:g} pt, {room.width:g} × {room.height:g} mm" if room else ""
        return YunhuobanError(TEXT_TOO_LONG, place=overflow[1], expected=least, label=overflow[1])
    missing = _MISSING.search(error.message)
    if missing:
        character = chr(int(missing[1], 16)) if missing[1] else missing[2]
        return YunhuobanError(GLYPH_MISSING, character=character, code_point=f"U+{ord(character):04X}")
    return YunhuobanError(RENDER_FAILED)
