"""Case numbers: minted by one county, read everywhere."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from schemas.errors import YunhuobanError
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import PROVINCES, DivisionCode

WUQIAO = DivisionCode.parse("130928")


def refusal_of(text):
    """Return the error that reading the text raises."""
    with pytest.raises(YunhuobanError) as refusal:
        CaseNo.parse(text)
    return refusal.value


def test_minting_gives_the_published_form():
    """Division, day, serial and the MOD 37,36 check character of the twenty digits."""
    assert str(CaseNo.mint(WUQIAO, date(2026, 11, 22), 17)) == "130928-20261122-000017-7"


def test_parts_are_read():
    """Each part can be had back."""
    case_no = CaseNo.parse("130928-20261122-000017-7")
    assert (case_no.division, case_no.day, case_no.serial) == (WUQIAO, date(2026, 11, 22), 17)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("130928-20261122-000017", "E-ID-051"),
        ("130928-20261122-000017-77", "E-ID-051"),
        ("130928 20261122-000017-7", "E-ID-051"),
        ("130928—20261122—000017—7", "E-ID-051"),
        ("130928-20261122-00001A-7", "E-ID-051"),
        ("130928-2026-1122000017-7", "E-ID-051"),
        ("13092８-20261122-000017-7", "E-ID-051"),
        ("130928-20261122-000017-é", "E-ID-051"),
        ("130928-20261122-000017-8", "E-ID-053"),
    ],
)
def test_other_forms_are_refused(text, code):
    """Form and check character each have their code."""
    assert refusal_of(text).code.code == code


def test_the_refusal_names_the_right_check_character():
    """A clerk who misheard one character can be told what the rest would need."""
    error = refusal_of("130928-20261122-000017-C")
    assert (error.found, error.expected) == ("C", "7")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("130928-20260229-000017", "E-ID-052"),
        ("130928-20261122-000000", "E-ID-054"),
        ("990928-20261122-000017", "E-ID-002"),
    ],
)
def test_a_right_check_character_does_not_excuse_unreal_parts(body, code):
    """The day must be real, the serial at least 1, the division one of a province."""
    check = mod_37_36.calc_check_digit(body.replace("-", ""))
    assert refusal_of(f"{body}-{check}").code.code == code


@pytest.mark.parametrize("serial", [0, -1, 1_000_000])
def test_a_serial_outside_six_digits_is_not_minted(serial):
    """A county that opens a million cases a day hears of it and gets no second case with the same number."""
    with pytest.raises(YunhuobanError, match="E-ID-054"):
        CaseNo.mint(WUQIAO, date(2026, 11, 22), serial)


DIVISIONS = st.builds(
    lambda province, rest: DivisionCode(f"{province}{rest:04}"),
    st.sampled_from(sorted(PROVINCES)),
    st.integers(0, 9999),
)
CASES = st.builds(CaseNo.mint, DIVISIONS, st.dates(), st.integers(1, 999_999))


@given(CASES)
def test_whatever_is_minted_can_be_read(case_no):
    """Write and read give the same number."""
    assert CaseNo.parse(str(case_no)) == case_no


@given(CASES, st.data())
def test_any_single_changed_character_is_refused(case_no, data):
    """MOD 37,36 guarantees: one changed character is always found; hyphens are compared as they are."""
    text = str(case_no)
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from([c for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-x" if c != text[position]]))
    refusal_of(text[:position] + character + text[position + 1 :])
