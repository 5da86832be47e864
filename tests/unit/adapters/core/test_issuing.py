"""Issuing: only a stored, granted decision with its approver; authorisations once per copy, anew when spoiled."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from adapters.authority.authorising import TOO_MANY_SPOILED, Authoriser
from adapters.authority.issuing import HOST_UNSET, Issuer
from adapters.authority.ownlicenses import NOT_AUTHORISED
from adapters.boxes import inbox
from adapters.case import casebook
from adapters.licenses.render import GLYPH_MISSING, Renderer
from adapters.licenses.seal import FileSeal
from adapters.licenses.seal_process import DECISION_INSUFFICIENT, SealProcess
from adapters.printing import ledger
from adapters.printing.states import PrintState
from adapters.printing.tables import SpoilReason
from adapters.settings import LicenseSettings
from adapters.store import tables
from certs import keys
from schemas import releases
from schemas.documents import APPROVER_MISSING, NUMBER_MISSING
from schemas.envelope import Envelope
from schemas.errors import Code, YunhuobanError
from schemas.lifecycle import CaseState
from schemas.resolution import NOT_IN_VERSION
from tests.county_begun import begin_at
from tests.county_doubles import PlainRenderer, PowerCut
from tests.county_records import acceptance, application, decision
from tests.county_world import ISSUING, WINDOW, World
from tests.unit.adapters.core.test_older_contracts import states
from tests.unit.adapters.licenses import kinds

TYPE_CODE = "11140881MB0000000U901"
FOOD = dict(kinds.PARTS["food-license"])


def decide(world: World, record: dict[str, Any]) -> None:
    """One case up to this decision, in the issuing county's outbox."""
    begin_at(world, "application.accepted")
    world.issuing.source.add("decision.made", world.case_no(), record)
    world.issuing.read()


def sent(world: World, kind: str) -> list[Any]:
    """Rows of this type in the issuing county's outbox."""
    return world.issuing.rows(select(tables.outbox).where(tables.outbox.c.type == kind))


def told(world: World) -> list[str]:
    """Codes that the issuing county's people see."""
    return [code for (code,) in world.issuing.rows(select(tables.troubles.c.code))]


def test_a_denied_case_gets_no_license(world: World) -> None:
    """The seal is never asked."""
    decide(world, decision(outcome="denied", reasons="不符合条件", remedies="可申请复议"))
    assert world.issuing.issue() == 0
    assert world.issuing.sealer.requests == []


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ("approver", APPROVER_MISSING),
        ("approver_no", DECISION_INSUFFICIENT),
        ("decision_no", NUMBER_MISSING),
        ("license_number", DECISION_INSUFFICIENT),
    ],
)
def test_without_an_approver_nothing_is_sealed(world: World, missing: str, code: Code) -> None:
    """A decision that lacks its number, its approver or the license's number stops before anything is drawn."""
    decide(world, decision(**{missing: " "}))
    assert world.issuing.issue() == 0
    assert world.issuing.sealer.requests == []
    assert told(world) == [code.code]


def test_without_the_application_no_license_is_made(world: World) -> None:
    """A county that lost what was applied for makes up nothing: the seal rests and a person is told."""
    decide(world, decision())
    with world.issuing.store.write() as tx:
        tx.execute(update(tables.inbox).where(tables.inbox.c.type == "application.submitted").values(state="refused"))
    assert world.issuing.issue() == 0
    assert world.issuing.sealer.requests == []
    assert told(world) == ["E-LIC-101"]


@pytest.mark.parametrize(("license_id", "code"), [("no-such-license", "E-LIC-013"), ("residence-proof", "E-LIC-014")])
def test_an_item_without_a_fitting_template_is_told(world: World, license_id: str, code: str) -> None:
    """Where county.toml leads the item to what cannot be made, nothing is sealed and a person is told why."""
    decide(world, decision())
    with world.issuing.store.read() as tx:
        (case,) = casebook.in_state(tx, world.issuing.settings.division_code, CaseState.GRANTED)
    licenses = (LicenseSettings(service_item=case.service_item, license=license_id),)
    issuer = world.issuing.issuer
    authority = issuer._settings.authority.model_copy(update={"licenses": licenses})
    issuer._settings = issuer._settings.model_copy(update={"authority": authority})
    assert world.issuing.issue() == 0
    assert world.issuing.sealer.requests == []
    assert told(world) == [code]


def food_license_for(world: World, item: str) -> None:
    """county.toml of the issuing county leads the item to a food license."""
    licenses = (LicenseSettings(service_item=item, license="food-license", type_code=TYPE_CODE),)
    issuer = world.issuing.issuer
    authority = issuer._settings.authority.model_copy(update={"licenses": licenses, "complaint_phone": "12315"})
    issuer._settings = issuer._settings.model_copy(update={"authority": authority})


