"""The county's own result: signed, kept, on its card, and expired as far as what runs is not what was tested."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from adapters.case import casebook
from adapters.cli import app
from adapters.countyit.conformance import expiry, parts
from adapters.local.mapping import load_mapping
from adapters.local.reading import LocalReader
from adapters.store import open_store, tables
from certs import signing
from deploy.demo.wuqiao_register import TABLES
from schemas import shapes
from schemas.conformance.result import WINDOW as OWN_WINDOW
from schemas.conformance.result import PartResult, SignedResult
from schemas.conformance.standing import message_type
from schemas.errors import YunhuobanError
from schemas.lifecycle import CaseState
from schemas.messages import TYPES, Parties
from tests.conformance_world import result, sign
from tests.county_records import START, application
from tests.county_world import ISSUING, ITEM, WINDOW, Network, World, case_no

COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"

OWN_ITEM = "11130928MB000000054000131127004"
BOTH_APPLICATION = {"read.application.submitted", "write.application.submitted"}


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    """吴桥's mapping, to be changed."""
    return Path(shutil.copytree(COUNTIES / "wuqiao_130928", tmp_path / "mapping"))


@pytest.fixture
def node(county_network: Network, mapping: Path, tmp_path: Path) -> Path:
    """A node's folder with its keys, over 吴桥's own database."""
    folder = tmp_path / "node"
    with closing(sqlite3.connect(tmp_path / "hall.sqlite")) as hall:
        hall.executescript(TABLES)
    shutil.copytree(county_network.folder / WINDOW / "certs", folder / "certs")
    (folder / "county.toml").write_text(
        f"""division_code = "{WINDOW}"
name = "吴桥县"
mapping = {json.dumps(str(mapping))}
local_read = "sqlite:///{tmp_path}/hall.sqlite"
local_write = "sqlite:///{tmp_path}/hall.sqlite"

[authority]
name = "局"
code = "11130928MB00000005"

[[offers]]
service_item = "{OWN_ITEM}"
name = "公司登记"
""",
        encoding="utf-8",
    )
    return folder


def keep_passed(node: Path, mapping: Path) -> None:
    """A result that passed, of the mapping as it is: what a test leaves in the node's folder."""
    loaded = load_mapping(mapping)
    shape = {name: shapes.dataschema(TYPES[message_type(name)].record) for name in parts.digests(loaded, mapping)}
    said = result(
        WINDOW, ITEM, at=START, program=parts.program(), items=parts.items_of(loaded, [OWN_ITEM]),
    )  # fmt: skip
    named = {
        name: PartResult(mapping=digest, shape=shape[name], state="passed", passed=1, failed=0)
        for name, digest in parts.digests(loaded, mapping).items()
    }
    (node / expiry.FILE).write_bytes(SignedResult(replace(said, parts=named).to_bytes(), "header..signature").to_file())


def run(*arguments: object) -> Any:
    """`adapter …`."""
    return CliRunner().invoke(app, [str(each) for each in arguments])


def change(mapping: Path, old: str, new: str) -> None:
    """Change one place of the mapping."""
    file = mapping / "mapping.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def differing(before: dict[str, str], mapping: Path) -> set[str]:
    """Parts whose digest is another now."""
    after = parts.digests(load_mapping(mapping), mapping)
    assert before.keys() == after.keys()
    return {part for part, digest in after.items() if before[part] != digest}


