"""The print ledger: pure table, guarded updates, and nothing hypothesis finds that prints twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import func, select

from adapters.printing import ledger, stock
from adapters.printing.ledger import Entry
from adapters.printing.states import FINAL, TRANSITIONS, Event, PrintState, next_state
from adapters.printing.stock import StockSheet
from adapters.printing.tables import PRINTS, SHEETS, SpoilReason
from schemas.errors import Code, YunhuobanError
from tests.printers import Transaction, authorisation, ledger_engine
from tests.sampling import examples

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SHEET = StockSheet(kind="business-license-duplicate", issuing_body="SAMR", serial="00017")
NO = "130928-PA-000001"


def refused(code: Code):
    """Expect this declared error."""
    return pytest.raises(YunhuobanError, match=code.code)


def granted(transaction: Transaction, number: str = NO, **changes) -> str:
    """Bring an authorisation as far as a grant and return its claim id."""
    with transaction() as tx:
        ledger.record(tx, authorisation(number, **changes))
        claim_id = ledger.claim(tx, number, station="P1", now=NOW)
        ledger.keep_grant(tx, number, claim_id=claim_id, grant=b"jws", granted_at=NOW, start_limit_seconds=60)
    return claim_id


def sheet_out(transaction: Transaction, number: str = NO, **changes) -> None:
    """Bring an authorisation as far as a sheet in the tray."""
    granted(transaction, number, **changes)
    with transaction() as tx:
        ledger.start(tx, number, station="P1", now=NOW)
        ledger.saw_sheet(tx, number, job_uuid="urn:uuid:1", now=NOW)


def read(transaction: Transaction, number: str = NO) -> Entry:
    """Read one row."""
    with transaction() as tx:
        return ledger.entry(tx, number)


def test_final_states_have_no_way_out():
    """Printed, spoiled, revoked and expired are final."""
    assert not [(state, event) for state in FINAL for event in Event if next_state(state, event)]


def test_unknown_is_left_only_by_a_person():
    """Nothing leads from unknown back to paper."""
    ways = {event for event, (before, _) in TRANSITIONS.items() if PrintState.UNKNOWN in before}
    assert ways == {Event.SETTLE_PRINTED, Event.SETTLE_SPOILED}


def test_row_returns_as_recorded(transaction):
    """What was signed is read back equal, with aware UTC times."""
    signed = authorisation()
    with transaction() as tx:
        ledger.record(tx, signed)
        ledger.record(tx, signed)
    found = read(transaction)
    assert found.authorisation == signed
    assert found.authorisation.expires_at.tzinfo is UTC
    assert found.state is PrintState.AUTHORISED


def test_same_number_with_other_content_is_refused(transaction):
    """An authorisation cannot be changed by sending it again."""
    with transaction() as tx:
        ledger.record(tx, authorisation())
    with refused(ledger.CHANGED), transaction() as tx:
        ledger.record(tx, authorisation(copy_no=2))


def test_unknown_number_is_named(transaction):
    """A number nobody recorded is a declared error."""
    with refused(ledger.NOT_KNOWN), transaction() as tx:
        ledger.claim(tx, "nowhere", station="P1", now=NOW)


def test_claim_id_is_made_once_and_kept(transaction):
    """Claiming again, as after a restart, returns the same id; another station gets nothing."""
    claim_id = granted(transaction)
    with transaction() as tx:
        assert ledger.claim(tx, NO, station="P1", now=NOW) == claim_id
    with refused(ledger.NOT_YOURS), transaction() as tx:
        ledger.claim(tx, NO, station="P2", now=NOW)


def test_refused_claim_is_followed_by_a_new_attempt(transaction):
    """After the hub's refusal the next claim has a new id, and a late grant for the old one does nothing."""
    with transaction() as tx:
        ledger.record(tx, authorisation())
        first = ledger.claim(tx, NO, station="P1", now=NOW)
        ledger.claim_refused(tx, NO, claim_id=first)
        second = ledger.claim(tx, NO, station="P1", now=NOW)
    assert first != second
    assert read(transaction).attempt == 2
    with refused(ledger.NOT_YOURS), transaction() as tx:
        ledger.keep_grant(tx, NO, claim_id=first, grant=b"jws", granted_at=NOW, start_limit_seconds=60)


