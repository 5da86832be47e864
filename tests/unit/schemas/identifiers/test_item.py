"""Item codes in their three lengths."""

import pytest

from schemas.errors import YunhuobanError
from schemas.identifiers.item import ItemCode

# Company registration and its handlings, then codes in use (Jining, Shandong, Guangdong), then 永济's synthetic ones.
BASIC = ["00013112700Y", "000131127004"]
IMPLEMENTATION = [
    "11370800MB285591843370117002011",
    "12441500196720244T3442199806003",
    "11140881MB0000000U4000131127004",
]
HANDLING = ["11370800MB28559184300011711200001", "11140881MB0000000U400013112700401"]


@pytest.mark.parametrize("text", BASIC + IMPLEMENTATION + HANDLING)
def test_codes_in_use_are_read_and_written_back(text):
    """Each of the three lengths is read, without warnings, and stays the same text."""
    code = ItemCode.parse(text)
    assert str(code) == text
    assert code.warnings == ()


def test_parts_of_a_handling_code():
    """Every part stands where the standard puts it."""
    code = ItemCode.parse("11140881MB0000000U400013112700401")
    assert str(code.authority) == "11140881MB0000000U"
    assert code.level == "4"
    assert (code.catalogue, code.item_type, code.department, code.main_item, code.sub_item) == (
        "00",
        "01",
        "31",
        "127",
        "004",
    )
    assert code.handling == "01"
    assert code.implementation == ItemCode.parse("11140881MB0000000U4000131127004")
    assert code.basic == ItemCode.parse("000131127004")


def test_parts_that_a_shorter_code_lacks_are_none():
    """A basic code names no authority; an implementation code names no handling."""
    basic, implementation = ItemCode.parse("00013112700Y"), ItemCode.parse(IMPLEMENTATION[1])
    assert (basic.authority, basic.level, basic.handling, basic.implementation) == (None, None, None, None)
    assert basic.sub_item == "00Y"
    assert basic.basic == basic
    assert (implementation.level, implementation.handling, implementation.catalogue) == ("3", None, "44")
    assert implementation.implementation == implementation


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("00013112700401", "E-ID-031"),  # basic code + 2, a form of 实施规范, names no authority
        ("00013112700X", "E-ID-031"),
        ("0001311270Y0", "E-ID-031"),
        ("A00131127004", "E-ID-031"),
        ("00013112700４", "E-ID-031"),
        ("11140881MB0000000U40001311270040A", "E-ID-031"),
        ("11140881MB0000000U4000131127004 1", "E-ID-031"),
        ("11140881MB0000000U7000131127004", "E-ID-032"),
        ("11140881MB0000000UA000131127004", "E-ID-032"),
        ("11140881MB00000001" + "4000131127004", "E-ID-012"),
    ],
)
def test_wrong_codes_are_refused(text, code):
    """Each kind of mistake has its own stable code; a wrong authority is refused as such."""
    with pytest.raises(YunhuobanError) as refusal:
        ItemCode.parse(text)
    assert refusal.value.code.code == code


def test_unknown_catalogue_is_a_warning_only():
    """A first pair that is no province is told, not refused, and unknown item types (21 in Guangdong) are neither."""
    assert [warning.code.code for warning in ItemCode.parse("990131127004").warnings] == ["E-ID-033"]
    assert ItemCode.parse("442131127004").warnings == ()
