"""A refusal names a field of the record that nobody here has seen: people are shown their own column and the rule."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from adapters.boxes import answering, fate, waiting
from adapters.local import lineages
from adapters.local.lineages import Origin
from adapters.local.localwrites import LocalWriter
from adapters.local.mapping import CountyMapping, Lineage, Translation, load_mapping
from adapters.local.reading import LocalReader
from adapters.local.sinks.opening import open_sink
from adapters.local.sources.opening import open_source
from adapters.store import tables
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.identifiers.citizen import CITIZEN_CHECK
from tests.county_records import application, refusal
from tests.county_world import World
from tests.unit.adapters.core.test_file_counties import exported, mapping_text

TELLS = """
[[write."message.refused"]]
kind = "回告"
key = "{context.case_no}-拒收-{message_id}"
[write."message.refused".row]
"号" = "context.local_case"
"环节" = "code"
"文号" = { text = "{context.source_name}：{context.local_field}" }
"说明" = "context.local_said"
"""
SAID = "您的字段 证件号码（规则：证件号码）"


def with_files(world: World, folder: Path, text: str) -> CountyMapping:
    """The window reads and writes files by this mapping."""
    (folder / "mapping.toml").write_text(text, encoding="utf-8")
    (folder / "去件").mkdir(exist_ok=True)
    window, mapping = world.window, load_mapping(folder)
    window.reader = LocalReader(
        store=window.store, identity=window.identity, mapping=mapping, source=open_source(mapping, str(folder)),
        outbox=window.box, authoriser=window.authoriser,
    )  # fmt: skip
    window.writer = LocalWriter(
        store=window.store, identity=window.identity, mapping=mapping, sink=open_sink(mapping, str(folder))
    )
    return mapping


def applied(world: World) -> Any:
    """The outbox row of the newest application."""
    outbox = tables.outbox
    return world.window.rows(
        select(outbox).where(outbox.c.type == "application.submitted").order_by(outbox.c.seq.desc())
    )[0]


def test_the_other_sides_refusal_is_shown_on_our_own_field(world: World, tmp_path: Path) -> None:
    """Signed, sent and opened as every refusal: desk, store and the local system say our column, rule and version."""
    mapping = with_files(world, tmp_path, mapping_text("json") + TELLS)
    (tmp_path / "去件" / "申请_1.json").write_bytes(exported("json"))
    world.settle()
    issuing, sent = world.issuing, applied(world)
    error = YunhuobanError(CITIZEN_CHECK, place="applicant.document_no", expected="9")
    with issuing.store.write() as tx:
        view = issuing.directory(tx)
        answering.refuse(tx, Envelope.parse(sent.body), error, box=issuing.box, directory=view, now=world.now)
    world.settle()
    told = world.window.rows(select(tables.troubles).where(tables.troubles.c.code == CITIZEN_CHECK.code))
    assert [(each.local_field, each.rule, each.mapping) for each in told] == [
        ("证件号码", "document_no", mapping.version)
    ]
    (trouble,) = [each for each in world.window.desk.troubles() if each.code == CITIZEN_CHECK.code]
    assert trouble.place == "application.submitted applicant.document_no"
    assert trouble.own_field == SAID
    assert trouble.own_field_en == "Your field 证件号码 (rule: document_no)"
    assert "申请_1.json" in trouble.record_place
    assert trouble.mapping == mapping.version[:12]
    written = [each.read_text(encoding="utf-8") for each in (tmp_path / "来件").iterdir()]
    assert [SAID in text and CITIZEN_CHECK.code in text for text in written] == [True]
    assert f"{world.window.view().name(issuing.code)}：证件号码" in written[0]


def test_the_hubs_refusal_of_what_was_written_anew(world: World, tmp_path: Path) -> None:
    """A message written anew has the lineage of the first one, by the mapping of that day, whatever holds today."""
    before = with_files(world, tmp_path, mapping_text("json") + TELLS)
    (tmp_path / "去件" / "申请_1.json").write_bytes(exported("json"))
    world.window.read()
    first = applied(world)
    with world.window.store.write() as tx:
        fate.refused(tx, first, code="E-ADM-051", receipt=None)
        fate.write_anew(tx, world.window.box, first, world.window.directory(tx), world.now)
    after = with_files(world, tmp_path, mapping_text("json").replace('"事项", via = ["item"]', '"号", via = ["item"]'))
    assert after.version != before.version
    row = applied(world)
    assert row.supersedes == first.message_id
    said = refusal(row.message_id, now=world.now) | {"field": "facts.service_item"}
    receipt = world.hub.receipt(row.body, row.signature, at=world.now, message_id=row.message_id, refusal=said)
    world.window.arrive_receipt(receipt)
    world.window.handle()
    (trouble,) = world.window.rows(select(tables.troubles).where(tables.troubles.c.code == said["code"]))
    assert (trouble.local_field, trouble.rule, trouble.mapping) == ("事项", "item", before.version)


def test_what_the_hub_refused_is_said_to_be_the_hubs_word(world: World, tmp_path: Path) -> None:
    """The local system is told 中枢, not the county for which the message was."""
    with_files(world, tmp_path, mapping_text("json") + TELLS)
    (tmp_path / "去件" / "申请_1.json").write_bytes(exported("json"))
    world.window.read()
    row = applied(world)
    said = refusal(row.message_id, now=world.now) | {"field": "facts.service_item"}
    receipt = world.hub.receipt(row.body, row.signature, at=world.now, message_id=row.message_id, refusal=said)
    world.window.arrive_receipt(receipt)
    world.window.handle()
    world.window.write()
    (written,) = [each.read_text(encoding="utf-8") for each in (tmp_path / "来件").iterdir()]
    assert "中枢：事项" in written
    assert world.window.view().name(world.issuing.code) not in written


PLACES = {
    "applicant.document_no": ("证件号码", "document_no"),
    "materials[1].copies": ("材料.份数", "integer"),
    "materials.0.name": ("材料.名称", "trim"),
    "materials": ("材料", "children"),
    "registration.registered_capital_fen.x": ("资本", "yuan"),
    "facts.service_item": ("事项", "item"),
    "case_no": ("号", "trim"),
    "destination": ("事项", "division_of_item"),
    "clerk": ("", "const"),
    "prev": ("", ""),
    "": ("", ""),
    "applicant": ("证件号码、姓名", "document_no / trim"),
}


def test_places_of_a_record(world: World, tmp_path: Path) -> None:
    """A field, one in a list, a whole part, what names the case; what is no field of the record has no origin."""
    mapping = with_files(world, tmp_path, mapping_text("json"))
    translation = Translation(
        message_type="application.submitted", canonical={}, local_case="1", destination=None, service_item=None,
        lineage=mapping.rules.reads[0].lineage, mapping=mapping.version,
    )  # fmt: skip
    with world.window.store.write() as tx:
        tx.execute(tables.outbox.insert().values(**_row("m1")))
        lineages.made(tx, "m1", translation, "文件 a")
        lineages.made(tx, "m1", translation, "文件 b")  # the same message once more changes nothing
        found = {field: lineages.origin(tx, "m1", field) for field in PLACES}
    assert {field: (each.local_field, each.rule) for field, each in found.items()} == PLACES
    assert {each.record_place for each in found.values()} == {"文件 a"}


def _row(message_id: str) -> dict[str, Any]:
    return {
        "message_id": message_id, "case_no": "x", "destination": "140881", "type": "application.submitted",
        "chained": True, "exchange": "submit", "routing_key": "k", "envelope_sha256": bytes(32), "body": b"",
        "signature": "", "record_sealed": b"", "state": "sent", "created_at": 0, "next_try_at": 0, "attempts": 0,
    }  # fmt: skip


def test_what_waits_keeps_the_version_that_translated_it(world: World) -> None:
    """A record that is kept for its turn is sent under the lineage of the day on which it was read."""
    window = world.window
    translation = Translation(
        message_type="application.submitted", canonical=application(), local_case="1", destination="140881",
        service_item=None, lineage=[Lineage("clerk", "收件人", "trim")], mapping="a" * 64,
    )  # fmt: skip
    with window.store.write() as tx:
        lineages.remember(tx, translation)
        waiting.keep(tx, window.identity, "s", "k", "行 1", translation, world.now)
        world.later(days=1)
        ((_, _, kept),) = waiting.due(tx, window.identity, "s", world.now, moved=())
        tx.execute(tables.outbox.insert().values(**_row("m2")))
        lineages.made(tx, "m2", kept, "行 1")
        assert lineages.origin(tx, "m2", "clerk").said() == "您的字段 收件人（规则：去掉首尾空格）"


def test_words_of_an_origin() -> None:
    """A constant is no field of the county's; where nothing is known nothing is said."""
    assert Origin(rule="const").said("en") == "This is not taken from a field of yours; the mapping states it."
    assert Origin(mapping="x").said() == ""