def test_nothing_starts_without_a_grant(transaction):
    """No hub, no new print."""
    with transaction() as tx:
        ledger.record(tx, authorisation())
        ledger.claim(tx, NO, station="P1", now=NOW)
    with refused(ledger.NOT_GRANTED), transaction() as tx:
        ledger.start(tx, NO, station="P1", now=NOW)


def test_nothing_is_confirmed_before_its_sheet_is_out(transaction):
    """While the printer works, the sheet is neither good nor void, and "no sheet" is for unknown outcomes only."""
    granted(transaction)
    with transaction() as tx:
        ledger.start(tx, NO, station="P1", now=NOW)
    with refused(ledger.NO_SHEET_YET), transaction() as tx:
        ledger.confirm_printed(tx, NO, sheet=SHEET, by="c-07", now=NOW)
    with refused(ledger.NO_SHEET_YET), transaction() as tx:
        ledger.spoil(tx, NO, sheet=SHEET, reason=SpoilReason.JAM, by="c-07", now=NOW)
    with refused(ledger.REASON_WRONG), transaction() as tx:
        ledger.spoil(tx, NO, sheet=None, reason=SpoilReason.NO_SHEET, by="c-07", now=NOW)
    assert read(transaction).state is PrintState.PRINTING


def test_one_copy_cannot_be_claimed_under_two_authorisations(transaction):
    """Two authorisations for the same copy give one sheet, until the first is spoiled."""
    sheet_out(transaction)
    with transaction() as tx:
        ledger.record(tx, authorisation("130928-PA-000002", supersedes=NO))
    with refused(ledger.COPY_TAKEN), transaction() as tx:
        ledger.claim(tx, "130928-PA-000002", station="P1", now=NOW)
    with transaction() as tx:
        ledger.spoil(tx, NO, sheet=SHEET, reason=SpoilReason.MISPRINT, by="c-07", now=NOW)
        ledger.claim(tx, "130928-PA-000002", station="P1", now=NOW)
        assert ledger.spoiled_before(tx, "130928-PA-000002") == 1


def test_late_authorisation_is_not_claimed_and_expires(transaction):
    """Past its time an authorisation cannot be claimed and expires; a granted one does not expire by time."""
    late = NOW + timedelta(days=400)
    granted(transaction, "130928-PA-000003", copy_no=3)
    with transaction() as tx:
        ledger.record(tx, authorisation())
    with refused(ledger.TOO_LATE), transaction() as tx:
        ledger.claim(tx, NO, station="P1", now=late)
    with transaction() as tx:
        assert ledger.expire(tx, now=late) == [NO]
        ledger.hand_back(tx, "130928-PA-000003", station="P1", by="c-07", now=late)
    assert read(transaction, "130928-PA-000003").state is PrintState.EXPIRED


@pytest.mark.parametrize(
    ("changes", "sheet", "code"),
    [
        ({}, None, stock.STOCK_MISSING),
        ({}, StockSheet(kind="business-license-duplicate", issuing_body="SAMR", serial=" "), stock.STOCK_MISSING),
        ({}, StockSheet(kind="food-license", issuing_body="SAMR", serial="1"), stock.STOCK_WRONG),
        ({"trial": True}, SHEET, stock.STOCK_ON_TRIAL),
    ],
)
def test_printed_needs_the_right_sheet(transaction, changes, sheet, code):
    """A real print is confirmed with a numbered sheet of the authorised kind, a trial print without one."""
    sheet_out(transaction, **changes)
    with refused(code), transaction() as tx:
        ledger.confirm_printed(tx, NO, sheet=sheet, by="c-07", now=NOW)
    assert read(transaction).state is PrintState.PRINTING


def test_stock_number_is_used_once_for_ever(transaction):
    """The number of a spoiled sheet cannot be confirmed for another license."""
    sheet_out(transaction)
    sheet_out(transaction, "130928-PA-000002", copy_no=2)
    with transaction() as tx:
        ledger.spoil(tx, NO, sheet=SHEET, reason=SpoilReason.MISPRINT, by="c-07", now=NOW)
    with refused(stock.STOCK_USED), transaction() as tx:
        ledger.confirm_printed(tx, "130928-PA-000002", sheet=SHEET, by="c-07", now=NOW)
    assert read(transaction, "130928-PA-000002").state is PrintState.PRINTING


