"""Claims, grants, sheets and words at the desk: never two sheets, never a word lost."""

from typing import Any

import pytest
from sqlalchemy import select, update

from adapters.hall.desk import acting
from adapters.hall.desk.acting import REASONS
from adapters.hall.desk.source import CHECKS_NOT_GOOD, OTHER_HALL
from adapters.hall.desk.view import CheckLine, CheckState
from adapters.printing import ledger
from adapters.printing.states import PrintState
from adapters.printing.tables import SpoilReason
from adapters.store import tables
from adapters.window.granting import GRANT_FOREIGN, GRANT_REFUSED
from certs.chain import ROLE_WRONG
from schemas.envelope import Envelope
from schemas.errors import Code, YunhuobanError
from schemas.grants import GRANT_EXPIRED, GRANT_LICENSE_STATE, GRANT_REVOKED
from tests.county_begun import begin_at
from tests.county_doubles import PowerCut
from tests.county_records import license_state_change, print_revocation
from tests.county_world import FOREIGN, World


@pytest.fixture
def authorised(world: World) -> World:
    """One authorisation at the window; the hub does not answer claims by itself."""
    begin_at(world, "print.authorised")
    world.grant = False
    return world


def number(world: World) -> str:
    """The authorisation's number."""
    return f"{world.case_no()}-D1-1"


def entry(world: World) -> ledger.Entry:
    """Its row."""
    with world.window.store.read() as tx:
        return ledger.entry(tx, number(world))


def told(world: World) -> list[str]:
    """Codes that the window county's people see."""
    return [code for (code,) in world.window.rows(select(tables.troubles.c.code))]


def test_an_authorisation_without_its_license_shows_nothing(authorised: World) -> None:
    """A license that was refused after its authorisation came is neither shown nor printed."""
    license_ = tables.inbox.c.type == "license.issued"
    with authorised.window.store.write() as tx:
        tx.execute(update(tables.inbox).where(license_).values(state="refused"))
    with pytest.raises(YunhuobanError, match="E-PRINT-303"):
        authorised.window.desk.preview_pdf(number(authorised))


def change_state(world: World, state: str) -> None:
    """The issuing county changes the license's state, and the window hears of it."""
    (body,) = world.issuing.rows(select(tables.outbox.c.body).where(tables.outbox.c.type == "license.issued"))[0]
    identifier = Envelope.parse(body).facts["license_identifier"]
    record = license_state_change(license_identifier=identifier, license_state=state)
    world.issuing.source.add("license.state_changed", world.case_no(), record, key=f"state/{state}")
    world.settle()


def claims(world: World) -> list[Envelope]:
    """The claims asked."""
    bodies = world.window.rows(select(tables.outbox.c.body).where(tables.outbox.c.type == "print.claimed"))
    return [Envelope.parse(body) for (body,) in bodies]


def answer(world: World, **changes: Any) -> None:
    """The hub answers the newest claim, and the answer is handled and acted upon."""
    world.answer(world.window, claims(world)[-1], **changes)
    world.deliver()
    world.window.handle()
    world.window.print_ready()


def test_click_twice_asks_once(authorised: World) -> None:
    """The same claim is on its way: a second click changes nothing."""
    for _ in range(3):
        authorised.window.room.ask(number(authorised))
    assert len(claims(authorised)) == 1


def test_a_lost_claim_is_asked_again_under_its_id(authorised: World) -> None:
    """A crash between claiming and asking leaves a claim that the next click asks for."""
    authorised.window.store.commits, authorised.window.store.fail_before = 0, 2
    with pytest.raises(PowerCut):
        authorised.window.room.ask(number(authorised))
    authorised.window.store.fail_before = 0
    claim_id = entry(authorised).claim_id
    authorised.window.start()
    authorised.window.room.ask(number(authorised))
    assert [(claim.facts or {})["claim_id"] for claim in claims(authorised)] == [claim_id]


def test_a_grant_twice_prints_once(authorised: World) -> None:
    """The same bytes again, and another grant of the same claim, find the sheet on its way."""
    authorised.window.room.ask(number(authorised))
    for _ in range(2):
        answer(authorised)
    body, signature = authorised.hub.grant(
        claims(authorised)[-1].facts or {}, county=authorised.window.code, now=authorised.now
    )
    authorised.window.arrive(body, signature, source="hub", message_id="another", type_="print.granted")
    authorised.window.handle()
    authorised.window.print_ready()
    assert authorised.window.printer.sheets == [number(authorised)]
    assert (entry(authorised).state, told(authorised)) == (PrintState.PRINTING, [])


