"""The envelope: what may stand in it, what it is bound to, and which code each wrong field has."""

import uuid
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import codec, privacy, shapes
from schemas.attachments import CARRYING, PART_BYTES
from schemas.envelope import LONGEST_LIFE, SUITE, Envelope, derived_id, new_id
from schemas.errors import YunhuobanError
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from schemas.messages import HUB, HUB_TYPES, TYPES, Party
from tests.sampling import examples
from tests.unit.schemas.records import bare_value, values

WINDOW, ISSUING = "130928", "140881"
CASE = str(CaseNo.mint(DivisionCode.parse(WINDOW), date(2026, 11, 22), 17))
ITEM = "11130928MB000000054000131001001"
NOW = datetime(2026, 11, 22, 1, 2, 3, 456000, tzinfo=UTC)
OTHER_ID = "8b0c9f0e-1111-4222-8333-94a0a0a0a0a0"
NAME, NUMBER = "王小明", "130928199001011234"


def facts_of(name: str | None) -> dict[str, Any] | None:
    """The least facts of a record of facts."""
    return bare_value(name) if name else None


ATTACHMENT = {"ciphertext_sha256": b"a" * 32, "ciphertext_bytes": 50, "part_sha256": [b"p" * 32]}


def envelope(type_: str = "decision.made", **changes: Any) -> Envelope:
    """A right envelope of a type, with some fields changed."""
    kind = TYPES[type_]
    from_window = kind.sender in (Party.WINDOW, Party.EITHER)
    to_hub = kind.receiver is Party.HUB
    right = Envelope(
        id="0e8dd07b-5d34-4f1c-9f0e-6a36a3a0a1b2",
        source=WINDOW if from_window else ISSUING,
        destination=HUB if to_hub else ISSUING if from_window else WINDOW,
        type=type_,
        case_no=CASE if kind.cased else "",
        service_item=ITEM if kind.cased else "",
        prev=None if kind.opens or not kind.cased else OTHER_ID,
        time=NOW,
        expires=NOW + timedelta(days=7),
        trial=False,
        dataschema=shapes.dataschema(kind.record),
        checkpoint={"epoch": 1, "size": 3, "root": b"r" * 32},
        facts=facts_of(kind.facts),
        attachments=(ATTACHMENT,) if type_ in CARRYING else (),
        encrypted_for=None if to_hub else b"k" * 32,
        data_commitment=b"c" * 32,
        data=b"ciphertext",
    )
    return replace(right, **changes)


def refusal(body: bytes) -> YunhuobanError:
    """The error that parsing these bytes gives."""
    with pytest.raises(YunhuobanError) as caught:
        Envelope.parse(body)
    return caught.value


@pytest.mark.parametrize("type_", TYPES)
def test_parse_gives_back_what_was_encoded(type_):
    """Every type's envelope is parsed to an equal one, whose bytes are the same: they can be signed and compared."""
    body = envelope(type_).to_bytes()
    assert Envelope.parse(body) == envelope(type_)
    assert Envelope.parse(body).to_bytes() == body
    assert Envelope.parse(body).kind is TYPES[type_]


@settings(max_examples=examples(100, 25), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.sampled_from(sorted(TYPES)))
def test_parse_gives_back_any_facts_and_attachments(data, type_):
    """Whatever facts, attachments, checkpoint and data an envelope has: parse and encode are inverse.

    Facts become columns, log fields and names of print jobs: what is no code in them is refused.
    """
    whole = data.draw(values("Envelope"))
    made = envelope(
        type_,
        facts=data.draw(values(TYPES[type_].facts)) if TYPES[type_].facts else None,
        checkpoint=whole["checkpoint"] and {**whole["checkpoint"], "epoch": 1, "size": 2},
        attachments=_possible(whole["attachments"]) if type_ in CARRYING else (),
        trial=whole["trial"],
        data=whole["data"],
        data_commitment=whole["data_commitment"],
    )
    texts = [text for each in (made.facts or {}).values() for text in (each if isinstance(each, list) else [each])]
    if any(isinstance(each, str) and not privacy.is_code(each) for each in texts):
        assert refusal(made.to_bytes()).code.code == "E-ENV-004"
        return
    assert Envelope.parse(made.to_bytes()) == made
    assert Envelope.parse(made.to_bytes()).to_bytes() == made.to_bytes()


def _possible(attachments: list[Any]) -> tuple[Any, ...]:
    """The same attachments with sizes that fit the number of their parts, each once."""
    once = {each["ciphertext_sha256"]: each for each in attachments if each["part_sha256"]}
    sized = ({**each, "ciphertext_bytes": (len(each["part_sha256"]) - 1) * PART_BYTES + 17} for each in once.values())
    return tuple(each for each in sized if each["ciphertext_bytes"] < 4 * PART_BYTES)[:20]


