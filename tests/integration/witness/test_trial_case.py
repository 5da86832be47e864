"""A trial case from one county's own record to paper: through the real mappings, both nodes and a running hub."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.local.localwrites import LocalWriter
from adapters.local.mapping import load_mapping
from adapters.local.mapping.samples import sample_records
from adapters.local.reading import LocalReader
from adapters.local.sinks.opening import open_sink
from adapters.printing.tables import PRINTS, SHEETS
from adapters.store import tables
from hub.store import tables as hub_tables
from schemas.envelope import Envelope
from tests.county_records import acceptance, decision
from tests.witness_world import Stage

COUNTIES = Path(__file__).parents[3] / "adapters" / "counties"
WUQIAO, YONGJI = COUNTIES / "wuqiao_130928", COUNTIES / "yongji_140881"


@pytest.fixture
def halls(stage: Stage, tmp_path: Path) -> Stage:
    """The window reads as 吴桥 does, the authority, in earnest, is written to as 永济 is."""
    window, issuing = stage.counties.window, stage.counties.issuing
    window.reader = LocalReader(
        store=window.store, identity=window.identity, mapping=load_mapping(WUQIAO), source=window.source,
        outbox=window.box, authoriser=window.authoriser,
    )  # fmt: skip
    authority = issuing.settings.authority.model_copy(update={"verify_host": "verify.example.cn"})
    issuing.settings = issuing.settings.model_copy(update={"trial": False, "authority": authority})
    issuing.start()
    mapping = load_mapping(YONGJI)
    issuing.writer = LocalWriter(
        store=issuing.store, identity=issuing.identity, mapping=mapping, sink=open_sink(mapping, str(tmp_path))
    )
    return stage


def settle(stage: Stage) -> None:
    """Every loop of every county and the hub, until nothing moves any more."""
    while stage.carry() + sum(each.issue() + each.write() for each in stage.counties.counties.values()):
        pass
    for county in stage.counties.counties.values():
        county.print_ready()


def taken_at_the_window(stage: Stage, *, shiban: str) -> None:
    """吴桥's first sample, with the register's own mark."""
    sample = next(each for each in sample_records(WUQIAO) if each.kind == "up_pro_accept")
    (register,) = sample.children["wq_register"]
    children = {**sample.children, "wq_register": [{**register, "shiban": shiban}]}
    stage.counties.window.source.records.append(replace(sample, children=children))
    settle(stage)


def handed_over(stage: Stage, identifier: str) -> None:
    """吴桥's sample of a hand-over, of this license."""
    sample = next(each for each in sample_records(WUQIAO) if each.kind == "wq_handover")
    row = {**sample.row, "project_no": "WQ20261122000001", "zzbs": identifier}
    stage.counties.window.source.records.append(replace(sample, row=row))
    settle(stage)


def to_its_end(stage: Stage, serial: str) -> str:
    """Accepted, decided, printed and handed over; returns its number."""
    case_no, number = stage.counties.case_no(), f"{stage.counties.case_no()}-D1-1"
    for kind, record in (("application.accepted", acceptance()), ("decision.made", decision())):
        stage.counties.issuing.source.add(kind, case_no, record)
        settle(stage)
    stage.counties.window.room.ask(number)
    settle(stage)
    settle(stage)
    stage.counties.window.sheets.confirm(number, stock_serial=serial, by="desk")
    settle(stage)
    ((identifier,),) = stage.counties.window.rows(select(PRINTS.c.license_identifier))
    handed_over(stage, identifier)
    return case_no


@pytest.mark.parametrize(("shiban", "serial", "trial"), [("1", "", True), ("0", "S1", False)])
def test_a_case_is_on_trial_everywhere_or_nowhere(
    halls: Stage, tmp_path: Path, shiban: str, serial: str, trial: bool
) -> None:
    """The register's mark is in every message, in both counties' books, at the hub and in the authority's own system.

    On trial it is handed over as any case is, printed on specimen paper, and no sheet of stock is touched.
    """
    taken_at_the_window(halls, shiban=shiban)
    case_no = to_its_end(halls, serial)
    window, issuing, hub = halls.counties.window, halls.counties.issuing, halls.hub.world
    for county in (window, issuing):
        assert county.rows(select(tables.cases.c.case_no, tables.cases.c.trial, tables.cases.c.state)) == [
            (case_no, trial, "handed_over")
        ]
        assert county.rows(select(tables.troubles)) == []
    assert [tuple(each) for each in hub.rows(select(hub_tables.cases.c.case_no, hub_tables.cases.c.trial))] == [
        (case_no, trial)
    ]
    messages = hub.rows(select(hub_tables.messages).where(hub_tables.messages.c.case_no == case_no))
    assert {(row.state, Envelope.parse(row.body).trial) for row in messages} == {("admitted", trial)}
    kinds = {Envelope.parse(row.body).type for row in messages}
    assert {"license.issued", "print.settled", "case.handed_over"} <= kinds
    (sheet,) = window.rows(select(PRINTS))
    (there,) = hub.rows(select(hub_tables.print_authorisations))
    assert (sheet.trial, there.trial, there.state) == (trial, trial, "printed")
    assert (sheet.stock_kind == "specimen-a4") is trial
    assert [each.serial for each in window.rows(select(SHEETS))] == ([] if trial else [serial])
    assert (there.stock_serial or "") == serial
    assert applied_to(tmp_path)["试办"] == ("是" if trial else "否")


def applied_to(folder: Path) -> dict[str, Any]:
    """What 永济's own system was given."""
    (file,) = (folder / "来件").glob("跨省申请_*")
    (row,) = csv.DictReader(io.StringIO(file.read_bytes().decode("gb18030"), newline=""))
    return row