def test_two_grants_before_printing_print_once(authorised: World) -> None:
    """Both are lined up before the printer is free: one sheet all the same."""
    room = authorised.window.room
    room.ask(number(authorised))
    authorised.answer(authorised.window, claims(authorised)[-1])
    authorised.deliver()
    body, signature = authorised.hub.grant(
        claims(authorised)[-1].facts or {}, county=authorised.window.code, now=authorised.now
    )
    authorised.window.arrive(body, signature, source="hub", message_id="another", type_="print.granted")
    authorised.window.handle()
    authorised.window.print_ready()
    assert authorised.window.printer.sheets == [number(authorised)]
    assert told(authorised) == []


@pytest.mark.parametrize(
    ("hub_says", "code", "words"),
    [
        ("E-ADM-072", "E-ADM-072", ("证照现状", "does not allow")),
        ("E-ADM-799", GRANT_REFUSED.code, ("E-ADM-799", "E-ADM-799")),
    ],
)
def test_a_refused_grant_frees_the_claim_and_is_told(authorised: World, hub_says: str, code: str, words: Any) -> None:
    """Nothing is printed; the reason is shown, also a newer hub's; the next click is a new attempt under a new id."""
    authorised.window.room.ask(number(authorised))
    first = entry(authorised).claim_id
    answer(authorised, granted=False, code=hub_says)
    assert (entry(authorised).state, told(authorised)) == (PrintState.AUTHORISED, [code])
    (trouble,) = authorised.window.desk.troubles()
    assert (words[0] in trouble.sentence, words[1] in trouble.sentence_en) == (True, True)
    assert trouble.place == number(authorised)
    authorised.window.room.ask(number(authorised))
    assert entry(authorised).claim_id != first
    answer(authorised)
    assert authorised.window.printer.sheets == [number(authorised)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"claim_id": "another"}, GRANT_FOREIGN.code),
        ({"station": "another"}, GRANT_FOREIGN.code),
        ({"county": FOREIGN}, GRANT_FOREIGN.code),
        ({"authorisation_no": "unknown"}, "E-PRINT-101"),
        ({"signer": "log"}, ROLE_WRONG.code),
        ({"granted": False, "code": "E-PRINT-201", "claim_id": "another"}, GRANT_FOREIGN.code),
    ],
)
def test_a_grant_for_anything_else_prints_nothing(authorised: World, changes: dict[str, Any], code: str) -> None:
    """Another claim, station, county, authorisation, or signed by the log's key: refused and told."""
    if "signer" in changes:
        changes = {"signer": authorised.network.log}
    authorised.window.room.ask(number(authorised))
    answer(authorised, **changes)
    assert authorised.window.printer.sheets == []
    assert (entry(authorised).state, told(authorised)) == (PrintState.CLAIMED, [code])


def test_a_grant_that_took_too_long_is_asked_for_again(authorised: World) -> None:
    """After sixty seconds the station asks anew under the same claim; the fresh grant prints."""
    authorised.window.room.ask(number(authorised))
    authorised.later(seconds=61)
    answer(authorised)
    assert authorised.window.printer.sheets == []
    ids = {(claim.facts or {})["claim_id"] for claim in claims(authorised)}
    assert (len(claims(authorised)), len(ids)) == (2, 1)
    answer(authorised)
    assert authorised.window.printer.sheets == [number(authorised)]


def test_a_late_answer_counts_for_its_own_asking(authorised: World) -> None:
    """Another click, or another asking, makes no old answer young: the authorisation may have been revoked since."""
    room = authorised.window.room
    room.ask(number(authorised))
    authorised.later(seconds=61)
    room.ask(number(authorised))  # still on its way: nothing is asked
    answer(authorised)
    assert (authorised.window.printer.sheets, len(claims(authorised))) == ([], 2)
    authorised.later(seconds=30)
    room.ask(number(authorised))
    _, second, third = claims(authorised)
    authorised.later(seconds=31)
    for claim, sheets in ((second, []), (third, [number(authorised)])):
        authorised.answer(authorised.window, claim)
        authorised.deliver()
        authorised.window.handle()
        authorised.window.print_ready()
        assert authorised.window.printer.sheets == sheets


def test_a_printer_without_paper_is_told_and_printing_goes_on_after_a_click(authorised: World) -> None:
    """The reason stands in the troubles until a sheet came; the authorisation stays claimed."""
    authorised.window.printer.reasons = frozenset({"media-empty-error"})
    authorised.window.room.ask(number(authorised))
    answer(authorised)
    assert (entry(authorised).state, told(authorised)) == (PrintState.CLAIMED, ["E-PRINT-152"])
    authorised.window.printer.reasons = frozenset()
    authorised.window.room.ask(number(authorised))
    answer(authorised)
    assert (authorised.window.printer.sheets, told(authorised)) == ([number(authorised)], [])


def printed(world: World) -> World:
    """A sheet lies in the tray."""
    world.window.room.ask(number(world))
    answer(world)
    return world


