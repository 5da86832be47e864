"""The gate: a released record is only ever extended; every other change has a code, also what Apache Avro misses."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import avro.compatibility
import avro.errors
import avro.schema
import pytest
from avro.compatibility import SchemaCompatibilityType as Verdict
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from schemas import compatibility, releasefile, releasing, shapes
from schemas.errors import YunhuobanError
from tests import contract_versions
from tests.sampling import examples
from tests.unit.schemas.records import attempt

Types = dict[str, Any]
NS = shapes.NAMESPACE
AVRO_MISSES = {
    "the fee's scale", "a moment's unit", "a precision", "a class lowered", "a class raised", "a class taken away",
    "a cap lowered", "a list's cap lowered", "a cap taken away", "a default changed", "a default taken away",
    "a field renamed under an alias", "fields in another order", "symbols in another order", "an alias",
    "another code class", "text to bytes", "bytes to text", "an unknown remark changed", "a default for an enumeration",
    "a field with a default dropped", "a symbol in front", "a default of another kind", "facts in another order",
    "another namespace", "a word for all extended", "whole numbers to fractions", "a logical type taken away",
}  # fmt: skip


def field(types: Types, record: str, name: str) -> Types:
    """One field, to be changed."""
    return next(each for each in types[record]["fields"] if each["name"] == name)


def add(record: str, place: int | None = None, /, **said: Any) -> Callable[[Types], None]:
    """Adds a field, last or at a place."""

    def change(types: Types) -> None:
        fields = types[record]["fields"]
        fields.insert(len(fields) if place is None else place, {"doc": "新", "pii": "none", **said})

    return change


def put(record: str, name: str, /, **said: Any) -> Callable[[Types], None]:
    """Changes what is said of a field; None takes it away."""

    def change(types: Types) -> None:
        one = field(types, record, name)
        one.update(said)
        for key, value in said.items():
            if value is None:
                del one[key]

    return change


def say(name: str, /, **said: Any) -> Callable[[Types], None]:
    """Changes what is said of a type."""
    return lambda types: types[name].update(said)


def drop(record: str, name: str) -> Callable[[Types], None]:
    """Takes a field away."""
    return lambda types: types[record]["fields"].remove(field(types, record, name))


def union(*branches: str) -> Callable[[Types], None]:
    """Gives the envelope's facts these branches after those it has, defining them."""

    def change(types: Types) -> None:
        for name in branches:
            types.setdefault(name, {"type": "record", "name": name, "namespace": NS, "doc": "新", "fields": []})
            field(types, "Envelope", "facts")["type"].append(f"{NS}.{name}")

    return change


def renamed(types: Types) -> None:
    """A field under another name, with its old one as an alias."""
    field(types, "Decision", "reasons").update({"name": "grounds", "aliases": ["reasons"], "default": ""})


def part_dropped(types: Types) -> None:
    """A part that nothing uses any more."""
    drop("Application", "materials")(types)
    del types["Material"]


def swapped(types: Types) -> None:
    """Two fields that change places."""
    fields = types["Decision"]["fields"]
    fields[0], fields[1] = fields[1], fields[0]


def base() -> Types:
    """The working contract with what the rules need and it does not have: a fee, a growing enumeration, defaults."""
    types = copy.deepcopy(shapes.raw())
    types["Decision"]["fields"] += [
        {"name": "fee", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, "doc": "费用",
         "max_bytes": 8, "pii": "none"},
        {"name": "level", "type": {"type": "enum", "name": "Level", "symbols": ["a", "b"], "default": "a"},
         "doc": "级别", "pii": "none"},
        {"name": "grade", "type": "int", "doc": "等级", "pii": "none", "default": 1},
        {"name": "urgent", "type": "boolean", "doc": "急", "pii": "none", "default": False},
        {"name": "remarks", "type": {"type": "array", "items": "string"}, "doc": "备注", "max_items": 3,
         "item_max_bytes": 30, "pii": "none", "default": []},
    ]  # fmt: skip
    return types


