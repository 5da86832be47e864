"""A list as PDF/A-2b (ISO 19005-2), drawn by Typst from data: the same bytes for the same data.

As for licenses there is one font and no fallback, and a character it lacks is named instead of drawn as a box.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Final

import typst

from schemas.errors import YunhuobanError, declare

FONT_FOLDER: Final = Path("/usr/share/fonts/opentype/noto")  # Debian's fonts-noto-cjk
FONT: Final = "Noto Serif CJK SC"
_PDF_STANDARD: Final = "a-2b"
FONT_MISSING: Final = declare(
    "E-PAGE-140",
    "没有找到 PDF 所用的中文字体。",
    "请在这台机器上安装 Debian 软件包 fonts-noto-cjk；同样的内容也可以存成 XLSX，或在浏览器里打印页面。",
)
GLYPH_MISSING: Final = declare(
    "E-PAGE-141",
    "字体中没有这个字：{character}（{code_point}），PDF 没有生成。",
    "请核对用字；确有此字的，请改存 XLSX。不会用别的字或空框代替。",
)
DRAWING_FAILED: Final = declare("E-PAGE-142", "PDF 没有能够排版。", "请改存 XLSX，并把错误代码告诉县信息中心或运维。")
_MISSING: Final = re.compile(r'the text `"(?:\\u\{([0-9a-f]{1,6})\}|(.))')


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of a list."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    """Shares of the line; 0 is as wide as its content."""
    numbers: Sequence[int]
    """Columns that are aligned to the right."""
    none: str
    """What stands there without rows."""


def drawn(
    *,
    title: str,
    subtitle: str,
    author: str,
    made: date,
    tables: Sequence[Table],
    notes: Sequence[str],
    signs: Sequence[str],
    footer: str,
    mark: str = "",
    font_folder: Path = FONT_FOLDER,
) -> bytes:
    """A list as PDF, A4 across, `mark` behind the text of every page. Raises E-PAGE-140, -141 or -142."""
    job: Mapping[str, object] = {
        "title": title,
        "subtitle": subtitle,
        "author": author,
        "made": [made.year, made.month, made.day],
        "font": FONT,
        "tables": [asdict(each) for each in tables],
        "notes": list(notes),
        "signs": list(signs),
        "footer": footer,
        "mark": mark,
    }
    return compiled("list.typ", job, font_folder=font_folder)


def compiled(template: str, job: Mapping[str, object], *, font_folder: Path = FONT_FOLDER) -> bytes:
    """A template of this package with its data as PDF. Raises E-PAGE-140, -141 or -142."""
    if not font_folder.is_dir():
        raise YunhuobanError(FONT_MISSING, place=str(font_folder))
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder)])
    compiler = typst.Compiler(font_paths=fonts, ignore_system_fonts=True)
    source = resources.files("pages.lists").joinpath(template).read_bytes()
    try:
        pdf, warnings = compiler.compile_with_warnings(
            source,
            format="pdf",
            sys_inputs={"job": json.dumps(job, ensure_ascii=False)},
            pdf_standards=[_PDF_STANDARD],
            timestamp=0,
        )
    except typst.TypstError as error:
        raise _wrapped(error) from None  # Typst's own text quotes what it was drawing
    if warnings or not isinstance(pdf, bytes):
        raise YunhuobanError(DRAWING_FAILED, place="list", found=f"{len(warnings)} warnings")
    return pdf


def _wrapped(error: typst.TypstError) -> YunhuobanError:
    missing = _MISSING.search(error.message)
    if missing is None:
        return YunhuobanError(DRAWING_FAILED, place="list")
    character = chr(int(missing[1], 16)) if missing[1] else missing[2]
    return YunhuobanError(GLYPH_MISSING, character=character, code_point=f"U+{ord(character):04X}")