def outcomes(world: World) -> list[str]:
    """The signed outcomes in the outbox."""
    bodies = world.window.rows(select(tables.outbox.c.body).where(tables.outbox.c.type == "print.settled"))
    return [(Envelope.parse(body).facts or {})["result"] for (body,) in bodies]


def test_confirm_twice_is_one_outcome(authorised: World) -> None:
    """The same word again changes nothing; the opposite word is an error, not silence."""
    printed(authorised)
    for _ in range(2):
        authorised.window.sheets.confirm(number(authorised), stock_serial="S1", by="desk")
    with pytest.raises(YunhuobanError) as caught:
        authorised.window.sheets.spoil(number(authorised), stock_serial="S1", reason=SpoilReason.JAM, by="desk")
    assert caught.value.code is ledger.WRONG_STATE
    assert outcomes(authorised) == ["printed"]


def test_confirm_without_a_sheet_is_refused(authorised: World) -> None:
    """Before the printer has reported a sheet there is nothing to confirm, and nothing is sent."""
    authorised.window.room.ask(number(authorised))
    with pytest.raises(YunhuobanError):
        authorised.window.sheets.confirm(number(authorised), stock_serial="S1", by="desk")
    assert outcomes(authorised) == []


@pytest.mark.parametrize("typed", ["王小明", "130928199003074511", "S 1"])
def test_what_is_no_number_of_stock_does_not_leave_the_county(authorised: World, typed: str) -> None:
    """It would travel in the clear: the desk tells the clerk, and behind the desk nothing of it is kept either."""
    with pytest.raises(YunhuobanError, match="E-PAGE-023"):
        acting._serial(typed)
    assert acting._serial(" 冀A0001 ") == "冀A0001"
    printed(authorised)
    with pytest.raises(YunhuobanError, match=r"E-ENV-004 facts\.stock_serial"):
        authorised.window.sheets.confirm(number(authorised), stock_serial=typed, by="desk")
    assert (entry(authorised).state, outcomes(authorised)) == (PrintState.PRINTING, [])
    authorised.window.sheets.confirm(number(authorised), stock_serial="S1", by="desk")
    assert outcomes(authorised) == ["printed"]


def test_a_word_and_its_signed_outcome_are_one(authorised: World) -> None:
    """A crash leaves both or neither: ledger, outbox, case and the local trace."""
    printed(authorised)
    authorised.window.store.commits, authorised.window.store.fail_before = 0, 1
    with pytest.raises(PowerCut):
        authorised.window.sheets.confirm(number(authorised), stock_serial="S1", by="desk")
    authorised.window.store.fail_before = 0
    assert (entry(authorised).state, outcomes(authorised)) == (PrintState.PRINTING, [])
    authorised.window.sheets.confirm(number(authorised), stock_serial="S1", by="desk")
    assert (entry(authorised).state, outcomes(authorised)) == (PrintState.PRINTED, ["printed"])


def test_a_sheet_is_accounted_for_without_a_directory_in_force(authorised: World) -> None:
    """The clerk's word does not wait for the network: the outcome is kept and sent when there is a key again."""
    printed(authorised)
    authorised.later(days=8)
    authorised.window.sheets.confirm(number(authorised), stock_serial="S1", by="desk")
    assert entry(authorised).state is PrintState.PRINTED
    fresh = authorised.hub.directory(now=authorised.now)
    for county in authorised.counties.values():
        county.arrive_directory(*fresh)
    authorised.later(minutes=6)
    authorised.settle()
    assert authorised.issuing.rows(select(tables.cases.c.state)) == [("printed",)]


def test_an_unknown_outcome_is_a_persons_to_say(authorised: World) -> None:
    """The printer lost the job: nothing is printed again by itself; two persons say that no sheet came."""
    authorised.window.printer.loses_jobs = True
    printed(authorised)
    assert entry(authorised).state is PrintState.UNKNOWN
    assert len(told(authorised)) == 1
    authorised.window.room.run_once()
    assert authorised.window.printer.sheets == [number(authorised)]
    two = {"by": "zhang.san", "witness": "li.si"}
    authorised.window.desk.spoil(number(authorised), stock_serial="", reason=REASONS["nothing"], action_id="a", **two)
    assert (entry(authorised).state, outcomes(authorised)) == (PrintState.SPOILED, ["spoiled"])
    assert (entry(authorised).settled_by, entry(authorised).witness) == ("zhang.san", "li.si")
    authorised.settle()
    with authorised.window.store.read() as tx:
        assert ledger.entry(tx, f"{authorised.case_no()}-D1-2").authorisation.supersedes == number(authorised)


def test_expired_authorisations_end(authorised: World) -> None:
    """What was never claimed ends by the calendar; the page then offers no printing."""
    authorised.later(days=8)
    authorised.window.room.run_once()
    assert entry(authorised).state is PrintState.EXPIRED


