"""Citizen numbers: checksum and real date, nothing else; never shown in full by accident."""

import traceback
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import YunhuobanError
from schemas.identifiers.citizen import CitizenNumber

# The standard's two examples, then synthetic ones of 吴桥 and 永济 (a leap day).
EXAMPLES = ["11010519491231002X", "440524188001010014", "130928198501010014", "140881199202290020"]
# Right checksums that python-stdnum's cn.ric.validate refuses for their region.
REGION_TRAPS = ["13043419840726291X", "810000199408230021", "830000199201300022"]


def refusal_of(text):
    """Return the error that reading the text raises."""
    with pytest.raises(YunhuobanError) as refusal:
        CitizenNumber.parse(text)
    return refusal.value


def with_check(seventeen):
    """Return the number with the one check character that is accepted, whatever else is refused about it."""
    error = refusal_of(seventeen + "X")
    return seventeen + (error.expected if error.code.code == "E-ID-023" else "X")


@pytest.mark.parametrize("text", EXAMPLES + REGION_TRAPS)
def test_true_numbers_are_read_whatever_their_region_once_was(text):
    """No holder of a true number is turned away because a county changed its code."""
    number = CitizenNumber.parse(text)
    assert number.reveal() == text
    assert number.warnings == ()


def test_date_of_birth_is_read():
    """The date is a real one, leap days included."""
    assert CitizenNumber.parse("140881199202290020").born_on == date(1992, 2, 29)


def test_small_x_is_the_same_number():
    """People type x; the canonical form is X."""
    assert CitizenNumber.parse("11010519491231002x") == CitizenNumber.parse("11010519491231002X")


def test_unknown_region_is_a_warning_only():
    """A region that no province begins with is told, not refused."""
    (warning,) = CitizenNumber.parse(with_check("99092819850101001")).warnings
    assert (warning.code.code, warning.found) == ("E-ID-024", "99")


@pytest.mark.parametrize("birth", ["19910229", "19850001", "19851301", "19850431", "00000101"])
def test_unreal_dates_are_refused_without_telling_them(birth):
    """A date that never was is refused; its digits do not travel with the refusal."""
    error = refusal_of(with_check(f"130928{birth}001"))
    assert error.code.code == "E-ID-022"
    assert birth not in error.found + error.expected + str(error)


@pytest.mark.parametrize("text", EXAMPLES)
def test_wrong_check_character_is_refused_with_the_right_one(text):
    """The refusal names the character that would be right, and nothing more of the number."""
    wrong = "5"
    error = refusal_of(text[:17] + wrong)
    assert (error.code.code, error.found, error.expected) == ("E-ID-023", wrong, text[17])


@pytest.mark.parametrize("text", ["130928850101001", "13092819850101001４", "1309281985010100X4", "130928 19850101001"])
def test_other_forms_are_refused(text):
    """Fifteen digits, full-width digits, an X inside and blanks are not citizen numbers."""
    assert refusal_of(text).code.code == "E-ID-021"


@pytest.mark.parametrize("text", EXAMPLES + REGION_TRAPS)
def test_no_way_of_printing_shows_the_number(text):
    """str, repr, format and containers show the masked form, birth date hidden."""
    number = CitizenNumber.parse(text)
    for shown in (str(number), repr(number), f"{number}", f"{[number]}", f"{number!a}", str([number])):
        assert text not in shown
        assert text[6:14] not in shown
    assert str(number) == f"{text[:6]}********{text[14:]}"
    assert CitizenNumber.parse("130928198501010014").masked() == "130928********0014"


@given(st.sampled_from(EXAMPLES), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_changed_character_is_refused_and_no_refusal_tells_the_number(text, position, character):
    """MOD 11-2 guarantees: one changed character is always found. The traceback holds no part of the number."""
    changed = text[:position] + character + text[position + 1 :]
    if changed == text:
        return
    error = refusal_of(changed)
    told = "".join(traceback.format_exception(error)) + error.found + error.expected + error.place
    assert changed not in told
    assert changed[6:14] not in told


@given(st.sampled_from(EXAMPLES), st.integers(0, 16))
def test_any_two_neighbours_that_changed_places_are_refused(text, position):
    """No two neighbouring weights are equal, so a transposition is always found too."""
    changed = text[:position] + text[position + 1] + text[position] + text[position + 2 :]
    if changed != text:
        refusal_of(changed)
