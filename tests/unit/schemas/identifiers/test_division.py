"""Division codes: form, province, county level."""

import pytest

from schemas.errors import YunhuobanError
from schemas.identifiers.division import DivisionCode


@pytest.mark.parametrize("text", ["130928", "140881", "130900", "110101", "441900", "659012", "710000", "820000"])
def test_codes_of_gbt_2260_are_read_and_written_back(text):
    """What is a division code stays the same text."""
    assert str(DivisionCode.parse(text)) == text


def test_county_level_is_what_does_not_end_in_00():
    """A county can be told from a prefecture and a province by its code, and its province be named."""
    assert DivisionCode.parse("130928").is_county_level
    assert not DivisionCode.parse("130900").is_county_level
    assert not DivisionCode.parse("441900").is_county_level
    assert DivisionCode.parse("130928").province == DivisionCode.parse("130000")


@pytest.mark.parametrize(
    ("text", "code", "found"),
    [
        ("13092", "E-ID-001", "len=5"),
        ("1309280", "E-ID-001", "len=7"),
        ("13092８", "E-ID-001", "U+FF18 @ 6"),  # a full-width digit
        ("13O928", "E-ID-001", "U+004F @ 3"),
        (" 13092", "E-ID-001", "U+0020 @ 1"),
        ("١٣٠٩٢٨", "E-ID-001", "U+0661 @ 1"),  # digits, but Arabic ones
        ("990928", "E-ID-002", "99"),
        ("000000", "E-ID-002", "00"),
    ],
)
def test_a_wrong_code_is_refused_with_what_was_found(text, code, found):
    """County IT learns which character is wrong, with a stable code."""
    with pytest.raises(YunhuobanError) as refusal:
        DivisionCode.parse(text)
    assert (refusal.value.code.code, refusal.value.found) == (code, found)
