"""The example counties: their samples become what is written beside them, and every message goes both ways."""

import csv
import functools
import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.local.mapping import CountyMapping, MappingFailed, Translation, WriteContext, load_mapping
from adapters.local.mapping.canonical import ORDERED
from adapters.local.mapping.document.directions import READABLE, WRITABLE
from adapters.local.mapping.records import MAPPING_FAILED
from adapters.local.mapping.samples import expected, outcome, sample_records
from adapters.local.sinks.opening import open_sink
from adapters.local.sources import LocalRecord
from adapters.local.sources.opening import open_source
from schemas import codec, documents, messages
from schemas.errors import YunhuobanError
from tests import county_records
from tests.sampling import examples
from tests.unit.adapters.counties.everymessage import IDENTIFIER, MOMENT, RECORDS

mapping_of = functools.cache(load_mapping)

COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"
FOLDERS = ("wuqiao_130928", "yongji_140881", "lankao_410225", "anji_330523", "peixian_320322")
CONTEXT = WriteContext(
    case_no="130928-20261122-000001-X", local_case=None, source="130928", source_name="吴桥县", written_at=MOMENT
)

LATER = county_records.START + timedelta(seconds=1)
# What may happen twice in one case, and how the second time may differ from the first.
TWICE = (
    ("review.advanced", {"stage": "second_review"}),
    ("review.advanced", {"finished_at": LATER}),
    ("procedure.opened", {"procedure": "hearing"}),
    ("procedure.opened", {"notice_no": "永特〔2026〕2号"}),
    ("procedure.opened", {"opened_at": LATER}),
    ("procedure.closed", {"procedure": "hearing"}),
    ("procedure.closed", {"closed_at": LATER}),
    ("deadline.extended", {"notice_no": "永延〔2026〕2号"}),
    ("deadline.extended", {"extended_at": LATER}),
    ("license.state_changed", {"license_state": "suspended"}),
    ("license.state_changed", {"license_identifier": IDENTIFIER[:-5] + "002.4"}),
    ("license.state_changed", {"changed_at": LATER}),
    ("print.revoked", {"authorisation_no": "A2"}),
)


@pytest.fixture(scope="module", params=FOLDERS)
def folder(request) -> Path:
    """Each county's folder in turn."""
    return COUNTIES / request.param


def records_of(folder: Path, mapping: CountyMapping) -> list[LocalRecord]:
    """Return the samples, from files where the county has files."""
    found = list(sample_records(folder))
    if not found:
        found = list(open_source(mapping, str(folder / "samples")).poll(None, 100).records)
    return found


def test_samples_become_what_is_written_beside_them(folder):
    """Rare characters, full-width digits, a final x, 31 February, NULL and 无: every sample is settled."""
    mapping = mapping_of(folder)
    got = {each.key: outcome(mapping, each) for each in records_of(folder, mapping)}
    assert json.loads(json.dumps(got, ensure_ascii=False)) == expected(folder)
    assert {each["message_type"] for each in got.values() if isinstance(each, dict)} == set(READABLE)
    assert any(isinstance(each, list) for each in got.values())
    assert "ignored" in got.values()


def test_a_flawed_sample_of_every_type(folder):
    """Of each type there is a sample that is not in order, and each of its problems names its place."""
    mapping = mapping_of(folder)
    flawed = set()
    for record in records_of(folder, mapping):
        rule = next((each for each in mapping.rules.reads if fits(each, record)), None)
        if rule is not None and isinstance(problems := outcome(mapping, record), list):
            assert all(each["place"] and each["expected"] for each in problems)
            flawed.add(rule.message_type)
    assert flawed == set(READABLE)


def fits(rule, record):
    """Whether a record is one that this rule is for."""
    return rule.kind == record.kind and all(each.holds(record.row) for each in rule.when)


def test_samples_encode(folder):
    """What the mapping makes of a good sample is a record of the contract, byte for byte, and says what it must."""
    mapping = mapping_of(folder)
    for record in records_of(folder, mapping):
        try:
            found = mapping.read(record)
        except MappingFailed:
            continue
        if found is not None and found.message_type not in ORDERED:
            codec.encode(messages.TYPES[found.message_type].record, found.canonical)
            documents.demand(found.message_type, found.canonical)


@pytest.mark.parametrize("message_type", WRITABLE)
def test_every_message_is_written(folder, message_type):
    """Each message type leaves at least one local row, and the same again gives the same keys and rows."""
    assert codec.encode(messages.TYPES[message_type].record, RECORDS[message_type])
    mapping = mapping_of(folder)
    writes = mapping.write(message_type, RECORDS[message_type], CONTEXT)
    assert writes
    assert list(writes) == list(mapping.write(message_type, RECORDS[message_type], CONTEXT))
    assert len({(each.kind, each.key) for each in writes}) == len(writes)
    assert all(isinstance(value, str | int | None) for each in writes for value in each.row.values())


@pytest.mark.parametrize(("message_type", "changes"), TWICE)
def test_what_happens_twice_is_written_twice(folder, message_type, changes):
    """A second special procedure, examination, extension or change of state never takes the first one's row."""
    mapping = mapping_of(folder)
    record = RECORDS[message_type]
    first, second = (
        {(each.kind, each.key) for each in mapping.write(message_type, given, CONTEXT)}
        for given in (record, record | changes)
    )
    assert not first & second