ALLOWED: dict[str, Callable[[Types], None]] = {
    "nothing": lambda _: None,
    "other words about a field": put("Decision", "reasons", doc="别的说法"),
    "other words about a record": say("Decision", doc="别的说法"),
    "a field with a default": add("Decision", name="later", type="string", max_bytes=9, default=""),
    "a field that may be null": add("Decision", name="later", type=["null", "long"], default=None),
    "a field with a default in the middle": add("Decision", 1, name="later", type="int", default=0),
    "a field in a part of a record": add("Material", name="later", type="int", default=0),
    "a cap widened": put("Decision", "reasons", max_bytes=5000),
    "a list's cap widened": put("Application", "materials", max_items=500),
    "an item's cap widened": put("Decision", "remarks", item_max_bytes=31),
    "a symbol for an enumeration with a default": lambda types: field(types, "Decision", "level")["type"][
        "symbols"
    ].append("c"),
    "a new record": lambda types: types.update(
        {"Later": {"type": "record", "name": "Later", "namespace": NS, "doc": "新", "fields": []}}
    ),
    "facts of a new message type": union("LaterFacts", "LatestFacts"),
}
REFUSED: dict[str, tuple[str, str, Callable[[Types], None]]] = {
    "a record dropped": ("E-SCHEMA-011", "HandOver", lambda types: types.pop("HandOver")),
    "a part dropped": ("E-SCHEMA-011", "Material", part_dropped),
    "a record renamed": (
        "E-SCHEMA-011",
        "HandOver",
        lambda types: types.update({"Delivery": {**types.pop("HandOver"), "name": "Delivery"}}),
    ),
    "a record that becomes an enumeration": (
        "E-SCHEMA-012",
        "Material",
        lambda types: types.update({"Material": {"type": "enum", "name": "Material", "symbols": ["a"]}}),
    ),
    "text to number": ("E-SCHEMA-012", "Decision.reasons", put("Decision", "reasons", type="int")),
    "text to bytes": ("E-SCHEMA-012", "Decision.reasons", put("Decision", "reasons", type="bytes")),
    "bytes to text": ("E-SCHEMA-012", "LicenseFile.sealed", put("LicenseFile", "sealed", type="string")),
    "a larger number": ("E-SCHEMA-012", "LicenseFile.copy_no", put("LicenseFile", "copy_no", type="long")),
    "whole numbers to fractions": (
        "E-SCHEMA-012",
        "Attachment.ciphertext_bytes",
        put("Attachment", "ciphertext_bytes", type="double"),
    ),
    "another record for a part": (
        "E-SCHEMA-012",
        "Application.applicant",
        put("Application", "applicant", type=f"{NS}.Material"),
    ),
    "another item": (
        "E-SCHEMA-012",
        "Application.materials[]",
        put("Application", "materials", type={"type": "array", "items": f"{NS}.FaceLine"}),
    ),
    "a moment's unit": (
        "E-SCHEMA-013",
        "Decision.decided_at",
        put("Decision", "decided_at", type={"type": "long", "logicalType": "timestamp-micros"}),
    ),
    "a logical type taken away": ("E-SCHEMA-013", "Decision.decided_at", put("Decision", "decided_at", type="long")),
    "the fee's scale": (
        "E-SCHEMA-013",
        "Decision.fee",
        lambda types: field(types, "Decision", "fee")["type"].update(scale=4),
    ),
    "a precision": (
        "E-SCHEMA-013",
        "Decision.fee",
        lambda types: field(types, "Decision", "fee")["type"].update(precision=12),
    ),
    "a fixed size": ("E-SCHEMA-014", "Nonce", say("Nonce", size=32)),
    "a field dropped": ("E-SCHEMA-015", "Decision.reasons", drop("Decision", "reasons")),
    "a field with a default dropped": ("E-SCHEMA-015", "Decision.grade", drop("Decision", "grade")),
    "a field renamed": ("E-SCHEMA-015", "Decision.reasons", put("Decision", "reasons", name="grounds", default="")),
    "a field renamed under an alias": ("E-SCHEMA-019", "Decision.grounds", renamed),
    "a field without a default": ("E-SCHEMA-016", "Decision.later", add("Decision", name="later", type="int")),
    "a default changed": ("E-SCHEMA-017", "Decision.grade", put("Decision", "grade", default=2)),
    "a default of another kind": ("E-SCHEMA-017", "Decision.urgent", put("Decision", "urgent", default=0)),
    "a default taken away": ("E-SCHEMA-017", "Decision.grade", put("Decision", "grade", default=None)),
    "a default for an enumeration": ("E-SCHEMA-017", "CopyKind", say("CopyKind", default="original")),
    "fields in another order": ("E-SCHEMA-018", "Decision", swapped),
    "an alias": ("E-SCHEMA-019", "Decision.reasons", put("Decision", "reasons", aliases=["grounds"])),
    "a symbol dropped": ("E-SCHEMA-020", "DecisionOutcome", lambda types: types["DecisionOutcome"]["symbols"].pop()),
    "symbols in another order": ("E-SCHEMA-020", "CopyKind", lambda types: types["CopyKind"]["symbols"].reverse()),
    "a symbol in front": (
        "E-SCHEMA-020",
        "Decision.level",
        lambda types: field(types, "Decision", "level")["type"]["symbols"].insert(0, "c"),
    ),
    "a symbol without a default": (
        "E-SCHEMA-021",
        "DecisionOutcome",
        lambda types: types["DecisionOutcome"]["symbols"].append("lost"),
    ),
    "a field that may now be null": (
        "E-SCHEMA-022",
        "Decision.reasons",
        put("Decision", "reasons", type=["null", "string"]),
    ),
    "a field that may not be null any more": (
        "E-SCHEMA-022",
        "License.valid_from",
        put("License", "valid_from", type={"type": "int", "logicalType": "date"}, default=0),
    ),
    "another kind beside null": (
        "E-SCHEMA-022",
        "AuthorisationFacts.replaces",
        lambda types: field(types, "AuthorisationFacts", "replaces")["type"].append("long"),
    ),
    "facts taken from the envelope": (
        "E-SCHEMA-022",
        "Envelope.facts",
        lambda types: field(types, "Envelope", "facts")["type"].pop(),
    ),
    "facts in another order": (
        "E-SCHEMA-022",
        "Envelope.facts",
        lambda types: field(types, "Envelope", "facts")["type"].reverse(),
    ),
    "facts that old counties know otherwise": ("E-SCHEMA-022", "Envelope.facts", union("Material")),
    "a cap lowered": ("E-SCHEMA-023", "Decision.reasons max_bytes", put("Decision", "reasons", max_bytes=3999)),
    "a list's cap lowered": (
        "E-SCHEMA-023",
        "Application.materials max_items",
        put("Application", "materials", max_items=99),
    ),
    "a cap taken away": ("E-SCHEMA-023", "Decision.reasons max_bytes", put("Decision", "reasons", max_bytes=None)),
    "a class lowered": ("E-SCHEMA-024", "Decision.reasons", put("Decision", "reasons", pii="none")),
    "a class raised": ("E-SCHEMA-024", "Decision.reasons", put("Decision", "reasons", pii="sensitive")),
    "a class taken away": ("E-SCHEMA-024", "Decision.reasons", put("Decision", "reasons", pii=None)),
    "another code class": ("E-SCHEMA-025", "ClaimFacts.station", put("ClaimFacts", "station", code="hall_no")),
    "an unknown remark changed": ("E-SCHEMA-026", "Decision.reasons order", put("Decision", "reasons", order="ignore")),
    "another namespace": ("E-SCHEMA-026", "Decision namespace", say("Decision", namespace="cn.yunhuoban.v2")),
    "a word for all extended": ("E-SCHEMA-028", "Offer", add("Offer", name="later", type="int", default=0)),
}