def test_revoked_while_printing_can_only_be_spoiled(transaction):
    """A revocation wins until the sheet is confirmed; the sheet is still accounted for."""
    sheet_out(transaction)
    with transaction() as tx:
        assert ledger.revoke(tx, NO, now=NOW) is PrintState.PRINTING
    with refused(ledger.REVOKED_MEANWHILE), transaction() as tx:
        ledger.confirm_printed(tx, NO, sheet=SHEET, by="c-07", now=NOW)
    with transaction() as tx:
        ledger.spoil(tx, NO, sheet=SHEET, reason=SpoilReason.REVOKED, by="c-07", now=NOW)
    assert read(transaction).state is PrintState.SPOILED


def test_revoked_while_sending_is_revoked_when_nothing_printed(transaction):
    """When the printer refuses after a revocation, the authorisation is revoked and cannot start again."""
    granted(transaction)
    with transaction() as tx:
        ledger.start(tx, NO, station="P1", now=NOW)
        ledger.revoke(tx, NO, now=NOW)
        ledger.not_printed(tx, NO)
    assert read(transaction).state is PrintState.REVOKED


def test_no_sheet_needs_two_persons_and_no_number(transaction):
    """Nobody invents a stock number for a sheet that never came out, and nobody says so alone."""
    granted(transaction)
    with transaction() as tx:
        ledger.start(tx, NO, station="P1", now=NOW)
        ledger.lose(tx, NO)
    for sheet, witness in ((None, None), (None, "c-07"), (SHEET, "c-08")):
        with refused(ledger.TWO_PERSONS), transaction() as tx:
            ledger.settle_unknown(tx, NO, reason=SpoilReason.NO_SHEET, sheet=sheet, by="c-07", witness=witness, now=NOW)
    with transaction() as tx:
        ledger.settle_unknown(tx, NO, reason=SpoilReason.NO_SHEET, sheet=None, by="c-07", witness="c-08", now=NOW)
        (balance,) = stock.books(tx)
    assert (balance.spoiled, balance.no_sheet, balance.sheets_spoiled, balance.difference) == (1, 1, 0, 0)


def test_books_show_a_sheet_that_is_missing(transaction):
    """When a row of either table is lost, the books say how many do not agree."""
    sheet_out(transaction)
    with transaction() as tx:
        ledger.confirm_printed(tx, NO, sheet=SHEET, by="c-07", now=NOW)
        assert [balance.difference for balance in stock.books(tx)] == [0]
        tx.execute(SHEETS.delete())
        assert [balance.difference for balance in stock.books(tx)] == [1]


NUMBERS = ("A", "B", "C")
EVENTS = {
    "claim": Event.CLAIM,
    "claim_refused": Event.CLAIM_REFUSED,
    "keep_grant": Event.GRANT,
    "start": Event.START,
    "not_printed": Event.NOT_PRINTED,
    "saw_sheet": Event.SHEET_OUT,
    "lose": Event.LOSE,
    "confirm_printed": Event.CONFIRM,
    "spoil": Event.SPOIL,
    "settle_printed": Event.SETTLE_PRINTED,
    "settle_spoiled": Event.SETTLE_SPOILED,
    "revoke": Event.REVOKE,
    "hand_back": Event.HAND_BACK,
}


