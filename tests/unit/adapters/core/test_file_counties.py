"""A county whose own system exchanges files, in each form: read and written by the node's own loops."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.local.localwrites import LocalWriter
from adapters.local.mapping import load_mapping
from adapters.local.reading import LocalReader
from adapters.local.sinks.opening import open_sink
from adapters.local.sources.opening import open_source
from adapters.store import tables
from tests.county_records import ITEM, acceptance, decision
from tests.county_world import World
from tests.file_forms import book, row

REASONS = "住所不实，\n“甲”<&>。"
COLUMNS = ("号", "事项", "姓名", "证件号码", "企业", "资本", "时间")
CASE = ("1", ITEM, "䶮建国", "130928199003074511", "永济市𠮷祥商贸有限公司", "1000000.00", "2026-11-22 10:00:00")
MATERIALS = (("公司章程", "1"), ("住所证明", "2"))
READS = """
county = "130928"
name = "试验县"
[source]
type = "{form}"
folder = "去件"
[source.files."申请"]
pattern = "申请_*.{form}"
key = ["号"]
columns = ["号", "事项", "姓名", "证件号码", "企业", "资本", "时间"]
{where}
[sink]
type = "{form}"
folder = "来件"
[sink.files."回告"]
columns = ["号", "环节", "文号", "说明"]
[read."application.submitted"]
kind = "申请"
case = "号"
destination = {{ from = "事项", via = ["division_of_item"] }}
service_item = {{ from = "事项", via = ["item"] }}
[read."application.submitted".fields]
"mode" = {{ const = "relayed" }}
"alliance" = {{ const = "" }}
"project_no" = "号"
"project_name" = {{ const = "公司设立" }}
"service_item" = {{ from = "事项", via = ["item"] }}
"applicant.name" = "姓名"
"applicant.kind" = {{ const = "natural_person" }}
"applicant.document_kind" = {{ const = "111" }}
"applicant.document_no" = {{ from = "证件号码", via = ["document_no"] }}
"applicant.mobile" = {{ const = "" }}
"contact_name" = "姓名"
"contact_mobile" = {{ const = "" }}
"registration.enterprise_name" = "企业"
"registration.enterprise_kind" = {{ const = "有限责任公司" }}
"registration.legal_representative" = "姓名"
"registration.legal_representative_document_no" = {{ from = "证件号码", via = ["citizen"] }}
"registration.registered_capital_fen" = {{ from = "资本", via = ["yuan"] }}
"registration.address" = {{ const = "山西省运城市永济市河东大道 18 号" }}
"registration.business_scope" = {{ const = "日用百货零售。" }}
"applied_at" = {{ from = "时间", via = ["datetime"] }}
"received_at" = {{ from = "时间", via = ["datetime"] }}
"window_no" = {{ const = "3" }}
"clerk" = {{ const = "王窗口" }}
[read."application.submitted".lists.materials]
from = "材料"
[read."application.submitted".lists.materials.fields]
"name" = "名称"
"copies" = {{ from = "份数", via = ["integer"] }}
"taken_as" = {{ const = "原件" }}
"note" = {{ const = "" }}
[[write."application.accepted"]]
kind = "回告"
key = "{{context.case_no}}-受理"
row = {{ "号" = "context.local_case", "环节" = {{ const = "受理" }}, "文号" = "accept_doc_no" }}
[[write."decision.made"]]
kind = "回告"
key = "{{context.case_no}}-决定"
row = {{ "号" = "context.local_case", "环节" = {{ const = "决定" }}, "文号" = "decision_no", "说明" = "reasons" }}
"""
AGAIN = """
county = "130928"
name = "试验县"
[source]
type = "{form}"
folder = "来件"
[source.files."回告"]
pattern = "*"
key = ["环节"]
columns = ["号", "环节", "文号", "说明"]
"""
WHERE = {
    "xlsx": 'sheet = "办件"\nchildren = { "材料" = "办件号" }',
    "json": 'rows = "data"\nchildren = { "材料" = "材料" }',
    "xml": 'rows = "办件"\nchildren = { "材料" = "材料清单.材料" }',
}


def mapping_text(form: str) -> str:
    """The county's mapping."""
    return READS.format(form=form, where=WHERE[form])


