"""Whoever is recorded: no value of a person is in any byte that is kept, and everything fits together as before."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from adapters.countyit.recording import fixtures, numbers
from adapters.countyit.recording.recording import record
from adapters.local.mapping import canonical, load_mapping, samples
from adapters.local.sources import Batch, LocalRecord
from deploy.demo import invented
from tests.sampling import LONG

COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"
WUQIAO = COUNTIES / "wuqiao_130928"
MAPPING = load_mapping(WUQIAO)
TODAY = date(2026, 11, 26)
EXAMPLES = 1000 if LONG else 25
WORDS = "".join(path.read_text(encoding="utf-8") for path in WUQIAO.rglob("*") if path.suffix in (".toml", ".json"))
WIDE = {0x21 + offset: 0xFF01 + offset for offset in range(94)}

hanzi = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5) | st.sampled_from("𠮷䶮㐂镕堃欧阳")
names = st.text(hanzi, min_size=2, max_size=4).filter(lambda name: name not in WORDS)
persons = st.builds(
    invented.identity_number,
    st.sampled_from(["130928", "140881", "110105", "650103"]),
    st.dates(date(1930, 1, 1), date(2008, 12, 31)),
    st.integers(1, 999),
)
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
traders = st.integers(0, 31**6 - 1).map(lambda serial: trader(invented.credit_code("130928", serial)))
streets = st.text(hanzi.filter(lambda each: each not in "省市区县盟旗镇乡街道"), min_size=3, max_size=6).filter(
    lambda street: street not in WORDS
)
"""No townships: those stay."""


def trader(code: str) -> str:
    """The credit code of a sole trader: kind 2 of registrar 9."""
    return f"92{code[2:17]}{uscc.calc_check_digit(f'92{code[2:17]}0')}"


def written(number: str, how: str) -> str:
    """A number as people type it."""
    forms = {"wide": number.translate(WIDE), "small": number.lower(), "spaced": f" {number[:6]} {number[6:]}"}
    return forms.get(how, number)


class Given:
    """A source that has these records."""

    name = "given"

    def __init__(self, records: Sequence[LocalRecord]) -> None:
        self.records = records

    def poll(self, _cursor: str | None, limit: int) -> Batch:
        """All of them."""
        return Batch(records=self.records[:limit], cursor="")


def application(number: int, **cells: str) -> LocalRecord:
    """An application of 吴桥's samples with other cells, by the names of the columns."""
    data = json.loads((WUQIAO / "samples" / "records.json").read_text(encoding="utf-8"))[0]
    register = {**data["children"]["wq_register"][0], **{k: v for k, v in cells.items() if k in REGISTER}}
    return LocalRecord(
        kind=data["kind"],
        key=f"{cells['applyer_page_code']}-{number}",
        row={**data["row"], **{name: value for name, value in cells.items() if name not in REGISTER}},
        place=f"表 up_pro_accept 行 {cells['applyer_name']}",
        children={**data["children"], "wq_register": [register]},
    )


REGISTER = {"qymc", "fddbr", "fddbr_zjhm", "zs", "jyfw"}


