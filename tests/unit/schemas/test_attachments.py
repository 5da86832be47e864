"""What an envelope may announce of attachments, and that the files inside are those announced outside."""

from typing import Any

import pytest

from schemas import attachments
from schemas.attachments import MOST_CASE_BYTES, PART_BYTES, TAG_BYTES
from schemas.errors import YunhuobanError


def announced(plain_bytes: int, name: int = 0) -> dict[str, Any]:
    """An attachment of a file of this size."""
    count = -(-plain_bytes // (PART_BYTES - TAG_BYTES))
    return {
        "ciphertext_sha256": bytes([name]) * 32,
        "ciphertext_bytes": plain_bytes + TAG_BYTES * count,
        "part_sha256": [bytes(32)] * count,
    }


def code_of(message_type: str, *given: dict[str, Any]) -> str:
    """The code with which these are refused; empty when they are not."""
    try:
        attachments.check(message_type, given)
    except YunhuobanError as error:
        return error.code.code
    return ""


@pytest.mark.parametrize("size", [1, PART_BYTES - TAG_BYTES, PART_BYTES - TAG_BYTES + 1, MOST_CASE_BYTES])
def test_the_size_says_how_many_parts_and_how_long_each_is(size):
    """Every part but the last is full, and together they are the ciphertext; the file's size follows."""
    one = announced(size)
    lengths = [attachments.part_bytes(one["ciphertext_bytes"], n) for n in range(len(one["part_sha256"]))]
    assert sum(lengths) == one["ciphertext_bytes"]
    assert set(lengths[:-1]) <= {PART_BYTES}
    assert TAG_BYTES < lengths[-1] <= PART_BYTES
    assert attachments.plain_bytes(one["ciphertext_bytes"]) == size
    assert code_of("application.submitted", one) == ""


def test_what_cannot_be_announced_has_its_code():
    """A type without materials, sizes and digests that do not fit, the same twice, more than a case may carry."""
    one = announced(700_000)
    assert code_of("decision.made", one) == "E-ENV-012"
    assert code_of("decision.made") == ""
    for wrong in (
        one | {"part_sha256": one["part_sha256"][:-1]},
        one | {"part_sha256": [*one["part_sha256"], bytes(32)]},
        one | {"part_sha256": []},
        one | {"ciphertext_bytes": 0, "part_sha256": []},
        one | {"ciphertext_bytes": TAG_BYTES, "part_sha256": [bytes(32)]},
        one | {"ciphertext_bytes": PART_BYTES + TAG_BYTES},
    ):
        assert code_of("supplement.provided", wrong) == "E-ENV-013"
    assert code_of("application.submitted", one, one) == "E-ENV-013"
    half = MOST_CASE_BYTES // 2
    assert code_of("application.submitted", announced(half), announced(half, 1)) == ""
    assert code_of("application.submitted", announced(half), announced(half, 1), announced(1, 2)) == "E-ENV-014"


@pytest.mark.parametrize(
    "changes", [{"ciphertext_sha256": b"x" * 32}, {"size_bytes": 699_999}, {"material": 1}, {"material": -1}, None]
)
def test_files_inside_are_the_attachments_outside(changes):
    """One to one, in order, of the same digest and size, each of a material that there is: else E-ENV-113."""
    outside = [announced(700_000)]
    file = {"ciphertext_sha256": outside[0]["ciphertext_sha256"], "size_bytes": 700_000, "material": 0}
    attachments.check_files("application.submitted", {"files": [file], "materials": ["one"]}, outside)
    attachments.check_files("license.issued", {"files": ["of a license, inside as a whole"]}, [])
    record = {"files": [file | changes] if changes else [], "materials": ["one"]}
    with pytest.raises(YunhuobanError, match="E-ENV-113"):
        attachments.check_files("application.submitted", record, outside)
