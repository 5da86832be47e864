"""The unit of an amount is never guessed in silence, and a table is not one of materials for having a `name`."""

import sqlite3
from pathlib import Path

import pytest

from adapters.countyit.suggesting import as_table, as_toml
from adapters.countyit.suggesting.cells import CellPlan, plan
from adapters.countyit.suggesting.proposal import Proposal
from adapters.countyit.suggesting.proposing import propose
from adapters.countyit.suggesting.seen import Table
from adapters.local.sources import columns

COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"
CAPITAL = "registration.registered_capital_fen"


@pytest.fixture(scope="module")
def zhejiang(tmp_path_factory) -> Proposal:
    """What is proposed for an application of 安吉, whose registered capital is kept in 万元."""
    file = tmp_path_factory.mktemp("anji") / "hall.db"
    connection = sqlite3.connect(file)
    connection.executescript((COUNTIES / "anji_330523" / "local.sql").read_text(encoding="utf-8"))
    connection.close()
    return propose("application.submitted", columns.look(f"sqlite:///{file}").tables)


def capital(proposal: Proposal) -> CellPlan:
    """What is written for the registered capital."""
    found = plan(next(each for each in proposal.fields if each.target.path == CAPITAL))
    assert found is not None
    return found


def amounts(name: str, *values: object, comment: str = "") -> CellPlan:
    """What is written for a column of this name, comment and these values."""
    rows = [{"projid": f"A{at}", name: value} for at, value in enumerate(values)]
    table = Table(name="办件", columns=["projid", name], rows=rows, comments={name: comment})
    return capital(propose("application.submitted", [table]))


def test_zhejiang_keeps_its_capital_in_ten_thousands(zhejiang):
    """200 is two million yuan there: the proposal says so, and that a person has to look, in table and file."""
    cell = capital(zhejiang)
    assert (cell.column, cell.via, cell.sure) == ("pre_form_enterprise.reg_capital", ("wan_yuan",), False)
    line = next(each for each in as_toml.rule(zhejiang) if each.startswith(f'"{CAPITAL}"'))
    assert "待核" in line
    assert "像万元，也可能是元" in line
    shown = as_table.table(zhejiang)
    by_field = dict(zip(map(str, shown.columns[0].cells), map(str, shown.columns[2].cells), strict=True))
    assert by_field[CAPITAL] == "90 待核"


@pytest.mark.parametrize(
    ("name", "comment", "values", "via", "sure"),
    [
        ("注册资本（万元）", "", ("100", "50"), "wan_yuan", True),
        ("注册资本（万元）", "", ("1000000", "500000"), "wan_yuan", False),
        ("zczb_wy", "", ("100",), "wan_yuan", True),
        ("reg_capital", "注册资本，单位：万元", (100, 50), "wan_yuan", True),
        ("reg_capital", "注册资本（元）", ("1,000,000.00",), "yuan", True),
        ("reg_capital", "注册资本（元）", ("100", "50"), "yuan", False),
        ("reg_capital", "", ("100", "50", "3000"), "wan_yuan", False),
        ("reg_capital", "", ("100万元", "壹佰万元整", "50 万"), "yuan", True),
        ("reg_capital", "", ("1000000.00", "500000"), "yuan", True),
        ("reg_capital", "", ("30000", "500000"), "yuan", False),
        ("reg_capital", "", (), "yuan", False),
    ],
)
def test_the_unit_is_stated_or_asked_for(name, comment, values, via, sure):
    """Name, comment and values that name their unit settle it; a size alone only where no other unit is possible."""
    cell = amounts(name, *values, comment=comment)
    assert (cell.via, cell.sure) == ((via,), sure)
    assert ("待核" in cell.note) is not sure


def test_the_materials_of_zhejiang_are_in_its_table_of_attachments(zhejiang):
    """`pre_node.name` is who handled a step: only its name was like a material's. pre_attr is the table."""
    (materials,) = zhejiang.lists
    named = {each.target.path: each.first.column.name for each in materials.fields if each.first}
    assert materials.source == "pre_attr"
    assert (named["materials.name"], named["materials.copies"], named["materials.taken_as"]) == (
        "attrname", "amount", "taketype",
    )  # fmt: skip


def test_a_table_is_not_of_materials_for_having_a_name():
    """Where no table looks like the materials, none is proposed: a wrong one would be sent."""
    cases = [{"projid": f"A{at}", "申请人": "某某"} for at in range(3)]
    steps = [{"projid": each["projid"], "name": "审批员", "remark": "齐全"} for each in cases]
    tables = [Table(name=name, columns=list(rows[0]), rows=rows) for name, rows in (("办件", cases), ("node", steps))]
    assert propose("application.submitted", tables).lists[0].source == ""