class Ledger(RuleBasedStateMachine):
    """Any order of calls: A and B are for the same copy, C for another; P1 and P2 are two stations."""

    def __init__(self):
        super().__init__()
        self.engine = ledger_engine()
        self.on_paper = dict.fromkeys(NUMBERS, 0)
        self.serial = 0
        with self.engine.begin() as tx:
            for number, copy_no in (("A", 1), ("B", 1), ("C", 2)):
                ledger.record(tx, authorisation(number, copy_no=copy_no))

    @rule(
        number=st.sampled_from(NUMBERS),
        call=st.sampled_from(sorted(EVENTS)),
        station=st.sampled_from(["P1", "P2"]),
        stock_given=st.booleans(),
    )
    def happen(self, number, call, station, stock_given):
        """Make one call in one transaction; a refused call leaves the row as it was."""
        with self.engine.begin() as tx:
            before = ledger.entry(tx, number)
        try:
            with self.engine.begin() as tx:
                self.call(tx, call, number, station, before.claim_id or "", stock_given)
        except YunhuobanError:
            with self.engine.begin() as tx:
                assert ledger.entry(tx, number) == before
            return
        with self.engine.begin() as tx:
            after = ledger.entry(tx, number)
        assert before.state not in FINAL
        self.check(call, number, before, after)

    @rule(number=st.sampled_from(NUMBERS), choice=st.integers(0, 100), stock_given=st.booleans())
    def advance(self, number, choice, stock_given):
        """A call that the table allows here, so that examples get as far as paper."""
        with self.engine.begin() as tx:
            found = ledger.entry(tx, number)
        allowed = [call for call, kind in EVENTS.items() if found.state in TRANSITIONS[kind][0]]
        if allowed:
            self.happen(number, allowed[choice % len(allowed)], found.station or "P1", stock_given)

    def check(self, call, number, before, after):
        """Compare a successful call with the pure table, and count starts."""
        marked = call == "revoke" and before.state in {PrintState.PRINTING, PrintState.UNKNOWN}
        reclaimed = call == "claim" and before.state is PrintState.CLAIMED
        if marked:
            assert after.state is before.state
            assert after.revoked_at
        elif reclaimed:
            assert after == before
        elif call == "not_printed" and before.revoked_at:
            assert after.state is PrintState.REVOKED
        else:
            assert after.state is next_state(before.state, EVENTS[call])
        if call == "start":
            self.on_paper[number] += 1
        if call == "not_printed":
            self.on_paper[number] -= 1

    def call(self, tx, call, number, station, claim_id, stock_given):
        """Make one call with arguments that may or may not fit."""
        self.serial += 1
        sheet = StockSheet(kind=SHEET.kind, issuing_body="SAMR", serial=str(self.serial)) if stock_given else None
        settle = {"sheet": sheet, "by": "c-07", "now": NOW}
        match call:
            case "claim":
                ledger.claim(tx, number, station=station, now=NOW)
            case "claim_refused":
                ledger.claim_refused(tx, number, claim_id=claim_id)
            case "keep_grant":
                ledger.keep_grant(tx, number, claim_id=claim_id, grant=b"jws", granted_at=NOW, start_limit_seconds=60)
            case "start":
                ledger.start(tx, number, station=station, now=NOW)
            case "saw_sheet":
                ledger.saw_sheet(tx, number, job_uuid="urn:uuid:1", now=NOW)
            case "confirm_printed":
                ledger.confirm_printed(tx, number, **settle)
            case "spoil":
                ledger.spoil(tx, number, reason=SpoilReason.JAM, **settle)
            case "settle_printed":
                ledger.settle_unknown(tx, number, reason=None, **settle)
            case "settle_spoiled":
                ledger.settle_unknown(tx, number, reason=SpoilReason.JAM, **settle)
            case "revoke":
                ledger.revoke(tx, number, now=NOW)
            case "hand_back":
                ledger.hand_back(tx, number, station=station, by="c-07", now=NOW)
            case _:
                getattr(ledger, call)(tx, number)

    @invariant()
    def never_two_starts(self):
        """An authorisation has at most one start that may have printed."""
        assert all(count in {0, 1} for count in self.on_paper.values())

    @invariant()
    def one_copy_on_paper(self):
        """A and B, the same copy, are never both on the way to paper or printed."""
        with self.engine.begin() as tx:
            open_states = [PrintState.CLAIMED, PrintState.PRINTING, PrintState.UNKNOWN, PrintState.PRINTED]
            same_copy = (PRINTS.c.copy_no == 1, PRINTS.c.state.in_(open_states))
            assert tx.scalar(select(func.count()).select_from(PRINTS).where(*same_copy)) <= 1

    @invariant()
    def books_balance(self):
        """Every ended print of real stock has its numbered sheet."""
        with self.engine.begin() as tx:
            for balance in stock.books(tx):
                ended = balance.printed + balance.spoiled + balance.revoked + balance.expired
                assert balance.authorised == ended + balance.pending
                assert balance.difference == 0

    def teardown(self):
        """Close the database."""
        self.engine.dispose()


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=examples(50, 15), stateful_step_count=30, deadline=None)