def verdicts(before: Types, after: Types) -> dict[str, set[Verdict]]:
    """What Apache's checker says of every record that is not the same, in both directions."""
    found = {}
    for name in shapes.MESSAGE_RECORDS:
        if name not in before or name not in after:
            continue
        texts = [json.dumps(shapes.expand(types, name)) for types in (before, after)]
        if texts[0] == texts[1]:
            continue
        try:
            one, other = map(avro.schema.parse, texts)
        except avro.errors.AvroException:
            found[name] = {Verdict.incompatible}  # it is no schema at all
            continue
        check = avro.compatibility.ReaderWriterCompatibilityChecker
        found[name] = {
            check().get_compatibility(reader=one, writer=other).compatibility,
            check().get_compatibility(reader=other, writer=one).compatibility,
        }
    return found


def checked(change: Callable[[Types], Any]) -> tuple[list[YunhuobanError], Types, Types]:
    """The findings about a change, with what was before and is after."""
    before, after = base(), base()
    change(after)
    one = contract_versions.contract(before, "1.0")
    other, error = attempt(contract_versions.contract, after, "proposed")
    # What is no Avro schema at all has no fingerprints: it is compared as it stands.
    return compatibility.findings(one, other if error is None else replace(one, types=after)), before, after


@pytest.mark.parametrize("title", ALLOWED)
def test_an_extension_is_allowed(title):
    """Counties before and after understand each other; Apache's checker says so of both directions.

    But of facts that only a new message type has: an older county cannot be sent them, which no checker can know.
    """
    found, before, after = checked(ALLOWED[title])
    assert found == []
    said = verdicts(before, after)
    if title.startswith("facts of"):
        said.pop("Envelope")
    assert all(each == {Verdict.compatible} for each in said.values()), said


