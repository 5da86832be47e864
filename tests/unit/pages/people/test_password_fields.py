"""Fields for passwords hide, take and keep what is typed or pasted as it is; codes have the length they should have."""

import math
import re
from pathlib import Path

import pytest

from pages.people import passwords, secondfactor
from schemas.errors import YunhuobanError
from tests.people_world import ADDRESS, PASSWORD, People

CHECKOUT = Path(__file__).resolve().parents[4]
TEMPLATES = [file for side in ("pages", "hub", "adapters") for file in (CHECKOUT / side).rglob("templates/*.html")]
SCRIPTS = [each for side in ("pages", "hub", "adapters") for each in (CHECKOUT / side).rglob("*.js")]
OWN_SCRIPTS = [file for file in SCRIPTS if "vendor" not in file.parts]
INPUT = re.compile(r"<input [^>]*>")


def test_every_password_is_typed_unseen_and_may_be_pasted_and_long() -> None:
    """In whichever form it stands: masked, open to a password manager, never cut short by the browser."""
    fields = [field for file in TEMPLATES for field in INPUT.findall(file.read_text(encoding="utf-8"))]
    asked = [each for each in fields if re.search(r'name="(old|new|again|password|second_password)"', each)]
    assert len(asked) > 6
    for field in asked:
        assert 'type="password"' in field
        assert int(re.search(r'maxlength="(\d+)"', field)[1]) >= passwords.LONGEST
        assert "readonly" not in field
    for file in OWN_SCRIPTS:
        assert not re.search(r"paste|clipboard", file.read_text(encoding="utf-8")), file


@pytest.mark.parametrize("own", [" blank before and after ", "Ünïcode 春眠不觉晓 " + "x" * 114])
def test_a_password_is_taken_as_it_was_typed(people: People, own: str) -> None:
    """Blanks, case and the last of 128 characters count; what is longer is refused and never cut."""
    people.enrolled(password=own)
    assert people.sign_in.enter("zhang.san", own, ADDRESS)
    for other in (own.strip(" x").strip(), own[:-1], own.swapcase()):
        with pytest.raises(YunhuobanError, match="E-PAGE-061"):
            people.sign_in.enter("zhang.san", other, ADDRESS)
        people.accounts.unlock("zhang.san", by="it")
    with pytest.raises(YunhuobanError, match="E-USER-005"):
        passwords.check(PASSWORD + "x" * passwords.LONGEST, "zhang.san")


def test_codes_are_long_enough_for_how_they_are_kept() -> None:
    """Recovery codes have the 112 bits from which a plain digest is enough; the telephone's have six digits."""
    (code, *others) = secondfactor.new_recovery_codes()
    signs = len(secondfactor._ALPHABET)
    assert math.log2(signs) * len(code.replace("-", "")) >= 112
    assert code not in others
    assert "digits" not in secondfactor.uri(secondfactor.new_secret(), "zhang.san"), "six unless told otherwise"


def test_no_script_of_ours_keeps_anything_in_the_browser() -> None:
    """Neither its storages nor its cookies; htmx keeps no history."""
    for file in OWN_SCRIPTS:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.", text), file
    assert '"history": false' in (CHECKOUT / "pages" / "templates" / "frame.html").read_text(encoding="utf-8")