BAD_ID = ("", "x", OTHER_ID.upper(), OTHER_ID.replace("-", ""), f" {OTHER_ID[1:]}", NUMBER, NAME, "0" * 36)
BAD: list[tuple[str, Any, str]] = [
    *(("id", each, "E-ENV-001") for each in BAD_ID),
    *((name, each, "E-ENV-001") for name in ("prev", "in_reply_to", "supersedes") for each in BAD_ID),
    *((name, envelope().id, "E-ENV-001") for name in ("prev", "in_reply_to", "supersedes")),
    ("source", HUB, "E-ENV-008"),
    ("source", "", "E-ID-001"),
    ("source", "13092", "E-ID-001"),
    ("source", "990000", "E-ID-002"),
    ("destination", "", "E-ID-001"),
    ("destination", "HUB", "E-ID-001"),
    ("destination", "999999", "E-ID-002"),
    *(("type", each, "E-ENV-008") for each in HUB_TYPES),
    ("type", "", "E-ENV-010"),
    ("type", "decision.made ", "E-ENV-010"),
    ("type", NAME, "E-ENV-010"),
    ("case_no", "", "E-ID"),
    ("case_no", NUMBER, "E-ID"),
    ("case_no", CASE[:-1] + ("0" if CASE[-1] != "0" else "1"), "E-ID"),
    ("service_item", "", "E-ID"),
    ("service_item", "1" * 30, "E-ID"),
    ("expires", NOW, "E-ENV-002"),
    ("expires", NOW - timedelta(milliseconds=1), "E-ENV-002"),
    ("expires", NOW + LONGEST_LIFE + timedelta(milliseconds=1), "E-ENV-002"),
    ("suite", "", "E-ENV-003"),
    ("suite", "sm2-1", "E-ENV-003"),
    ("suite", SUITE.upper(), "E-ENV-003"),
    ("traceparent", "00", "E-ENV-007"),
    ("traceparent", f"00-{'a' * 32}-{'b' * 16}-0G", "E-ENV-007"),
    ("traceparent", f"01-{'a' * 32}-{'b' * 16}-00", "E-ENV-007"),
    ("traceparent", f"00-{'0' * 32}-{'b' * 16}-00", "E-ENV-007"),
    ("traceparent", f"00-{'a' * 32}-{'0' * 16}-00", "E-ENV-007"),
    ("dataschema", "", "E-ENV-005"),
    ("dataschema", shapes.dataschema("Acceptance"), "E-ENV-005"),
    ("dataschema", shapes.dataschema("Decision")[:-1] + "x", "E-ENV-005"),
    ("dataschema", f"{shapes.NAMESPACE}.Decision", "E-ENV-005"),
    ("facts", None, "E-ENV-004"),
    ("encrypted_for", None, "E-ENV-006"),
]


@pytest.mark.parametrize(("field", "wrong", "code"), BAD)
def test_each_wrong_field_has_its_code_and_its_place(field, wrong, code):
    """A wrong value is refused with the code for it and its field as the place; persons are not shown."""
    body = codec.encode("Envelope", {**envelope()._record(), field: wrong})
    error = refusal(body)
    assert error.code.code.startswith(code)
    assert error.place == field
    said = f"{error} {error.found} {error.expected} {error.params}"
    assert NAME not in said
    assert NUMBER not in said


def test_every_limit_itself_is_allowed():
    """Exactly 30 days, a trace, no checkpoint and no predecessor are right."""
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    for right in (
        envelope(expires=NOW + LONGEST_LIFE),
        envelope(expires=NOW + timedelta(milliseconds=1)),
        envelope(traceparent=trace),
        envelope(checkpoint=None, prev=None, attachments=()),
        envelope(in_reply_to=OTHER_ID, supersedes=OTHER_ID, prev=OTHER_ID),
        envelope(destination=ISSUING),  # a case within one county
    ):
        assert Envelope.parse(right.to_bytes()) == right


@pytest.mark.parametrize(
    ("field", "wrong", "place"),
    [
        ("checkpoint", {"epoch": -1, "size": 3, "root": b"r" * 32}, "checkpoint.epoch"),
        ("checkpoint", {"epoch": 1, "size": -3, "root": b"r" * 32}, "checkpoint.size"),
        ("attachments", [ATTACHMENT | {"ciphertext_bytes": -5}], "attachments[].ciphertext_bytes"),
    ],
)
def test_amounts_are_not_negative(field, wrong, place):
    """An epoch, a size and a number of bytes cannot be negative."""
    error = refusal(codec.encode("Envelope", {**envelope()._record(), field: wrong}))
    assert (error.code.code, error.place) == ("E-ENV-009", place)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("case_no", CASE),
        ("service_item", ITEM),
        ("prev", OTHER_ID),
        ("in_reply_to", OTHER_ID),
        ("destination", ISSUING),
    ],
)
def test_what_belongs_to_no_case_names_none(field, wrong):
    """A countersignature has no case, no item and no predecessor, and goes to the hub."""
    right = envelope("checkpoint.countersigned")
    error = refusal(codec.encode("Envelope", {**right._record(), field: wrong}))
    assert (error.code.code, error.place) == ("E-JRNL-030", field)


