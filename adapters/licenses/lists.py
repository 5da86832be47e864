"""Lists for a hall's files as PDF/A, drawn by Typst from data: the same bytes for the same data.

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

from adapters.licenses.render import DEFAULT_FONT_FOLDER, FONT_MISSING, GLYPH_MISSING, RENDER_FAILED
from schemas.errors import YunhuobanError

FONT: Final = "Noto Serif CJK SC"
_PDF_STANDARD: Final = "a-2b"
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
    font_folder: Path = DEFAULT_FONT_FOLDER,
) -> bytes:
    """A list as PDF, A4 across, `mark` behind the text of every page. Raises E-LIC-006, E-LIC-007, E-LIC-009."""
    if not font_folder.is_dir():
        raise YunhuobanError(FONT_MISSING, place=str(font_folder))
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
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder)])
    compiler = typst.Compiler(font_paths=fonts, ignore_system_fonts=True)
    source = resources.files("adapters.licenses").joinpath("templates", "list.typ").read_bytes()
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
        raise YunhuobanError(RENDER_FAILED, place="list", found=f"{len(warnings)} warnings")
    return pdf


def _wrapped(error: typst.TypstError) -> YunhuobanError:
    missing = _MISSING.search(error.message)
    if missing is None:
        return YunhuobanError(RENDER_FAILED, place="list")
    character = chr(int(missing[1], 16)) if missing[1] else missing[2]
    return YunhuobanError(GLYPH_MISSING, character=character, code_point=f"U+{ord(character):04X}")
