"""All codes in one list: each has its pages, is raised somewhere, and comes out of a test."""

import pytest

from deploy import codes as generator
from pages.codes import Entry, SourceTree, entries
from tests.provoking import provoking

NOT_PROVOKED: dict[str, str] = {}
"""Codes that no test provokes, each with its reason."""


@pytest.fixture(scope="module")
def found() -> list[Entry]:
    """Every code of the source tree."""
    return entries(SourceTree(generator.ROOT))


def test_every_code_is_provoked_by_a_test(found):
    """Whoever declares a code writes the test in which it comes out; an exception that a test provokes is none."""
    named = provoking(generator.ROOT)
    untested = {entry.code for entry in found} - named.keys()
    assert untested == NOT_PROVOKED.keys()
