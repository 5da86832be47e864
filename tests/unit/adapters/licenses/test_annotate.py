"""An annotated copy: every page says for what and until when, the original's bytes stay, nobody takes it for one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from adapters.hall.sharing.annotating import MOST_DAYS, Annotator, Use
from adapters.hall.sharing.held import Held
from adapters.licenses import annotate
from adapters.licenses.examining import verdicts
from adapters.licenses.pdf_file import opened
from schemas.errors import YunhuobanError
from schemas.workdays.hours import beijing_day
from tests.unit.adapters.licenses.examining.test_verdicts import verdict
from tests.unit.adapters.licenses.license_parties import SealParty

NOW = datetime.now(UTC)
TODAY = beijing_day(NOW)


def held(pdf: bytes, **changes: Any) -> Held:
    """A license with one sealed page."""
    values: dict[str, Any] = {
        "identifier": "1.2.156.3005.2.1", "name": "营业执照", "holder": "", "holder_number": "",
        "issuing_county": "140881", "authority": "", "valid_until": None, "state": "valid", "state_at": NOW,
        "case_no": "", "record": {"files": [{"sealed": pdf, "sealed_sha256": bytes(32)}]},
    }  # fmt: skip
    return Held(**values | changes)


def use(**changes: Any) -> Use:
    """For one application."""
    values = {"purpose": "办理公司设立登记", "maker": "吴桥县政务服务窗口", "until": TODAY, "made_at": NOW}
    return Use(**values | changes)


def test_a_copy_is_annotated_on_its_page_and_never_passes_as_the_license(sealed: bytes, party: SealParty) -> None:
    """The original is its beginning, byte by byte; whoever verifies it as a license hears of a later revision."""
    made = Annotator().copy(held(sealed), use())
    assert made.startswith(sealed)
    reader = opened(made)
    assert reader.total_revisions == opened(sealed).total_revisions + 1
    page = reader.find_page_for_modification(0)[0].get_object()
    assert "/YhbAnnotation" in page["/Resources"]["/XObject"]
    assert annotate.page_sizes_mm(made) == annotate.page_sizes_mm(sealed)
    genuine = verdict(sealed, party)
    told = verdict(made, party)
    assert told != genuine
    assert told in {each.code for each in verdicts.ORDER}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"purpose": ""}, "E-SHARE-004"),
        ({"purpose": "为13912345678办理"}, "E-SHARE-004"),
        ({"purpose": "办" * 101}, "E-SHARE-004"),
        ({"until": TODAY - timedelta(days=1)}, "E-SHARE-005"),
        ({"until": TODAY + timedelta(days=MOST_DAYS + 1)}, "E-SHARE-005"),
        ({"until": date(2099, 1, 1)}, "E-SHARE-005"),
    ],
)
def test_a_copy_has_one_use_and_an_end(changes: dict[str, Any], code: str) -> None:
    """Without a purpose, with a number in it, or longer than anybody needs it, nothing is made."""
    with pytest.raises(YunhuobanError) as refused:
        Annotator().copy(held(b""), use(**changes))
    assert refused.value.code.code == code


def test_a_copy_ends_no_later_than_its_license() -> None:
    """The license's own last day is the copy's, too."""
    with pytest.raises(YunhuobanError, match="E-SHARE-005"):
        Annotator().copy(held(b"", valid_until=TODAY), use(until=TODAY + timedelta(days=1)))


def test_what_is_no_sound_file_is_not_copied() -> None:
    """A declared error, and nothing of the file in it."""
    for pdf in (b"%PDF-1.7 nothing", b"not a file"):
        with pytest.raises(YunhuobanError, match="E-LIC-040"):
            annotate.laid_over(pdf, pdf)
    with pytest.raises(YunhuobanError, match="E-SHARE-001"):
        Annotator().copy(held(b""), use())