class TestDesk:
    """What the page may show and do."""

    def test_print_is_refused_while_a_check_is_not_good(self, authorised: World) -> None:
        """The plain pages of these tests bear no seal: every real check fails, and nothing is claimed."""
        desk = authorised.window.desk
        job = desk.job(number(authorised))
        assert job is not None
        assert not job.may_print
        assert {check.state for check in job.checks} != {CheckState.OK}
        with pytest.raises(YunhuobanError) as caught:
            desk.print(number(authorised), by="desk", action_id="a")
        assert caught.value.code is CHECKS_NOT_GOOD
        assert claims(authorised) == []

    def test_one_unknown_check_is_enough_to_refuse(self, authorised: World) -> None:
        """Nothing is printed on a guess."""
        desk = authorised.window.desk
        good = CheckLine(id="seal", sentence="x", state=CheckState.OK)
        unknown = CheckLine(id="state", sentence="x", state=CheckState.UNKNOWN)
        desk._checks._good[number(authorised)] = [good, unknown]
        with pytest.raises(YunhuobanError) as caught:
            desk.print(number(authorised), by="desk", action_id="a")
        assert caught.value.found == "state"
        desk._checks._good[number(authorised)] = [good]
        desk.print(number(authorised), by="desk", action_id="a")
        assert len(claims(authorised)) == 1

    def test_the_state_of_the_license_is_what_its_issuer_said_last(self, authorised: World) -> None:
        """Suspended after the desk found everything good: nothing is claimed, and the clerk reads why; then valid."""
        desk = authorised.window.desk
        desk._checks._good[number(authorised)] = [CheckLine(id="seal", sentence="x", state=CheckState.OK)]
        assert desk.job(number(authorised)).may_print
        change_state(authorised, "suspended")
        job = desk.job(number(authorised))
        assert not job.may_print
        assert (job.why_not, job.license_state) == (GRANT_LICENSE_STATE, "suspended")
        assert [each.id for each in job.checks if each.state is not CheckState.OK] == ["license.state"]
        with pytest.raises(YunhuobanError) as caught:
            desk.print(number(authorised), by="desk", action_id="a")
        assert (caught.value.code, caught.value.found) == (GRANT_LICENSE_STATE, "suspended")
        assert claims(authorised) == []
        change_state(authorised, "valid")
        desk.print(number(authorised), by="desk", action_id="b")
        assert len(claims(authorised)) == 1

    @pytest.mark.parametrize(("state", "why"), [("revoked", GRANT_LICENSE_STATE), (None, GRANT_REVOKED)])
    def test_what_was_taken_back_stays_in_sight_for_a_day(
        self, authorised: World, state: str | None, why: Code
    ) -> None:
        """The clerk who was about to print it does not see it vanish: it stands there as ended, its page says why."""
        desk = authorised.window.desk
        if state:
            change_state(authorised, state)
        else:
            record = print_revocation(authorisation_no=number(authorised))
            authorised.issuing.source.add("print.revoked", authorised.case_no(), record)
            authorised.settle()
        assert [row.state for row in desk.authorisations()] == [PrintState.REVOKED]
        job = desk.job(number(authorised))
        assert (job.may_print, job.why_not) == (False, why)
        authorised.later(hours=25)
        assert desk.authorisations() == []

    def test_what_has_expired_says_so(self, authorised: World) -> None:
        """Its page names the code that the hub would have named."""
        authorised.later(days=100)
        with authorised.window.store.write() as tx:
            assert ledger.expire(tx, now=authorised.now) == [number(authorised)]
        assert [row.state for row in authorised.window.desk.authorisations()] == [PrintState.EXPIRED]
        assert authorised.window.desk.job(number(authorised)).why_not == GRANT_EXPIRED

    def test_another_hall_sees_and_prints_nothing(self, authorised: World) -> None:
        """An authorisation names its hall."""
        window = authorised.window
        station = window.settings.station.model_copy(update={"hall": "elsewhere"})
        window.settings = window.settings.model_copy(update={"station": station})
        window.start()
        assert window.desk.authorisations() == []
        assert window.desk.job(number(authorised)) is None
        with pytest.raises(YunhuobanError) as caught:
            window.desk.print(number(authorised), by="desk", action_id="a")
        assert caught.value.code is OTHER_HALL

    def test_rows_stand_with_name_and_state(self, authorised: World) -> None:
        """A company's name is public and stands in full."""
        (row,) = authorised.window.desk.authorisations()
        assert (row.authorisation_no, row.state.value, row.license_name) == (
            number(authorised), "authorised", "营业执照",
        )  # fmt: skip
        assert "𠮷祥" in row.holder_masked
        assert authorised.window.desk.job("unknown") is None