def exported(form: str) -> bytes:
    """The application as the county's system would export it, and a row beside it that cannot be read."""
    bad = ("", *CASE[1:])
    inner = [{"名称": name, "份数": count} for name, count in MATERIALS]
    if form == "xlsx":
        below = [row("办件号", "名称", "份数"), *(row("1", *each) for each in MATERIALS)]
        return book({"办件": [row(*COLUMNS), row(*bad), row(*CASE)], "材料": below})
    if form == "json":
        rows = [dict(zip(COLUMNS, each, strict=True)) | {"材料": inner} for each in (bad, CASE)]
        return json.dumps({"data": rows}).encode()
    materials = "".join(f"<材料><名称>{each['名称']}</名称><份数>{each['份数']}</份数></材料>" for each in inner)
    rows = [
        "".join(f"<{name}>{cell}</{name}>" for name, cell in zip(COLUMNS, each, strict=True)) for each in (bad, CASE)
    ]
    body = "".join(f"<办件>{each}<材料清单>{materials}</材料清单></办件>" for each in rows)
    return f'<?xml version="1.0" encoding="GB18030"?><导出>{body}</导出>'.encode("gb18030")


def readable(folder: Path, form: str) -> list[dict[str, Any]]:
    """What the county's system finds among its files, by the same form read again."""
    again = folder / "again"
    again.mkdir()
    (again / "mapping.toml").write_text(AGAIN.format(form=form))
    batch = open_source(load_mapping(again), str(folder)).poll(None, 10)
    assert batch.failures == []
    return sorted(
        ({name: value or "" for name, value in each.row.items()} for each in batch.records),
        key=lambda each: str(each["环节"]),
    )


@pytest.mark.parametrize("form", ["xlsx", "json", "xml"])
def test_a_case_comes_out_of_files_and_goes_back_into_files(world: World, tmp_path: Path, form: str) -> None:
    """The application is sent once, however often its file comes; acceptance and decision stand in one file each.

    A row that cannot be read is told with its place and holds nothing up.
    """
    (tmp_path / "mapping.toml").write_text(mapping_text(form))
    (tmp_path / "去件").mkdir()
    mapping = load_mapping(tmp_path)
    window, issuing = world.window, world.issuing
    window.reader = LocalReader(
        store=window.store, identity=window.identity, mapping=mapping, source=open_source(mapping, str(tmp_path)),
        outbox=window.box, authoriser=window.authoriser,
    )  # fmt: skip
    window.writer = LocalWriter(
        store=window.store, identity=window.identity, mapping=mapping, sink=open_sink(mapping, str(tmp_path))
    )
    (tmp_path / "去件" / f"申请_1.{form}").write_bytes(exported(form))
    world.settle()
    (tmp_path / "去件" / f"申请_2.{form}").write_bytes(exported(form) + (b" \n" if form in ("json", "xml") else b""))
    ((case_no,),) = issuing.rows(select(tables.cases.c.case_no))
    issuing.source.add("application.accepted", case_no, acceptance())
    world.settle()
    denied = decision(outcome="denied", reasons=REASONS, remedies="六十日内可申请行政复议。", license_number="")
    issuing.source.add("decision.made", case_no, denied)
    world.settle()

    sent = window.rows(select(tables.outbox.c.message_id).where(tables.outbox.c.type == "application.submitted"))
    assert len(sent) == 1
    with window.store.read() as tx:
        said = window.box.record(tx, sent[0].message_id)
    assert [(each["name"], each["copies"]) for each in said["materials"]] == [("公司章程", 1), ("住所证明", 2)]
    assert (said["applicant"]["document_no"], said["registration"]["registered_capital_fen"]) == (CASE[3], 100_000_000)
    assert {code for (code,) in window.rows(select(tables.troubles.c.code))} == {"E-SRC-037"}
    assert len(list((tmp_path / "来件").iterdir())) == 2
    assert readable(tmp_path, form) == [
        {"号": "1", "环节": "决定", "文号": "永准〔2026〕1号", "说明": REASONS},
        {"号": "1", "环节": "受理", "文号": "永受〔2026〕1号", "说明": ""},
    ]
