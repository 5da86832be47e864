"""The lint: every field is classed, and in the clear stand codes, numbers and dates, nothing that a person wrote."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import privacy, shapes
from tests.unit.schemas.test_compatibility import add, field, put

Types = dict[str, Any]

WRONG: dict[str, tuple[str, str, Callable[[Types], Any]]] = {
    "no class": ("E-SCHEMA-040", "Decision.reasons", put("Decision", "reasons", pii=None)),
    "an unknown class": ("E-SCHEMA-040", "Decision.reasons", put("Decision", "reasons", pii="secret")),
    "a number that is personal": ("E-SCHEMA-041", "ClaimFacts.attempt", put("ClaimFacts", "attempt", pii="basic")),
    "a name in facts": (
        "E-SCHEMA-041",
        "OutcomeFacts.clerk",
        add("OutcomeFacts", name="clerk", type="string", max_bytes=40, pii="basic", code="station_no"),
    ),
    "free text in facts": (
        "E-SCHEMA-042",
        "OutcomeFacts.remark",
        add("OutcomeFacts", name="remark", type="string", max_bytes=40),
    ),
    "a class of codes that there is not": (
        "E-SCHEMA-042",
        "OutcomeFacts.remark",
        add("OutcomeFacts", name="remark", type="string", max_bytes=40, code="words"),
    ),
    "a code as long as a sentence": ("E-SCHEMA-042", "ClaimFacts.station", put("ClaimFacts", "station", max_bytes=129)),
    "a list of texts": (
        "E-SCHEMA-042",
        "DecisionFacts.words",
        add("DecisionFacts", name="words", type={"type": "array", "items": "string"}, max_items=3, item_max_bytes=9),
    ),
    "free text in the envelope": (
        "E-SCHEMA-042",
        "Envelope.subject",
        add("Envelope", name="subject", type=["null", "string"], max_bytes=40, default=None),
    ),
    "free text in a part of the envelope": (
        "E-SCHEMA-042",
        "Attachment.name",
        add("Attachment", name="name", type="string", max_bytes=40),
    ),
    "bytes in facts": ("E-SCHEMA-043", "ClaimFacts.more", add("ClaimFacts", name="more", type="bytes", max_bytes=9)),
    "a record of a payload in facts": (
        "E-SCHEMA-041",
        "Applicant.name",
        add("DecisionFacts", name="applicant", type=f"{shapes.NAMESPACE}.Applicant"),
    ),
    "something personal that the hub reads": (
        "E-SCHEMA-041",
        "PrintClaim.station",
        put("PrintClaim", "station", pii="basic"),
    ),
    "something personal that the hub says": (
        "E-SCHEMA-041",
        "CountyEntry.contact",
        put("CountyEntry", "contact", pii="basic"),
    ),
    "a part that is more personal than the whole": (
        "E-SCHEMA-044",
        "Application.applicant",
        put("Application", "applicant", pii="basic"),
    ),
}


def test_the_working_contract_has_nothing_personal_in_the_clear():
    """Every field is classed, and the clear ones are codes, numbers, dates and digests."""
    assert [(each.code.code, each.place) for each in privacy.findings(shapes.raw())] == []


def test_the_lint_looks_at_every_kind_of_facts_and_every_clear_field():
    """No record of facts, and no field of the envelope but the encrypted one, is left out."""
    seen = {place for place, _ in privacy.clear_fields(shapes.raw())}
    facts = [name for name in shapes.raw() if name.endswith("Facts")]
    expected = {f"{name}.{each['name']}" for name in facts for each in shapes.raw()[name]["fields"]}
    expected |= {f"Envelope.{each['name']}" for each in shapes.raw()["Envelope"]["fields"]} - {"Envelope.data"}
    assert expected <= seen
    assert facts


@pytest.mark.parametrize("title", WRONG)
def test_what_does_not_belong_there_is_named(title):
    """Each has its code and the field."""
    code, place, change = WRONG[title]
    types = copy.deepcopy(shapes.raw())
    change(types)
    assert (code, place) in {(each.code.code, each.place) for each in privacy.findings(types)}


def test_annotations_name_classes_that_there_are_and_each_is_used():
    """No class of codes without a field, no field with an unknown class, and none outside the clear."""
    clear = {place for place, _ in privacy.clear_fields(shapes.raw())}
    annotated = {
        f"{name}.{each['name']}": each["code"]
        for name, kind in shapes.raw().items()
        for each in kind.get("fields", ())
        if "code" in each
    }
    assert set(annotated.values()) == privacy.CODES
    assert annotated.keys() <= clear


def test_the_highest_class_inside():
    """A record is as personal as the most personal field in it."""
    kind = field(copy.deepcopy(shapes.raw()), "Application", "applicant")["type"]
    assert privacy.highest(shapes.raw(), kind) == "sensitive"
    assert privacy.highest(shapes.raw(), "long") == "none"


@pytest.mark.parametrize(
    "text",
    ["", "business-license-original-2019", "E-ADM-001", "140881-01-1", "冀A0001", "130928-20261122-000017-C", "1" * 18],
)
def test_codes_as_they_are(text):
    """Numbers that a system or a sheet of stock bears, and none at all."""
    assert privacy.is_code(text)


@pytest.mark.parametrize("text", ["王小明", "a b", "王 1", "x\n", "\u200b1", "130928199003074511", "欧阳"])
def test_what_somebody_typed(text):
    """Names, sentences and identity numbers are no codes."""
    assert not privacy.is_code(text)


@given(st.text(max_size=40))
def test_any_text(text):
    """It is a code or not, and no code breaks a line or a column."""
    assert privacy.is_code(text) in (True, False)
    assert not privacy.is_code(text) or (text.isprintable() and " " not in text)
