"""License identifiers: recomputed real ones, the published wrong one, building and new versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import YunhuobanError
from schemas.identifiers.license import ROOT, LicenseIdentifier, check_character
from schemas.identifiers.shape import DIGITS_AND_LETTERS

REAL = [
    ("11100000000013338W011.11430000006122244L.20230000403.001", "U"),
    ("11100000000013338W011.11430000006122244L.20230000403.002", "S"),
    ("11100000000013338W032.11220000013544541J.2430599.001", "F"),
    ("11100000000013338W009.11330105002500287C.2025052201.002", "0"),
    ("11100000MB03271699022.340100.000000016.001", "9"),
]
SYNTHETIC = "1.2.156.3005.2.11100000MB0143028R001.11140881MB0000000U.20220824000001.001.Q"


def refusal_of(text):
    """Return the error that reading the text raises."""
    with pytest.raises(YunhuobanError) as refusal:
        LicenseIdentifier.parse(text)
    return refusal.value


def test_trace_of_the_algorithm():
    """The hand-traced example of MOD 37,36 gives V."""
    assert check_character("ABC1") == "V"


@pytest.mark.parametrize(("body", "check"), [*REAL, ("062301.1101101102.0624001.001", "U")])
def test_check_characters_of_identifiers_in_use(body, check):
    """The root takes no part, the dots take no part."""
    assert check_character(body.replace(".", "")) == check


@pytest.mark.parametrize("text", [f"{ROOT}.{body}.{check}" for body, check in REAL] + [SYNTHETIC])
def test_identifiers_in_use_are_read_and_written_back(text):
    """What an authority issued stays the same text."""
    assert str(LicenseIdentifier.parse(text)) == text


def test_the_published_wrong_example_is_refused_with_the_right_character():
    """A vendor's document has check M where D is right: the refusal says D."""
    body = "11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001"
    error = refusal_of(f"{ROOT}.{body}.M")
    assert (error.code.code, error.found, error.expected) == ("E-ID-042", "M", "D")


def test_parts_are_read():
    """Every part stands where GB/T 36904 puts it."""
    identifier = LicenseIdentifier.parse(SYNTHETIC)
    assert identifier.type_code == "11100000MB0143028R001"
    assert identifier.issuer == "11140881MB0000000U"
    assert identifier.serial == "20220824000001"
    assert identifier.version == 1
    assert identifier.warnings == ()


def test_building_gives_the_same_identifier():
    """An authority's own machine makes what others read."""
    built = LicenseIdentifier.build("11100000MB0143028R001", "11140881MB0000000U", "20220824000001", 1)
    assert str(built) == SYNTHETIC


def test_next_version_counts_and_recomputes():
    """Version 2 of a real license has the check character that its authority printed."""
    first, second = (LicenseIdentifier.parse(f"{ROOT}.{body}.{check}") for body, check in REAL[:2])
    assert first.next_version() == second


def test_versions_end_at_999():
    """There is no version 1000 and no version 0."""
    last = LicenseIdentifier.build("11100000MB0143028R001", "340100", "7", 999)
    with pytest.raises(YunhuobanError, match="E-ID-043"):
        last.next_version()
    with pytest.raises(YunhuobanError, match="E-ID-043"):
        LicenseIdentifier.build("11100000MB0143028R001", "340100", "7", 0)
    assert refusal_of(f"{ROOT}.11100000MB0143028R001.340100.7.000.0").code.code == "E-ID-043"


def test_local_codes_are_a_warning_only():
    """A six-digit issuer and a body whose own check is wrong are told, not refused."""
    local = LicenseIdentifier.parse(f"{ROOT}.11100000MB03271699022.340100.000000016.001.9")
    assert [(warning.code.code, warning.place) for warning in local.warnings] == [("E-ID-044", "issuer")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("11100000MB0143028R001.11140881MB0000000U.20220824000001.001.Q", ""),  # no root
        (SYNTHETIC.replace("3005.2.", "3005.3."), ""),  # another root
        (SYNTHETIC[:-2], ""),
        (SYNTHETIC + ".1", ""),
        (SYNTHETIC.replace("R001", "R01"), "type"),
        (SYNTHETIC.replace("11140881MB0000000U", "1114088"), "issuer"),
        (SYNTHETIC.replace(".20220824000001.", ".."), "serial"),
        (SYNTHETIC.replace("20220824000001", "1" * 33), "serial"),
        (SYNTHETIC.replace("20220824000001", "2022a824000001"), "serial"),
        (SYNTHETIC.replace("20220824000001", "2022-824000001"), "serial"),
        (SYNTHETIC.replace(".001.", ".01A."), "version"),
        (SYNTHETIC[:-1] + "q", "check"),
    ],
)
def test_other_forms_are_refused_with_their_place(text, place):
    """The refusal names the part that is wrong."""
    error = refusal_of(text)
    assert (error.code.code, error.place) == ("E-ID-041", place)


ALNUM = st.sampled_from(DIGITS_AND_LETTERS)
PARTS = st.tuples(
    st.text(ALNUM, min_size=21, max_size=21),
    st.one_of(st.text(ALNUM, min_size=18, max_size=18), st.text(ALNUM, min_size=6, max_size=6)),
    st.text(ALNUM, min_size=1, max_size=32),
    st.integers(1, 999),
)


@given(PARTS)
def test_whatever_can_be_built_can_be_read(parts):
    """Build, write and read give the same parts back."""
    identifier = LicenseIdentifier.parse(str(LicenseIdentifier.build(*parts)))
    assert (identifier.type_code, identifier.issuer, identifier.serial, identifier.version) == parts


@given(PARTS, st.data())
def test_any_single_changed_character_is_refused(parts, data):
    """MOD 37,36 guarantees: one changed character is always found; root and dots are compared as they are."""
    text = str(LicenseIdentifier.build(*parts))
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from([c for c in DIGITS_AND_LETTERS + ".-a" if c != text[position]]))
    refusal_of(text[:position] + character + text[position + 1 :])
