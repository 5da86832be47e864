"""`mapping.toml` from anybody's editor, and rows from anybody's system: only declared errors, all of them together."""

import functools
import itertools
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.local.mapping import CountyMapping, document, load_mapping
from adapters.local.mapping.named import NAMED
from adapters.local.sinks.opening import open_sink
from adapters.local.sources.opening import open_source
from tests.hostile import COSTLY, altered, noise, refusal
from tests.unit.adapters.mapping.test_mapping_document import GOOD

pytestmark = pytest.mark.timeout(600)  # many examples with LONG=1

COUNTIES = sorted((Path(__file__).parents[4] / "adapters/counties").glob("*/mapping.toml"))
REAL = [path.read_bytes() for path in COUNTIES]


@given(data=noise([GOOD.encode(), *REAL]))
@example(data=b"a = " + b"[" * 5000)
@example(data=b"a = " + b"9" * 5000)
@example(data=b"a" + b".a" * 5000 + b" = 1")
@example(data=b"\xff\xfe")
@COSTLY
def test_any_bytes(tmp_path: Path, data: bytes):
    """A mapping, or every problem of the file in sentences."""
    (tmp_path / "mapping.toml").write_bytes(data)
    error = refusal(lambda: load_mapping(tmp_path))
    assert error is None or error.code.area == "MAP"


@pytest.mark.parametrize("good", [GOOD.encode(), *REAL], ids=["little", *[path.parent.name for path in COUNTIES]])
@given(data=st.data())
@COSTLY
def test_any_altered_document(good: bytes, data: st.DataObject):
    """Good TOML with one value altered, missing or twice: each rule reads something that it did not expect."""
    value = data.draw(altered(tomllib.loads(good.decode())))
    read(value)


@given(value=st.dictionaries(st.sampled_from(["read", "write", "tables", "source", "sink", "ignore"]), st.none()))
def test_sections_that_are_no_tables(value: dict[str, Any]):
    """A word where a table belongs."""
    read(value)


def read(value: Any) -> None:
    """Parse it, and open its ends as far as they can be opened: only declared errors come out."""
    found: list[CountyMapping] = []

    def parsed() -> None:
        rules = document.parse(value, NAMED, "mapping.toml")
        found.append(CountyMapping(rules, "mapping.toml"))

    error = refusal(parsed)
    assert error is None or error.code.area == "MAP"
    for mapping, open_ in itertools.product(found, (open_source, open_sink)):
        error = refusal(functools.partial(open_, mapping, "sqlite://"))
        assert error is None or error.code.area in ("MAP", "SRC")
