"""Unified social credit codes: the worked examples of GB 32100 and what their check character guarantees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import YunhuobanError
from schemas.identifiers.credit import ALPHABET, CreditCode

REAL = ["91110000600037341L", "11100000MB0143028R", "12441500196720244T", "11370800MB28559184"]
SYNTHETIC = ["11140881MB0000000U", "11130928MB00000005"]


def refusal_of(text):
    """Return the error that reading the text raises."""
    with pytest.raises(YunhuobanError) as refusal:
        CreditCode.parse(text)
    return refusal.value


@pytest.mark.parametrize("text", REAL + SYNTHETIC)
def test_worked_examples_are_read(text):
    """Codes whose sums were worked by hand are accepted and stay the same text."""
    assert str(CreditCode.parse(text)) == text


@pytest.mark.parametrize("text", REAL + SYNTHETIC)
def test_wrong_check_character_is_refused_with_the_right_one(text):
    """The refusal names the character that would be right."""
    wrong = "0" if text[17] != "0" else "1"
    error = refusal_of(text[:17] + wrong)
    assert (error.code.code, error.found, error.expected) == ("E-ID-012", wrong, text[17])


@pytest.mark.parametrize("text", ["91110000600037341L", "11100000MB0143028R", "11370800MB28559184", *SYNTHETIC])
def test_right_inner_check_gives_no_warning(text):
    """Inner codes of GB 11714 that were worked by hand (sums 109, 201, 344) are right."""
    assert CreditCode.parse(text).warnings == ()


def test_wrong_inner_check_is_a_warning_only():
    """An early code whose inner check is wrong is still a code; whoever looks learns of it."""
    code = next(
        CreditCode(text) for check in ALPHABET if is_code(text := "91110000600037342" + check)
    )  # the inner code of the standard's example with its check 1 made 2
    (warning,) = code.warnings
    assert (warning.code.code, warning.found, warning.expected) == ("E-ID-013", "2", "1")


def is_code(text):
    """Whether the text is read without an error."""
    try:
        CreditCode.parse(text)
    except YunhuobanError:
        return False
    return True


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_that_are_left_out_are_refused(letter):
    """I, O, S, V and Z are no symbols of GB 32100."""
    assert refusal_of(f"91110000{letter}00037341L").code.code == "E-ID-011"


@pytest.mark.parametrize(
    "text", ["91110000600037341l", "9111000A600037341L", "91110000600037341", "911100006000373４1L"]
)
def test_other_forms_are_refused(text):
    """Lower case, letters in the division, a missing character and full-width digits are not codes."""
    assert refusal_of(text).code.code == "E-ID-011"


def test_the_division_of_the_registrar_is_part_of_the_code():
    """Positions 3 to 8 are the registrar's division, 100000 for the central state."""
    assert CreditCode.parse("11130928MB00000005").division == "130928"
    assert CreditCode.parse("11100000MB0143028R").division == "100000"


@given(st.sampled_from(REAL + SYNTHETIC), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_single_changed_character_is_refused(text, position, character):
    """MOD 31 with weights prime to 31 guarantees: one changed character is always found."""
    changed = text[:position] + character + text[position + 1 :]
    assert is_code(changed) == (changed == text)


@given(st.sampled_from(REAL + SYNTHETIC), st.integers(0, 16))
def test_any_two_neighbours_that_changed_places_are_refused(text, position):
    """No two neighbouring weights are equal, so a transposition is always found too."""
    changed = text[:position] + text[position + 1] + text[position] + text[position + 2 :]
    assert is_code(changed) == (changed == text)
