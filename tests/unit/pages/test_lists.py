"""Lists as PDF: what cannot be drawn is said by a code, and names the character and nothing else of the text."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pages.lists import drawing
from pages.lists.drawing import Table, drawn
from schemas.errors import YunhuobanError

PLAIN = {
    "title": "清单",
    "subtitle": "2026-11",
    "author": "吴桥县",
    "made": date(2026, 11, 26),
    "tables": [Table(heading="一", columns=["甲"], rows=[["乙"]], widths=[1], numbers=(), none="没有。")],
    "notes": [],
    "signs": ("日期",),
    "footer": "清单",
}


def refused(**changes: Any) -> YunhuobanError:
    """What a list is refused with."""
    with pytest.raises(YunhuobanError) as told:
        drawn(**(PLAIN | changes))
    return told.value


def test_the_same_data_make_the_same_bytes() -> None:
    """And a cell is never read as a command."""
    rows = [['#panic("x") $1$ *b* <a> \\ @b']]
    table = Table(heading="一", columns=["甲"], rows=rows, widths=[1], numbers=(), none="")
    assert drawn(**PLAIN)[:5] == b"%PDF-"
    assert drawn(**(PLAIN | {"tables": [table]})) == drawn(**(PLAIN | {"tables": [table]}))


def test_a_character_that_the_typeface_lacks_is_named() -> None:
    """Instead of a box in its place; the rest of the text is not told."""
    found = refused(subtitle="秘密\U0002ebf0")
    assert found.code is drawing.GLYPH_MISSING
    assert found.params["code_point"] == "U+2EBF0"
    assert "秘密" not in str(found)


def test_what_cannot_be_drawn_at_all_is_one_error() -> None:
    """A width that is no number, for instance; and a folder without the typeface names the package."""
    odd = Table(heading="", columns=["甲"], rows=[["乙"]], widths=("x",), numbers=(), none="")  # type: ignore[arg-type]
    assert refused(tables=[odd]).code is drawing.DRAWING_FAILED
    assert refused(font_folder=Path("/nowhere")).code is drawing.FONT_MISSING
