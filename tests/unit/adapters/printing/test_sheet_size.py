"""The sheet that has to lie in the printer follows from paper and template, not from the word 正本."""

import pytest

from adapters.printing.media import Media
from adapters.printing.sheetsize import media_of
from adapters.printing.tables import CopyKind
from tests.printers import authorisation

ORIGINAL, DUPLICATE = CopyKind.ORIGINAL, CopyKind.DUPLICATE


@pytest.mark.parametrize(
    ("template", "copy_kind", "stock_kind", "media"),
    [
        ("business-license-original/2019.1", ORIGINAL, "business-license-original-2019", Media.A3),
        ("business-license-branch-duplicate/2019.1", DUPLICATE, "business-license-duplicate-2019", Media.A4),
        ("residence-proof/2026.1", ORIGINAL, "residence-proof", Media.A4),
        ("elder-card/2026.1", ORIGINAL, "elder-card", Media.A6),
        ("elder-card/2026.1", ORIGINAL, "specimen-a4", Media.A4),
        ("business-license-original/2019.1", ORIGINAL, "specimen-a3", Media.A3),
        ("of-tomorrow/2031.1", ORIGINAL, "of-tomorrow", Media.A3),
        ("of-tomorrow/2031.1", DUPLICATE, "of-tomorrow", Media.A4),
    ],
)
def test_sheet(template, copy_kind, stock_kind, media):
    """An A4 正本 does not ask for A3; specimens lie on specimen paper; an unknown template is taken for the usual."""
    given = authorisation(template=template, copy_kind=copy_kind, stock_kind=stock_kind)
    assert media_of(given) is media
