"""The contract itself: every field is bounded and classed, facts are codes only, every change changes the digest."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastavro.schema import to_parsing_canonical_form

from schemas import shapes
from schemas.facts import names
from schemas.messages import HUB_TYPES, TYPES

PII = {"none", "basic", "sensitive"}
RECORDS = sorted(name for name, shape in shapes.raw().items() if shape["type"] == "record")
FACTS = sorted(name for name in RECORDS if name.endswith("Facts"))


def parts(kind: Any) -> Iterator[Any]:
    """A field's type and the types inside it, short names resolved to what they name (records stay closed)."""
    if isinstance(kind, list):
        for each in kind:
            yield from parts(each)
        return
    yield shapes.raw().get(kind.rsplit(".", 1)[-1], kind) if isinstance(kind, str) else kind
    if isinstance(kind, dict) and kind["type"] == "array":
        yield from parts(kind["items"])


@pytest.mark.parametrize("record", RECORDS)
def test_every_field_is_bounded_classed_and_explained(record):
    """Texts and bytes have `max_bytes`, lists `max_items` (and their texts `item_max_bytes`), all a class and a doc."""
    for field in shapes.raw()[record]["fields"]:
        assert_bounded(field)


def assert_bounded(field: dict[str, Any]) -> None:
    """One field of it."""
    known = {"name", "type", "doc", "pii", "default", "max_bytes", "max_items", "item_max_bytes", "code"}
    assert field["pii"] in PII, field
    assert field["doc"].strip(), field
    assert set(field) <= known, field
    kinds = list(parts(field["type"]))
    listed = next((each for each in kinds if isinstance(each, dict) and each["type"] == "array"), None)
    sized = [each for each in kinds if each in ("string", "bytes")]
    assert ("max_items" in field) == (listed is not None), field
    assert ("max_bytes" in field) == bool(sized and not listed), field
    assert ("item_max_bytes" in field) == bool(sized and listed), field
    for cap in ("max_bytes", "max_items", "item_max_bytes"):
        assert isinstance(field.get(cap, 1), int), field
        assert field.get(cap, 1) > 0, field
    optional = isinstance(field["type"], list)
    assert not optional or "default" in field, "what may be null says so by its default"
    assert not optional or (field["type"][0] == "null" and field["default"] is None), field


def test_only_kinds_that_the_walker_and_the_check_know():
    """No floats, decimals, maps, recursive or nested types: fastavro's dangerous kinds are not in the contract."""
    known = {"null", "boolean", "int", "long", "string", "bytes"}
    for name in RECORDS:
        for field in shapes.raw()[name]["fields"]:
            for kind in parts(field["type"]):
                if isinstance(kind, str):
                    assert kind in known
                elif kind["type"] in ("int", "long"):
                    assert (kind["type"], kind["logicalType"]) in (("long", "timestamp-millis"), ("int", "date"))
                else:
                    assert kind["type"] in ("record", "enum", "fixed", "array")
            kinds = field["type"]
            if isinstance(kinds, list):
                assert len(kinds) == 2 or all(each.endswith("Facts") for each in kinds[1:])


def test_no_record_contains_itself():
    """A recursive record would let a message nest until the process dies."""

    def inside(name: str, seen: tuple[str, ...]) -> None:
        assert name not in seen, seen
        for field in shapes.raw()[name].get("fields", []):
            for kind in parts(field["type"]):
                if isinstance(kind, dict) and kind["type"] == "record":
                    inside(kind["name"], (*seen, name))

    for name in RECORDS:
        inside(name, ())


def test_files_are_named_after_what_they_hold():
    """One named type of the namespace per file, and nothing that no message uses."""
    text = json.dumps([shapes.expanded(name) for name in shapes.MESSAGE_RECORDS])
    used = set(re.findall(r'"name": "([A-Z]\w+)"', text))
    assert set(shapes.raw()) <= used
    assert all(shape["namespace"] == shapes.NAMESPACE and shape["doc"] for shape in shapes.raw().values())