def test_a_license_that_the_window_cannot_read_waits_unsealed(world: World) -> None:
    """A window that reads contract 1.1 has no field for a kitchen: nothing is sealed; upgraded, it gets it."""
    world.window.source.add("application.submitted", "WQ1", application(food=FOOD))
    world.settle()
    case_no = world.case_no()
    world.issuing.source.add("application.accepted", case_no, acceptance())
    world.settle()
    food_license_for(world, application()["service_item"])
    record = decision(license_number="JY11408810000017", valid_until=date(2031, 11, 21))
    world.issuing.source.add("decision.made", case_no, record)
    world.issuing.read()
    states(world, WINDOW, "1.1", "1.0")
    assert world.issuing.issue() == 0
    assert world.issuing.sealer.requests == []
    ((code, expected),) = world.issuing.rows(select(tables.troubles.c.code, tables.troubles.c.expected))
    assert (code, expected) == (NOT_IN_VERSION.code, "1.1")
    states(world, WINDOW, *releases.readable())
    world.later(seconds=61)
    assert world.issuing.issue() == 1
    world.settle()
    (row,) = world.window.rows(select(tables.inbox).where(tables.inbox.c.type == "license.issued"))
    with world.window.store.read() as tx:
        arrived = inbox.record_of(tx, world.window.identity, row.seq)
    assert (arrived["food"], arrived["valid_until"], arrived["type_code"]) == (FOOD, date(2031, 11, 21), TYPE_CODE)
    with world.window.store.read() as tx:
        (entry,) = ledger.entries(tx, states=(PrintState.AUTHORISED,))
    assert entry.authorisation.template == "food-license-duplicate/2026.2"


def test_a_partnership_gets_its_own_license_on_both_ends(world: World) -> None:
    """From the application's kind of body to what the window's station is authorised to print, by template."""
    registration = application()["registration"] | {"enterprise_kind": "普通合伙企业"}
    world.window.source.add("application.submitted", "WQ1", application(registration=registration))
    world.settle()
    for message, record in (("application.accepted", acceptance()), ("decision.made", decision())):
        world.issuing.source.add(message, world.case_no(), record)
        world.settle()
    with world.window.store.read() as tx:
        (entry,) = ledger.entries(tx, states=(PrintState.AUTHORISED,))
    assert entry.authorisation.template == "business-license-partnership-duplicate/2019.1"
    (row,) = sent(world, "license.issued")
    with world.issuing.store.read() as tx:
        face = {line["label"]: line["value"] for line in world.issuing.box.record(tx, row.message_id)["face"]}
    assert face["执行事务合伙人"] == registration["legal_representative"]
    assert face["出资额"] == "壹佰万元整"


def test_a_node_does_not_start_with_a_license_that_is_not_there(world: World) -> None:
    """A mistyped license in county.toml is told at the start, not by the first case that waits for it."""
    county = world.issuing
    licenses = (LicenseSettings(service_item="any", license="busines-license"),)
    authority = county.settings.authority.model_copy(update={"licenses": licenses})
    with pytest.raises(YunhuobanError) as caught:
        Issuer(
            settings=county.settings.model_copy(update={"authority": authority}),
            store=county.store, identity=county.identity, box=county.box,
            authoriser=Authoriser(county.settings, county.box), sealer=county.sealer, renderer=PlainRenderer(),
        )  # fmt: skip
    assert (caught.value.code.code, caught.value.found) == ("E-LIC-013", "busines-license")


def test_a_license_of_one_copy_is_authorised_all_the_same(world: World) -> None:
    """A county that has 副本 printed has the only copy of a license printed that has none."""
    files = [{"copy_kind": "original"}, {"copy_kind": "duplicate"}]
    assert world.issuing.issuer._authorised(files) == files[1:]
    assert world.issuing.issuer._authorised(files[:1]) == files[:1]


def test_a_decision_that_was_refused_is_no_ground(world: World) -> None:
    """Once hub or destination refused it, the case is no longer granted."""
    decide(world, decision())
    (row,) = sent(world, "decision.made")
    from tests.county_records import refusal

    receipt = world.hub.receipt(
        row.body, row.signature, at=world.now, message_id=row.message_id, refusal=refusal(row.message_id)
    )
    world.issuing.arrive_receipt(receipt)
    world.issuing.handle()
    assert world.issuing.issue() == 0
    assert world.issuing.sealer.requests == []


