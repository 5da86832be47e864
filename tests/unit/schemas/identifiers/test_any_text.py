"""Every parser against any text: it answers with a YunhuobanError, at once, and tells nothing of the text."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.errors import YunhuobanError
from schemas.identifiers.case import CaseNo
from schemas.identifiers.citizen import CitizenNumber
from schemas.identifiers.credit import CreditCode
from schemas.identifiers.division import DivisionCode
from schemas.identifiers.item import ItemCode
from schemas.identifiers.license import ROOT, LicenseIdentifier
from schemas.identifiers.masking import masked_address, masked_name, masked_phone

PARSERS = [DivisionCode, CreditCode, CitizenNumber, ItemCode, LicenseIdentifier, CaseNo]
LENGTHS = [0, 1, 6, 12, 18, 24, 31, 33, 40, 100]
NEAR_CODES = st.text(st.sampled_from("0123456789ABCDEXYxz.-０１９\x00\ud800 "), max_size=100)
SIZED = st.sampled_from(LENGTHS).flatmap(
    lambda n: st.text(st.characters(exclude_categories=()), min_size=n, max_size=n)
)


@pytest.mark.parametrize("parser", PARSERS)
@given(text=st.one_of(NEAR_CODES, SIZED))
@example(text="１３０９２８")
@example(text="130928\x00")
@example(text="\ud800" * 18)
@example(text="²" * 6)  # a digit to str.isdigit, none to int
@example(text="130928-20261122-000017-\x00")
@example(text=f"{ROOT}......")
@example(text="." * 60)
def test_any_text_is_read_or_refused(parser, text):
    """No text raises anything but a YunhuobanError; what is read is written back."""
    try:
        code = parser.parse(text)
    except YunhuobanError as error:
        refusal = error
    else:
        refusal = None
    if refusal is not None:
        assert refusal.code.area == "ID"
    else:
        assert (code.reveal() if isinstance(code, CitizenNumber) else str(code)) in {text, text.upper()}


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("text", ["1" * 1_000_000, "." * 1_000_000, "１" * 1_000_000, "\ud800" * 1_000_000])
def test_a_megabyte_is_refused_at_once(parser, text):
    """A text of any size is refused by its length, and does not travel with its refusal."""
    began = time.perf_counter()
    with pytest.raises(YunhuobanError) as refusal:
        parser.parse(text)
    assert time.perf_counter() - began < 0.5
    assert len(refusal.value.found + refusal.value.expected) < 200


@pytest.mark.parametrize("mask", [masked_name, masked_phone, masked_address])
@pytest.mark.parametrize("text", ["1" * 1_000_000, "镇" * 1_000_000, "街道" * 500_000, "\ud800" * 1_000_000])
def test_a_megabyte_is_masked_at_once(mask, text):
    """Masking looks at the beginning only, so a page with a bad record is still shown."""
    began = time.perf_counter()
    assert len(mask(text)) < 200
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("text", ["130928198501010014", "张三丰", "13800005678", "130928198501010015"])
def test_a_refusal_never_repeats_what_was_typed_into_the_wrong_field(parser, text):
    """An identity number in the credit code's field does not reach a log through the refusal."""
    told = ""
    try:
        parser.parse(text)
    except YunhuobanError as error:
        told = f"{error} {error.found} {error.expected} {error.place} {error.params}"
    assert text not in told