@pytest.mark.parametrize("title", REFUSED)
def test_every_other_change_is_refused(title):
    """Each has its own code and place, says what was found and expected, and has a remedy."""
    code, place, change = REFUSED[title]
    found, before, after = checked(change)
    assert (code, place) in {(each.code.code, each.place) for each in found}, [(e.code.code, e.place) for e in found]
    assert all(each.code.remedy and (each.found or each.expected) for each in found)
    if len(set(before) ^ set(after)) == 0 and title not in AVRO_MISSES:
        assert any(Verdict.incompatible in each for each in verdicts(before, after).values()), (
            "then it belongs to those"
        )


@pytest.mark.parametrize("title", sorted(AVRO_MISSES & REFUSED.keys()))
def test_what_apaches_checker_lets_pass_in_one_direction_or_both(title):
    """These are the reason for a gate of our own: the reference checker calls them compatible one way at least."""
    _, before, after = checked(REFUSED[title][2])
    assert any(Verdict.compatible in each for each in verdicts(before, after).values())


def test_every_rule_of_the_gate_is_tried():
    """Each code that the gate has is provoked by one of the changes above, or by a test of its own."""
    tried = {code for code, _, _ in REFUSED.values()} | {"E-SCHEMA-010", "E-SCHEMA-027", "E-SCHEMA-035"}
    own = {each.code for each in vars(compatibility).values() if type(each).__name__ == "Code"}
    assert own == tried
    assert REFUSED.keys() >= AVRO_MISSES


def test_no_new_record_takes_anothers_fingerprint():
    """The header alone says which record it is: in any version there is."""
    one = contract_versions.contract(base(), "1.0")
    other = replace(one, crc64=one.crc64 | {"Received": one.crc64["Grant"], "Grant": "0" * 16})
    codes = {(each.code.code, each.place) for each in compatibility.findings(one, other)}
    assert ("E-SCHEMA-027", "Received") in codes


def test_message_types_stay_what_they_are():
    """One may come; none goes, and none carries something else or goes another way."""
    one = contract_versions.contract(base(), "1.0")
    more = {"later.thing": {"record": "Received", "facts": "", "sender": "window", "receiver": "issuing"}}
    assert compatibility.findings(one, replace(one, messages=one.messages | more)) == []
    for changed, code in (
        ({name: each for name, each in one.messages.items() if name != "decision.made"}, "E-SCHEMA-011"),
        *(
            (one.messages | {"decision.made": one.messages["decision.made"] | {key: "x"}}, "E-SCHEMA-035")
            for key in ("record", "facts", "sender", "receiver")
        ),
    ):
        (found,) = compatibility.findings(one, replace(one, messages=changed))
        assert (found.code.code, found.place) == (code, "decision.made")


@given(data=st.data())
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=examples(60, 15))
def test_whatever_else_is_changed_is_seen(data):
    """Anything at all that is changed in a released contract, except comments and higher caps, is a finding."""
    before, after = base(), base()
    name = data.draw(st.sampled_from(sorted(before)))
    spots = list(_spots(after[name]))
    holder, key = data.draw(st.sampled_from(spots))
    value = holder[key]
    assume(key != "doc")
    if isinstance(value, bool) or value is None:
        holder[key] = data.draw(st.sampled_from(["x", 1]))
    elif isinstance(value, int):
        holder[key] = data.draw(st.integers(0, value - 1 if value and key.endswith(("bytes", "items")) else 9**9))
        assume(holder[key] != value)
    elif isinstance(value, str):
        holder[key] = value + data.draw(st.sampled_from(["X", "_x", "2"]))
    else:
        assume(len(value) > 0)
        value.popitem() if isinstance(value, dict) else value.pop()
    one = contract_versions.contract(before, "1.0")
    if attempt(releasefile.well_formed, after)[1] is not None:
        return  # no contract at all
    # Some changes leave no Avro schema: they are compared as they stand.
    other = replace(one, types=after)
    assert compatibility.findings(one, other) or (key == "fields" and not value), (name, key)


def _spots(kind: Any) -> Any:
    """Every member of a type that can be changed, as (object, key)."""
    if isinstance(kind, dict):
        for key, value in kind.items():
            if key != "name" or "fields" not in kind:
                yield kind, key
            yield from _spots(value)
    elif isinstance(kind, list):
        for each in kind:
            yield from _spots(each)


def test_the_working_contract_passes_the_gate():
    """Against every released version; `hub contract check` says the same (make lint)."""
    assert [(each.code.code, each.place) for each in releasing.problems()] == []


def test_a_shut_gate_tells_everything():
    """The error holds every finding, so that all is told at once."""
    found, _, _ = checked(swapped)
    with pytest.raises(YunhuobanError, match="E-SCHEMA-010") as caught:
        compatibility.demand(found)
    assert [each.code.code for each in caught.value.problems] == ["E-SCHEMA-010", "E-SCHEMA-018"]
    compatibility.demand([])