def test_every_defect_and_every_material_is_written(folder):
    """The window's own system is told each defect with its remedy, the authority's each material that was added."""
    mapping = mapping_of(folder)
    for message_type, items, names in (
        ("supplement.requested", "defects", ("material", "problem", "remedy")),
        ("supplement.provided", "materials", ("name", "note")),
    ):
        record = RECORDS[message_type]
        rows = [each.row for each in mapping.write(message_type, record, CONTEXT)]
        written = "\n".join(str(value) for row in rows for value in row.values())
        assert all(item[name] in written for item in record[items] for name in names)


def test_a_renewal_names_the_license_before(folder):
    """A decision that renews a license leaves the old one's identifier in the window's own system."""
    mapping = mapping_of(folder)
    given = RECORDS["decision.made"] | {"renews": IDENTIFIER}
    writes = mapping.write("decision.made", given, CONTEXT)
    assert IDENTIFIER in {value for each in writes for value in each.row.values()}


def test_an_unknown_message_is_a_problem(folder):
    """A message that the mapping has no rule for is refused by name."""
    with pytest.raises(MappingFailed) as failed:
        mapping_of(folder).write("print.claimed", {}, CONTEXT)
    assert failed.value.problems[0].code.code == "E-MAP-031"


def test_a_record_without_a_field_names_it(folder):
    """A canonical record that lacks what the mapping wants to write is refused with all its columns."""
    with pytest.raises(MappingFailed) as failed:
        mapping_of(folder).write("case.handed_over", {"license_identifier": "x"}, CONTEXT)
    assert {each.code.code for each in failed.value.problems} == {"E-MAP-032"}
    assert len(failed.value.problems) >= 2


@pytest.mark.parametrize("trial", [True, False])
def test_application_through_both_systems(tmp_path, trial):
    """吴桥's application, written into 永济's folder and read as 永济 would send it on, is the same application."""
    yongji = mapping_of(COUNTIES / "yongji_140881")
    given = RECORDS["application.submitted"] | {"service_item": "11130928MB000000054000131127004"}
    open_sink(yongji, str(tmp_path)).write(yongji.write("application.submitted", given, replace(CONTEXT, trial=trial)))
    (file,) = (tmp_path / "来件").iterdir()
    (row,) = csv.DictReader(io.StringIO(file.read_bytes().decode("gb18030"), newline=""))
    row["流水号"] = row.pop("跨省办件号")
    record = LocalRecord(kind="办件申请", key="1", row=row, place="往返")
    found = yongji.read(record)
    assert found is not None
    assert found.canonical == given | {"project_no": CONTEXT.case_no}
    assert found.trial is trial


SAMPLES = {each: records_of(COUNTIES / each, mapping_of(COUNTIES / each)) for each in FOLDERS}
MAPPINGS = {each: mapping_of(COUNTIES / each) for each in FOLDERS}


@settings(max_examples=examples(150, 40), deadline=None)
@given(st.sampled_from(FOLDERS), st.data())
def test_any_text_in_any_cell(name, data):
    """Whatever stands in whichever cells, the outcome is a translation that encodes, None, or MappingFailed."""
    base = data.draw(st.sampled_from(SAMPLES[name]))
    columns = data.draw(st.lists(st.sampled_from(sorted(base.row)), min_size=1, max_size=4))
    cells = st.one_of(
        st.text(max_size=80), st.text("0123456789xX年月日-万元无　", max_size=20), st.none(), st.integers(), st.binary()
    )
    row = dict(base.row) | {column: data.draw(cells) for column in columns}
    children = {table: [dict(each) for each in rows] for table, rows in base.children.items()}
    for rows in children.values():
        for child in rows:
            child[data.draw(st.sampled_from(sorted(child)))] = data.draw(cells)
    record = LocalRecord(kind=base.kind, key=base.key, row=row, place="行", children=children)
    problems: tuple[YunhuobanError, ...] = ()
    found = None
    try:
        found = MAPPINGS[name].read(record)
    except MappingFailed as failed:
        problems = failed.problems or (failed,)
    assert all(isinstance(each, YunhuobanError) and each.place and each.code != MAPPING_FAILED for each in problems)
    if found is not None:
        assert isinstance(found, Translation)
        if found.message_type not in ORDERED:
            codec.encode(messages.TYPES[found.message_type].record, found.canonical)


@pytest.mark.parametrize("name", FOLDERS)
def test_no_personal_data_in_problems(name):
    """A wrong identity number and a telephone number in a wrong column are not quoted by the problem."""
    base = SAMPLES[name][0]
    person, phone = "130928198501010015", "19900000009"
    row = {column: phone if "task" in column or "编码" in column else person for column in base.row}
    row |= {"cd_operation": "I", "accept_date": None}
    with pytest.raises(MappingFailed) as failed:
        MAPPINGS[name].read(LocalRecord(kind=base.kind, key="k", row=row, place="行", children=base.children))
    told = "".join(f"{each} {each.place} {each.found} {each.expected} {each.params}" for each in failed.value.problems)
    assert person not in told
    assert phone not in told


def good(mapping, record):
    """What a record says, or nothing when it is none of ours or one of the bad samples."""
    try:
        return mapping.read(record)
    except MappingFailed:
        return None


def test_lineage_names_every_field(folder):
    """Every canonical field is traced to its column, so that a page can show both side by side."""
    mapping = mapping_of(folder)
    read = [each for record in records_of(folder, mapping) if (each := good(mapping, record)) is not None]
    found = next(each for each in read if each.message_type == "application.submitted")
    traced = {each.canonical_field: each for each in found.lineage}
    assert traced["applicant.document_no"].rule == "document_no"
    assert traced["materials[].copies"].rule == "half_width → blank → integer"
    assert all(each.local_field or each.rule == "const" for each in found.lineage)