DRAWN = {("License", "sealed_sha256"), ("Application", "material_codes"), ("Application", "named_licenses")}
"""From a list: one digest per file of the license, one code per material, one license named instead of a paper."""


def test_every_fact_is_in_the_payload_too():
    """What facts say in the clear the payload says under encryption, so that a destination can compare them."""
    for kind in TYPES.values():
        if kind.facts is None:
            continue
        payload = {each["name"]: each for each in shapes.raw()[kind.record]["fields"]}
        for field in shapes.raw()[kind.facts]["fields"]:
            same = {"license_identifier": "identifier", "license_state": "state"} if kind.record == "License" else {}
            if (kind.record, field["name"]) in DRAWN:
                continue
            assert payload[same.get(field["name"], field["name"])]["type"] == field["type"], (kind.name, field["name"])


def test_every_record_that_messages_name_exists():
    """Types, facts and the hub's own records name records of the contract; the envelope's union holds all facts.

    One that has all the fields of another comes after it: a library that chooses by the names of the fields then
    chooses right. New kinds come last (a rule of the gate).
    """
    for kind in TYPES.values():
        assert kind.record in shapes.MESSAGE_RECORDS
        assert kind.facts is None or kind.facts in FACTS
    assert set(HUB_TYPES.values()) <= set(shapes.MESSAGE_RECORDS)
    union = next(each for each in shapes.raw()["Envelope"]["fields"] if each["name"] == "facts")["type"]
    facts = [each.removeprefix(f"{shapes.NAMESPACE}.") for each in union[1:]]
    assert union[0] == "null"
    assert sorted(facts) == sorted({kind.facts for kind in TYPES.values() if kind.facts})
    for at, each in enumerate(facts):
        assert not [other for other in facts[at + 1 :] if set(names(other)) < set(names(each))], each
    assert len({names(each) for each in facts}) == len(facts), "two facts with the same fields"
    assert {kind.facts for kind in TYPES.values()} - {None} == set(FACTS)


def test_digests_and_dataschemas_differ():
    """A dataschema names the record and the first half of its digest, and fits its field."""
    names = [shapes.dataschema(name) for name in shapes.MESSAGE_RECORDS]
    assert len({each.split("#")[1] for each in names}) == len(names)
    assert all(re.fullmatch(r"cn\.yunhuoban\.v1\.[A-Za-z]+#[0-9a-f]{32}", each) and len(each) <= 120 for each in names)


@pytest.mark.parametrize(
    ("record", "field", "change"),
    [
        ("Decision", "decided_at", {"type": {"type": "long", "logicalType": "timestamp-micros"}}),
        ("Decision", "decided_at", {"type": "long"}),
        ("Decision", "established_on", {"type": ["null", "int"]}),
        ("Decision", "reasons", {"doc": "别的意思"}),
        ("Decision", "reasons", {"pii": "none"}),
        ("Decision", "reasons", {"max_bytes": 4001}),
        ("Application", "materials", {"max_items": 101}),
    ],
)
def test_what_avros_fingerprint_overlooks_the_digest_sees(monkeypatch, record, field, change):
    """Another unit, meaning, privacy class or cap has the same fingerprint and another digest."""
    changed = copy.deepcopy(shapes.expanded(record))
    next(each for each in changed["fields"] if each["name"] == field).update(change)
    assert to_parsing_canonical_form(changed) == to_parsing_canonical_form(shapes.expanded(record))
    before = shapes.digest(record)
    monkeypatch.setattr(shapes, "expanded", lambda _name: changed)
    assert shapes.digest.__wrapped__(record) != before


def test_digests_reach_into_the_types_that_are_used(monkeypatch):
    """A change of a part changes the digest of every record that uses it."""
    changed = copy.deepcopy(shapes.raw())
    changed["Applicant"]["fields"][0]["pii"] = "none"
    before = {name: shapes.expanded(name) for name in shapes.MESSAGE_RECORDS}
    monkeypatch.setattr(shapes, "raw", lambda: changed)
    assert [name for name in before if shapes.expanded.__wrapped__(name) != before[name]] == ["Application"]