def test_a_crash_while_issuing_sends_one_license(world: World) -> None:
    """Cut after the seal and before the commit: sealed again, sent once, with its authorisation."""
    decide(world, decision())
    world.issuing.store.commits, world.issuing.store.fail_before = 0, 1
    with pytest.raises(PowerCut):
        world.issuing.issue()
    world.issuing.store.fail_before = 0
    world.issuing.start()
    assert world.issuing.issue() == 1
    assert world.issuing.issue() == 0
    assert (len(sent(world, "license.issued")), len(sent(world, "print.authorised"))) == (1, 1)


@pytest.mark.parametrize("cut", ["before the commit", "after the commit", "while it is written"])
def test_the_countys_own_system_learns_of_the_license(world: World, cut: str) -> None:
    """At once, before any sheet is printed, and once, wherever the power fails."""
    decide(world, decision())
    county = world.issuing
    store, failing = county.store, {"before the commit": "fail_before", "after the commit": "fail_after"}.get(cut)
    if failing is not None:
        store.commits = 0
        setattr(store, failing, 1)
        with pytest.raises(PowerCut):
            county.issue()
        setattr(store, failing, 0)
    else:
        county.issue()
        store.commits, store.fail_before = 0, 1
        with pytest.raises(PowerCut):
            county.write()
        store.fail_before = 0
    county.start()
    county.issue()
    while county.write():
        pass
    assert county.sink.order.count("license.issued") == 1
    columns = tables.local_writes.c
    planned = county.rows(select(columns.source, columns.done).where(columns.type == "license.issued"))
    assert planned == [(ISSUING, True)]


def test_nothing_is_sealed_that_could_not_be_sent(world: World) -> None:
    """With an expired directory the seal rests."""
    decide(world, decision())
    world.later(days=8)
    assert world.issuing.issue() == 0
    assert (world.issuing.sealer.requests, told(world)) == ([], ["E-LINK-101"])


def test_a_refused_license_is_not_made_again_by_itself(world: World) -> None:
    """The refusal is told; no second license goes out until a person has acted."""
    decide(world, decision())
    world.issuing.issue()
    from tests.county_records import refusal

    (row,) = sent(world, "license.issued")
    receipt = world.hub.receipt(
        row.body, row.signature, at=world.now, message_id=row.message_id, refusal=refusal(row.message_id)
    )
    world.issuing.arrive_receipt(receipt)
    world.issuing.handle()
    world.later(minutes=5)
    assert world.issuing.issue() == 0
    assert len(sent(world, "license.issued")) == 1


def test_the_authorisation_says_what_it_permits(world: World) -> None:
    """One copy, its digests, county, hall, stock, expiry and nothing replaced; the clear facts are the same."""
    decide(world, decision())
    world.issuing.issue()
    (row,) = sent(world, "print.authorised")
    (license_row,) = sent(world, "license.issued")
    with world.issuing.store.read() as tx:
        record = world.issuing.box.record(tx, row.message_id)
        file = world.issuing.box.record(tx, license_row.message_id)["files"][1]
    facts = Envelope.parse(row.body).facts or {}
    assert facts == {name: record[name] for name in facts}
    assert (record["target_county"], record["target_hall"]) == (WINDOW, f"{WINDOW}-01")
    assert (record["copy_kind"], record["copy_no"], record["replaces"]) == ("duplicate", 1, None)
    assert record["sealed_sha256"] == file["sealed_sha256"]
    assert record["print_file_sha256"] == file["sealed_sha256"]  # specimen paper takes the complete, marked page
    assert record["stock_kind"] == "specimen-a4"
    assert record["expires_at"] == world.now + timedelta(days=7)


def test_spoiled_sheets_are_replaced_up_to_the_limit_then_a_person_decides(world: World) -> None:
    """One replacement by itself, naming what it replaces; the next spoiled sheet is a trouble."""
    case_no = begin_at(world, "print.claimed")
    for attempt in (1, 2):
        number = f"{case_no}-D1-{attempt}"
        if attempt > 1:
            world.window.room.ask(number)
            world.settle()
        world.window.sheets.spoil(number, stock_serial=f"S{attempt}", reason=SpoilReason.JAM, by="desk")
        world.settle()
    numbers = world.window.rows(select(tables.inbox.c.type).where(tables.inbox.c.type == "print.authorised"))
    assert len(numbers) == 2
    assert told(world) == [TOO_MANY_SPOILED.code]
    assert world.window.printer.sheets == [f"{case_no}-D1-1", f"{case_no}-D1-2"]


