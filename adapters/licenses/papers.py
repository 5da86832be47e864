"""Plain papers for people, such as a 收件凭证, through the same door to Typst as licenses: one font, no fallback.

What is drawn reaches the constant source as JSON, so that no name is ever read as markup.
"""

import json
import re
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst

from adapters.licenses.render import DEFAULT_FONT_FOLDER, FONT_MISSING, GLYPH_MISSING, RENDER_FAILED
from schemas.errors import YunhuobanError

FONT: Final = "Noto Serif CJK SC"
_PDF_STANDARD: Final = "a-2b"
_MISSING: Final = re.compile(r'the text `"(?:\\u\{([0-9a-f]{1,6})\}|(.))')  # Typst 0.15, as in `render`


class Papers:
    """Fonts and compiler, made at the first paper. Safe to call from several threads."""

    def __init__(self, source: bytes, *, font_folder: Path = DEFAULT_FONT_FOLDER) -> None:
        """`source` is Typst's own language and reads `sys.inputs.job`. Nothing is opened yet."""
        self._source = source
        self._folder = font_folder
        self._lock = threading.Lock()  # a compiler holds the data of the call it serves
        self._compiler: typst.Compiler | None = None

    def pdf(self, job: Mapping[str, Any], *, made_at: datetime) -> bytes:
        """One paper as PDF. Raises E-LIC-006, -007 (naming the character) or -009."""
        said = json.dumps(job, ensure_ascii=False)
        with self._lock:
            compiler = self._compiler = self._compiler or self._open()
            try:
                drawn = compiler.compile(
                    self._source,
                    format="pdf",
                    sys_inputs={"job": said},
                    pdf_standards=[_PDF_STANDARD],  # which refuses a missing glyph instead of drawing a box
                    timestamp=int(made_at.timestamp()),
                )
            except typst.TypstError as error:
                raise _told(error) from None  # Typst's own text quotes what it was drawing
        assert isinstance(drawn, bytes)  # noqa: S101 -- one PDF: pages are separate only as pictures
        return drawn

    def _open(self) -> typst.Compiler:
        if not self._folder.is_dir():
            raise YunhuobanError(FONT_MISSING, place=str(self._folder))
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(self._folder)])
        if FONT not in fonts.families():
            raise YunhuobanError(FONT_MISSING, place=str(self._folder), expected=FONT)
        return typst.Compiler(font_paths=fonts, ignore_system_fonts=True)


def _told(error: typst.TypstError) -> YunhuobanError:
    """What went wrong, without the text that was being drawn."""
    missing = _MISSING.search(error.message)
    if missing is None:
        return YunhuobanError(RENDER_FAILED)
    character = chr(int(missing[1], 16)) if missing[1] else missing[2]
    return YunhuobanError(GLYPH_MISSING, character=character, code_point=f"U+{ord(character):04X}")
