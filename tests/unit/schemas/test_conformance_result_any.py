"""A result file is bytes from outside: whatever it holds, only declared errors come out."""

import json
from datetime import UTC, datetime

from hypothesis import given

from schemas.conformance.result import Result, SignedResult
from tests.conformance_world import result
from tests.hostile import COSTLY, altered, noise, refusal

GOOD = result("140881", "11140881MB0000000U4000131127004", at=datetime(2026, 11, 26, tzinfo=UTC))
FILE = SignedResult(GOOD.to_bytes(), "header..signature").to_file()


def test_what_is_written_is_read():
    """The same result, whole."""
    assert SignedResult.from_file(FILE).result == GOOD


@given(noise([GOOD.to_bytes()]))
def test_any_body(data):
    """Noise and damaged copies: a result or E-CNF-001; what is read can be asked for any item."""
    error = refusal(lambda: Result.parse(data).state("window"))
    assert error is None or error.code.code in ("E-CNF-001", "E-ID-001", "E-ID-002")


@COSTLY
@given(altered(json.loads(GOOD.to_bytes())))
def test_any_structure(raw):
    """One member of another kind, missing or twice."""
    error = refusal(lambda: Result.parse(json.dumps(raw).encode()).state("window"))
    assert error is None or error.code.code.startswith(("E-CNF-", "E-ID-"))


@given(noise([FILE]))
def test_any_file(data):
    """The file around it."""
    error = refusal(lambda: SignedResult.from_file(data).result)
    assert error is None or error.code.code.startswith(("E-CNF-", "E-ID-"))