def test_from_test_to_card_to_expiry(node: Path, mapping: Path, tmp_path: Path, county_network: Network):
    """Signed with the county's own key, on its card, shown; after a change it says what expired; a test renews it."""
    assert "missing" in run("items", "-d", node).output
    with closing(sqlite3.connect(tmp_path / "hall.sqlite")) as hall:
        hall.execute("ALTER TABLE up_pro_result RENAME COLUMN row_guid TO guid")
    done = run("test", "-d", node)
    assert done.exit_code == 1  # the local system does not fit; that is no part of the result, which is of the mapping
    for words in ("自测通过", "但本地系统与映射不符", "E-SRC-023", "row_guid → guid"):
        assert words in done.output
    signed = expiry.held(node)
    assert signed is not None
    certificate = county_network.identities[WINDOW].signing_certificate
    signing.verify(signed.signature, signed.body, certificate=certificate, typ=signing.Typ.CONFORMANCE)
    assert {item: signed.result.state(item) for item in signed.result.items} == {
        OWN_ITEM: "passed", OWN_WINDOW: "passed",
    }  # fmt: skip
    assert json.loads(run("card", "-d", node).output)["conformance"] == signed.to_json()
    others = sign(signed.result, key=county_network.grants.key, certificate=county_network.grants.certificate)
    (node / expiry.FILE).write_bytes(others.to_file())  # signed by a key of before
    assert "conformance" not in json.loads(run("card", "-d", node).output)
    (node / expiry.FILE).write_bytes(signed.to_file())
    assert run("items", "-d", node).output.count("tested") == 2
    assert "映射改变了" not in run("status", "-d", node).output
    change(mapping, '"clerk" = "handle_user_name"', '"clerk" = { from = "handle_user_name", via = ["one_line"] }')
    for command in ("items", "status"):
        said = run(command, "-d", node).output
        assert "read.application.submitted 的映射改变了" in said
        assert "The mapping of read.application.submitted has changed" in said
        assert "read.decision.made" not in said
    shown = run("items", "-d", node).output
    assert (shown.count("expired"), shown.count("tested")) == (1, 1)  # its window has expired, its own item has not
    expired = expiry.at_window(node, load_mapping(mapping), mapping)
    assert expired is not None
    assert (expired.code.code, expired.params["parts"]) == ("E-CNF-002", "read.application.submitted")
    (node / expiry.FILE).write_text("{", encoding="utf-8")  # damaged: as good as none of today, and the node starts
    damaged = expiry.at_window(node, load_mapping(mapping), mapping)
    assert damaged is not None
    assert (damaged.code.code, damaged.found) == ("E-CNF-002", "E-CNF-001")


@pytest.mark.long
def test_a_local_system_that_fits(node: Path):
    """Exit 0, and a line for each table on each way."""
    done = run("test", "-d", node)
    assert done.exit_code == 0
    assert "表 up_pro_result" in done.output
    assert "不通过" not in done.output


def test_the_mapping_tested_is_the_nodes_own(node: Path):
    """A result for one mapping is never signed for a node that runs another."""
    assert run("test", COUNTIES / "yongji_140881", "-d", node).exit_code == 2
    assert expiry.held(node) is None


