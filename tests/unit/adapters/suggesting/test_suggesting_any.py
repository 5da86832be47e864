"""Any table of any text: a proposal that loads as a mapping, or a declared error."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from adapters.countyit.describing import invented, scaffold
from adapters.countyit.suggesting import as_table, words
from adapters.countyit.suggesting import tables as written_as
from adapters.countyit.suggesting.files.kinds import FORMS
from adapters.countyit.suggesting.proposing import propose
from adapters.countyit.suggesting.seen import Table
from adapters.local.mapping import CountyMapping, document, samples
from adapters.local.mapping.document.directions import READABLE
from adapters.local.mapping.named import NAMED
from adapters.local.sources import LocalRecord, columns
from adapters.local.sources.opening import open_source
from tests.file_forms import file
from tests.hostile import COSTLY, noise, refusal

WUQIAO = scaffold.division("130928", date(2026, 11, 22))
NAMES = st.one_of(
    st.text(min_size=1, max_size=12),
    st.sampled_from([word for known in words.WORDS.values() for word in known]),
    st.sampled_from(["row_guid", "cd_time", "up_pro_accept", "up_pro_material", "待填", "a.b", "x=1", '"', "[", "#"]),
)
VALUES = st.one_of(
    st.none(), st.text(max_size=20), st.integers(), st.floats(), st.binary(max_size=4), st.datetimes(), st.dates(),
    st.sampled_from(["130928198501010014", "19900000001", "1", "是", "100万元", "a|1|原件|；b|2|电子|", "2026年"]),
)  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """One table or kind of file."""
    names = draw(st.lists(NAMES, min_size=1, max_size=8, unique=True))
    rows = draw(st.lists(st.fixed_dictionaries(dict.fromkeys(names, VALUES)), max_size=4))
    form = draw(st.sampled_from(["", *FORMS]))
    return Table(
        name=draw(NAMES), columns=names, rows=rows, key=draw(st.sampled_from([[], names[:1]])),
        complete=draw(st.booleans()), comments=draw(st.dictionaries(st.sampled_from(names), NAMES, max_size=2)),
        pattern="x*" if form else "", form=form, encoding="gb18030" if form in ("csv", "json") else "",
        folder=draw(st.sampled_from(["", "去件"])), place=draw(st.sampled_from(["$", "a.b"])),
        inside=draw(NAMES) if form in ("json", "xml") and draw(st.booleans()) else "",
        optional=names[:1] if form in ("json", "xml") else [], owners=[0, 1, 2],
    )  # fmt: skip


@given(
    seen=st.lists(tables(), min_size=1, max_size=4, unique_by=lambda t: t.name), message_type=st.sampled_from(READABLE)
)
@COSTLY
def test_any_tables(seen: list[Table], message_type: str):
    """The mapping written from them loads whatever they are called, and every sample of it has an outcome."""
    seen = [replace(each, inside=each.inside if at else "") for at, each in enumerate(seen)]  # one stands by itself
    proposal = propose(message_type, seen)
    as_table.table(proposal)
    data = tomllib.loads(scaffold.mapping(WUQIAO, proposal))
    mapping = CountyMapping(document.parse(data, NAMED, "mapping.toml"), "mapping.toml")
    open_source(mapping, "." if proposal.main.pattern else "sqlite://")
    for each in invented.records(proposal, "130928"):
        assert samples.outcome(mapping, LocalRecord(**each, place="x"))


SETTINGS = st.recursive(
    st.text(max_size=8)
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@given(settings=st.dictionaries(st.text(max_size=6), SETTINGS, max_size=4))
@COSTLY
def test_any_settings_are_read_as_they_were_written(settings: dict[str, object]):
    """Settings written into a mapping are the same when it is loaded, whatever names and texts they have."""
    assert tomllib.loads("\n".join(written_as.lines("source", settings)))["source"] == settings


@given(form=st.sampled_from(FORMS), data=st.data())
@COSTLY
def test_any_file(tmp_path: Path, form: str, data: st.DataObject):
    """A file with something in it that can be read, or a declared error of the source."""
    good = [file(form, ["号", "申请人", "联系电话"], [["1", "张", "2"]]), "号,\r\n,\r\n".encode("gb18030")]
    for path in tmp_path.iterdir():
        path.unlink()
    (tmp_path / f"x_1.{form}").write_bytes(data.draw(noise(good)))
    error = refusal(lambda: propose("case.closed", columns.look(str(tmp_path)).tables))
    assert error is None or error.code.area == "SRC"