@settings(max_examples=EXAMPLES)
@given(
    name=names,
    other=names,
    person=persons,
    mobile=mobiles,
    code=traders,
    street=streets,
    how=st.sampled_from(["plain", "wide", "small", "spaced"]),
)
def test_nothing_of_a_person_is_left_in_any_byte(tmp_path_factory, name, other, person, mobile, code, street, how):
    """Names, numbers, telephones, addresses, a sole trader's code, as typed or plain, in columns and within texts."""
    assume(name not in other)
    assume(other not in name)
    address = f"永济市{street}１号"
    cells = {
        "applyer_name": name,
        "applyer_page_code": written(person, how),
        "contact_name": other,
        "contact_mobile": written(mobile, how),
        "project_name": f"{name}商行设立登记，联系{other}{mobile}",
        "fddbr": name,
        "fddbr_zjhm": person,
        "qymc": f"{name}商行",
        "zs": address,
        "jyfw": f"由{name}（{person}，{code}）在{address}经营",
        "bz": f"{other}的电话是{mobile}",
        "xydm": code,
    }
    records = [application(1, **cells), application(2, **{**cells, "applyer_name": other, "contact_name": name})]
    session = record(MAPPING, Given(records), name="any", limit=10, today=TODAY)
    assert len(session.recording.records) == len(records), "nothing was left out"
    folder = tmp_path_factory.mktemp("county")
    kept = fixtures.write(folder, session.recording).read_bytes()
    secrets = (name, other, person, person[:17], mobile, code, street, address, f"{person[:6]} {person[6:]}")
    for secret in secrets:
        for form in (secret, secret.lower(), secret.translate(WIDE)):
            assert form.encode() not in kept
    first, second = (each.record for each in fixtures.read(next(folder.rglob("*.json"))).records)
    register = first.children["wq_register"][0]
    assert numbers.is_identity(str(register["fddbr_zjhm"]))
    assert numbers.is_credit(str(first.row["xydm"]))
    assert (first.row["applyer_name"], first.row["contact_name"]) == (
        second.row["contact_name"],
        second.row["applyer_name"],
    )
    assert register["fddbr"] == first.row["applyer_name"]
    assert register == second.children["wq_register"][0]
    assert str(first.row["applyer_name"]) in str(register["jyfw"])
    assert str(register["fddbr_zjhm"]) in str(register["jyfw"])
    for recorded in session.recording.records:
        assert recorded.outcome["message_type"] == "application.submitted"
        assert recorded.outcome["canonical"]["registration"]["legal_representative_document_no"] == str(
            register["fddbr_zjhm"]
        )


@settings(max_examples=EXAMPLES)
@given(st.lists(st.dictionaries(st.sampled_from(["applyer_name", "bz", "zs"]), st.text(max_size=40)), max_size=3))
def test_any_text_can_be_recorded_and_read_again(tmp_path_factory, rows):
    """Control characters, scripts nobody thought of, nothing at all: kept or left out, never an exception."""
    records = [LocalRecord(kind="up_pro_accept", key=str(at), row=row, place="") for at, row in enumerate(rows)]
    session = record(MAPPING, Given(records), name="any", limit=10, today=TODAY)
    folder = tmp_path_factory.mktemp("county")
    path = fixtures.write(folder, session.recording)
    assert fixtures.read(path) == session.recording
    assert len(session.recording.records) + session.unlike + session.unhidden == len(records)


@pytest.mark.parametrize("county", sorted(path.parent.name for path in COUNTIES.glob("*/mapping.toml")))
def test_the_samples_of_a_county_come_out_as_they_are(tmp_path, county):
    """Every sample of every example county, the wrong ones, too: masked it becomes what it became before.

    What the contract calls personal in the real outcomes, whichever column it came from, is in no byte that is kept.
    """
    mapping = load_mapping(COUNTIES / county)
    records, _ = samples.all_records(COUNTIES / county, mapping)
    session = record(mapping, Given(records), name="any", limit=1000, today=TODAY)
    assert (session.unlike, session.unhidden) == (0, 0)
    assert len(session.recording.records) == len(records)
    kept = fixtures.write(tmp_path, session.recording).read_text(encoding="utf-8")
    real = [each for each in samples.outcomes(mapping, records).values() if isinstance(each, dict)]
    secrets = {text for each in real for text in personal(each["message_type"], each["canonical"])}
    assert secrets
    assert [each for each in sorted(secrets) if each in kept] == []


def personal(message_type: str, record: dict[str, Any]) -> set[str]:
    """The texts of a record that the contract calls personal; codes of public bodies are in every directory."""
    shape = canonical.shape(message_type)
    found = {at(record, path) for path, leaf in shape.leaves.items() if leaf.personal}
    for path, rows in shape.repeated.items():
        found |= {
            at(row, name) for row in at(record, path) or [] for name, leaf in rows.leaves.items() if leaf.personal
        }
    return {each for each in found if len(str(each or "")) > 1 and not (numbers.is_credit(each) and each[0] == "1")}


def at(record: dict[str, Any], path: str) -> Any:
    """The value at a path."""
    for name in path.split("."):
        record = record.get(name) or {}
    return record or None