@pytest.mark.parametrize("type_", TYPES)
def test_only_the_facts_of_its_type(type_):
    """An envelope with another type's facts, with none or with too many is refused."""
    record = envelope(type_)._record()
    for facts in (None, *(kind.facts for kind in TYPES.values() if kind.facts)):
        given_facts = (f"{shapes.NAMESPACE}.{facts}", facts_of(facts)) if facts else None
        body = codec.encode("Envelope", {**record, "facts": given_facts})
        if facts == TYPES[type_].facts:
            assert Envelope.parse(body).facts == facts_of(facts)
        else:
            error = refusal(body)
            assert (error.code.code, error.place) == ("E-ENV-004", "facts"), facts


@pytest.mark.parametrize("type_", TYPES)
def test_encrypted_for_a_county_and_open_for_the_hub(type_):
    """What goes to a county names a key, what goes to the hub names none."""
    right = envelope(type_)
    wrong = replace(right, encrypted_for=b"k" * 32 if right.encrypted_for is None else None)
    error = refusal(wrong.to_bytes())
    assert (error.code.code, error.place) == ("E-ENV-006", "encrypted_for")


@pytest.mark.parametrize("type_", TYPES)
def test_only_the_dataschema_of_its_record(type_):
    """An envelope says the full digest of its own type's record, and of no other."""
    right = envelope(type_)
    for record in shapes.MESSAGE_RECORDS:
        body = replace(right, dataschema=shapes.dataschema(record)).to_bytes()
        if record == TYPES[type_].record:
            assert Envelope.parse(body)
        else:
            error = refusal(body)
            assert (error.code.code, error.place) == ("E-ENV-005", "dataschema"), record


CHANGES: dict[str, Any] = {
    "id": OTHER_ID,
    "source": "130929",
    "destination": "130929",
    "type": "application.submitted",
    "case_no": str(CaseNo.mint(DivisionCode.parse(WINDOW), date(2026, 11, 22), 18)),
    "service_item": ITEM[:-1] + "2",
    "prev": None,
    "in_reply_to": OTHER_ID,
    "supersedes": OTHER_ID,
    "time": NOW + timedelta(milliseconds=1),
    "expires": NOW + timedelta(days=8),
    "trial": True,
    "dataschema": shapes.dataschema("Acceptance"),
    "suite": "p256-2",
    "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
    "checkpoint": {"epoch": 1, "size": 4, "root": b"r" * 32},
    "facts": {"outcome": "granted"},
    "attachments": (ATTACHMENT,),
    "encrypted_for": b"K" * 32,
    "data_commitment": b"C" * 32,
}


def test_the_binding_covers_every_clear_field_and_not_the_data():
    """Changing any clear field changes what the encryption is bound to; the ciphertext itself does not."""
    base = envelope()
    assert set(CHANGES) == {each.name for each in fields(Envelope)} - {"data", "contract"}
    bindings = {base.binding()}
    for field, value in CHANGES.items():
        # A type without facts takes the facts away from the record, else only the field changes.
        changed = replace(base, **{field: value}, **({"facts": None} if field == "type" else {}))
        bindings.add(changed.binding())
    assert len(bindings) == len(CHANGES) + 1
    assert replace(base, data=b"").binding() == replace(base, data=b"x" * 3_145_728).binding() == base.binding()
    assert len(base.binding()) == 32


def test_not_an_envelope():
    """Another record, an empty body and a cut one are refused by the codec."""
    body = envelope().to_bytes()
    codes = {refusal(each).code.code for each in (b"", body[:-1], body + b"\0", b"\xc3\x01" + bytes(8))}
    assert codes == {"E-CODEC-003", "E-CODEC-004", "E-CODEC-007"}


def test_ids():
    """A fresh id each time; a derived id depends on its cause and its purpose and on nothing else, for ever."""
    assert new_id() != new_id()
    assert uuid.UUID(new_id()).version == 4
    cause = "0e8dd07b-5d34-4f1c-9f0e-6a36a3a0a1b2"
    assert derived_id(cause, "print.granted") == "a5621730-45c3-567f-8f20-7d83e61e2e1b"
    assert len({derived_id(cause, "a"), derived_id(cause, "b"), derived_id(OTHER_ID, "a")}) == 3
    assert Envelope.parse(envelope(id=derived_id(cause, "a")).to_bytes()).id == derived_id(cause, "a")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("case_no", CASE),
        ("service_item", ITEM),
        ("prev", OTHER_ID),
        ("in_reply_to", OTHER_ID),
        ("destination", ISSUING),
    ],
)
def test_a_county_word_about_itself_belongs_to_no_case(name, value):
    """It goes to the hub, with neither case nor item nor predecessor; anything else is refused by name."""
    found = refusal(envelope("epoch.reported", **{name: value}).to_bytes())
    assert (found.code.code, found.place) == ("E-JRNL-030", name)
