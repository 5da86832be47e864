"""Plain papers: drawn through the same door as licenses; nothing is read as markup, no box stands for a name."""

from datetime import UTC, datetime

import pytest

from adapters.licenses.papers import Papers
from adapters.licenses.render import GLYPH_MISSING, RENDER_FAILED
from schemas.errors import YunhuobanError

AT = datetime(2026, 11, 26, tzinfo=UTC)
SOURCE = b"""#let job = json(bytes(sys.inputs.job))
#set text(font: "Noto Serif CJK SC", fallback: false)
#job.name"""


def test_a_paper_is_drawn_or_says_which_character_it_lacks():
    """The same bytes for the same words; markup in a name is letters; a missing glyph and a bad source are errors."""
    papers = Papers(SOURCE)
    drawn = papers.pdf({"name": "#panic() *王㐂*"}, made_at=AT)
    assert drawn.startswith(b"%PDF-")
    assert papers.pdf({"name": "#panic() *王㐂*"}, made_at=AT) == drawn
    with pytest.raises(YunhuobanError) as lacking:
        papers.pdf({"name": "王\U0003134b"}, made_at=AT)
    assert lacking.value.code == GLYPH_MISSING
    assert lacking.value.params["code_point"] == "U+3134B"
    with pytest.raises(YunhuobanError) as failed:
        Papers(b"#nothing-of-this-name").pdf({}, made_at=AT)
    assert failed.value.code == RENDER_FAILED