@pytest.mark.parametrize(
    ("old", "new", "touched"),
    [
        ('"1" = "natural_person"', '"1" = "legal_person"', BOTH_APPLICATION),
        ("# 注释", "", set()),
        ('name = "吴桥县"', 'name = "吴桥"', set()),
        ("overlap_seconds = 600", "overlap_seconds = 601", {"read."}),
        ('key_column = "row_guid"', 'key_column = "guid"', {"write."}),
        ('"10" = "granted"', '"11" = "granted"', {"read.decision.made", "write.decision.made"}),
    ],
)  # fmt: skip
def test_a_change_touches_what_hangs_on_it(mapping: Path, old: str, new: str, touched: set[str]):
    """A lookup table touches who looks it up, the source all that is read, a comment and a name nothing."""
    before = parts.digests(load_mapping(mapping), mapping)
    if old.startswith("#"):
        file = mapping / "mapping.toml"
        file.write_text("# 另一句话\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    else:
        change(mapping, old, new)
    wanted = {each for each in before if any(each.startswith(part) for part in touched)}
    assert differing(before, mapping) == wanted


def test_the_countys_own_functions_count_where_they_are_used(mapping: Path):
    """`overrides.py` changed: expired is what goes through one of its functions."""
    (mapping / "overrides.py").write_text('FUNCTIONS = {"own": lambda value: value}\n', encoding="utf-8")
    change(mapping, "county = ", 'overrides = "overrides.py"\ncounty = ')
    change(mapping, '"clerk" = "handle_user_name"', '"clerk" = { from = "handle_user_name", via = ["own"] }')
    before = parts.digests(load_mapping(mapping), mapping)
    (mapping / "overrides.py").write_text('FUNCTIONS = {"own": lambda value: str(value)}\n', encoding="utf-8")
    assert differing(before, mapping) == {"read.application.submitted"}


def test_an_item_that_a_rule_keeps_out_does_not_use_it(mapping: Path):
    """Granular to the item: a rule whose condition excludes an item does not expire it."""
    change(
        mapping,
        'when = { cd_operation = "U", accept_date = { empty = false } }',
        'when = { cd_operation = "U", accept_date = { empty = false }, task_code = { starts_with = "11130928" } }',
    )
    other = "11130929MB000000054000131127004"
    used = parts.items_of(load_mapping(mapping), [OWN_ITEM, other])
    assert set(used[OWN_ITEM]) - set(used[other]) == {"read.application.accepted"}


def test_another_contract_or_program_expires_too(mapping: Path):
    """What was tested with another shape of the record, or by another program, is named as such."""
    digests = {"read.application.submitted": "0" * 64, "write.decision.made": "0" * 64, "read.case.closed": "1" * 64}
    shape = {"shape": "cn.yunhuoban.Decision#0"}
    said = result(WINDOW, ITEM, at=START, program=parts.program(), parts={"write.decision.made": shape})
    assert {part: each.why for part, each in expiry.changes(said, digests).items()} == {
        "write.decision.made": "contract", "read.case.closed": "new",
    }  # fmt: skip
    said = result(WINDOW, ITEM, at=START, program="another")
    assert expiry.changes(said, digests)["read.application.submitted"].why == "program"


def test_while_expired_applications_wait_and_go_by_themselves_afterwards(world: World):
    """Nothing is lost and nothing is sent unseen: the record waits with E-CNF-002, and goes after the new test."""
    window = world.window
    common: dict[str, Any] = {
        "store": window.store, "identity": window.identity, "mapping": window.reader._mapping, "source": window.source,
        "outbox": window.box, "authoriser": window.authoriser,
    }  # fmt: skip
    fresh = window.reader
    window.reader = LocalReader(**common, expired=YunhuobanError(expiry.EXPIRED, parts="read.application.submitted"))
    window.source.add("application.submitted", "WQ1", application())
    assert window.read() == 0
    assert window.rows(select(tables.waiting_records.c.local_case)) == [("WQ1",)]
    (trouble,) = window.rows(select(tables.troubles.c.code, tables.troubles.c.sentence))
    assert (trouble.code, "read.application.submitted" in trouble.sentence) == ("E-CNF-002", True)
    window.reader = fresh
    world.later(minutes=10)
    assert window.read() == 1
    assert window.rows(select(tables.troubles.c.code)) == []


def test_a_trial_with_a_partner_is_known_by_the_own_casebook(node: Path, mapping: Path):
    """Live with the county whose trial reached the applicant, tested with the one whose trial was denied and closed."""
    keep_passed(node, mapping)
    store = open_store(f"sqlite:///{node / 'county.sqlite'}")
    with store.write() as tx:
        for serial, (other, state) in enumerate(((ISSUING, CaseState.HANDED_OVER), ("340321", CaseState.CLOSED)), 1):
            number = case_no(serial)
            casebook.open_case(
                tx, case_no=number, parties=Parties(window=WINDOW, issuing=other), service_item=ITEM, trial=True,
                local_case=None, now=START,
            )  # fmt: skip
            tx.execute(tables.cases.update().where(tables.cases.c.case_no == number).values(state=state.value))
    store.close()
    rows = [line for line in run("items", "-d", node).output.splitlines() if "window" in line and "│" in line]
    assert [("live" in line, "tested" in line) for line in rows if ISSUING in line.split("│")[3]] == [(True, False)]
    assert [("live" in line, "tested" in line) for line in rows if "340321" in line] == [(False, True)]