def test_a_spoiled_sheet_that_nobody_authorised_is_refused(world: World) -> None:
    """A made-up authorisation number gets no replacement and does not stop the loop."""
    from tests.unit.adapters.core.test_opening import write

    begin_at(world, "print.claimed")
    facts = {
        "authorisation_no": "nonsense", "claim_id": "c", "result": "spoiled", "stock_kind": "x", "stock_serial": "",
    }  # fmt: skip
    record = facts | {"started_at": world.now, "settled_at": world.now, "reason": "jam", "clerk": "x", "job_uuid": ""}
    write(world, "print.settled", record, facts, source=WINDOW, destination=ISSUING).to(world.issuing)
    world.issuing.handle()
    assert told(world) == [NOT_AUTHORISED.code]
    assert len(sent(world, "print.authorised")) == 1


def test_in_earnest_no_code_leads_to_a_host_that_nobody_has(world: World) -> None:
    """A county that was not told where the public pages are seals nothing, and says why; told, the case goes on."""
    decide(world, decision())
    settings = world.issuing.settings.model_copy(update={"trial": False})
    world.issuing.settings = settings
    world.issuing.start()
    assert (world.issuing.issue(), told(world), world.issuing.sealer.requests) == (0, [HOST_UNSET.code], [])
    authority = settings.authority.model_copy(update={"verify_host": "verify.example.cn"})
    world.issuing.settings = settings.model_copy(update={"authority": authority})
    world.issuing.start()
    assert world.issuing.issue() == 1


def test_a_missing_glyph_stops_its_license_only_and_is_tried_again(world: World, tmp_path: Path) -> None:
    """With the real renderer and the real seal: the character is named, the other case goes on, and it is retried."""
    seal = world.issuing.settings.certificates / "seal"
    sealer = SealProcess(
        plugin=FileSeal(key_file=seal / "seal.key", chain_file=seal / "seal.pem"),
        anchors=[keys.der(each) for each in world.issuing.identity.seal_anchors],
        crls=lambda: list(world.issuing.view().seal_crls),
        register=tmp_path / "register.jsonl",
        trial=True,
    )
    with sealer:
        sealer.warm()
        assert sealer.child_id is not None
        world.issuing.sealer, world.issuing.renderer = sealer, Renderer()
        world.issuing.start()
        rare = application()["registration"] | {"enterprise_name": "永济市\U0002ebf0商贸有限公司"}
        world.window.source.add("application.submitted", "WQ1", application(registration=rare))
        world.window.source.add("application.submitted", "WQ2", application())
        world.settle()
        cases = [
            case for (case,) in world.issuing.rows(select(tables.cases.c.case_no).order_by(tables.cases.c.case_no))
        ]
        for case in cases:
            world.issuing.source.add("application.accepted", case, acceptance())
            world.issuing.source.add("decision.made", case, decision())
        world.issuing.read()
        real = world.now
        assert world.issuing.issue() == 1
        columns = tables.troubles.c
        ((code, sentence, case_no),) = world.issuing.rows(select(columns.code, columns.sentence, columns.case_no))
        assert (code, case_no) == (GLYPH_MISSING.code, cases[0])
        assert "\U0002ebf0" in sentence
        assert world.issuing.issue() == 0
        world.now = real + timedelta(seconds=61)
        world.issuing.issue()
        assert len(sent(world, "license.issued")) == 1


def test_a_trial_case_never_touches_stock(world: World) -> None:
    """Also under an authority in earnest: specimen paper takes the complete, marked page."""
    begin_at(world, "print.authorised")
    county = world.issuing
    (made,) = sent(world, "license.issued")
    in_earnest = county.settings.model_copy(update={"trial": False})
    with county.store.write() as tx:
        record = county.box.record(tx, made.message_id)
        file = next(each for each in record["files"] if each["copy_kind"] == "duplicate")
        case = casebook.find(tx, made.case_no)
        assert case is not None
        given = []
        for attempt, trial in ((8, True), (9, False)):
            Authoriser(in_earnest, county.box).authorise(
                tx, replace(case, trial=trial), made.message_id, record, file, world.issuing.view(), world.now,
                attempt=attempt,
            )  # fmt: skip
            newest = select(tables.outbox.c.message_id).order_by(tables.outbox.c.seq.desc()).limit(1)
            given.append(county.box.record(tx, tx.execute(newest).scalar_one()))
    on_trial, real = given
    assert on_trial["stock_kind"] == "specimen-a4"
    assert on_trial["print_file_sha256"] == file["sealed_sha256"]
    assert real["stock_kind"] == file["stock_kind"]
    assert real["print_file_sha256"] == file["print_file_sha256"]
