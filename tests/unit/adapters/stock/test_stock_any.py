"""Whatever people do in whatever order: every sheet is somewhere, once, and the books say where."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import func, select

from adapters.hall.stock import atprint, balance, book
from adapters.hall.stock.atprint import Explained
from adapters.hall.stock.balance import Why
from adapters.hall.stock.serials import span
from adapters.hall.stock.states import TRANSITIONS, StockEvent, StockState
from adapters.printing import ledger
from adapters.printing.stock import StockSheet
from adapters.printing.tables import PRINTS, SHEETS, SpoilReason
from schemas.errors import YunhuobanError
from tests.printers import authorisation, ledger_engine
from tests.stock_world import CLERK, KEEPER, KIND, NOW, OTHER, lying, receive, sealing, serial

SHEETS_IN_TEST = 12
ACCOUNTS = (KEEPER, CLERK, OTHER)
STATION = "P1"
_FOLDER = TemporaryDirectory()
KEYS = sealing(Path(_FOLDER.name))
ACTS = {
    "issue": lambda who, other: partial(book.issue, by=who, to=other),
    "load": lambda who, _: partial(book.load, by=who, station=STATION, tray="1"),
    "take_over": lambda who, other: partial(book.pass_on, by=who, to=other),
    "return": lambda who, _: partial(book.give_back, by=who),
    "take_back": lambda who, _: partial(book.take_back, by=who),
    "spoil": lambda who, _: partial(book.spoil, by=who, reason="damaged"),
    "lose": lambda who, _: partial(book.lose, by=who, reason="stolen"),
    "declare_void": lambda who, _: partial(book.declare_void, by=who, reference="GG1"),
    "destroy": lambda who, other: partial(book.destroy, by=who, witness=other, reference="XH1"),
}
numbers = st.integers(1, SHEETS_IN_TEST)
accounts = st.sampled_from(ACCOUNTS)


class Stock(RuleBasedStateMachine):
    """Boxes, clerks and prints in any order, against a list of sheets that is kept beside the book."""

    def __init__(self):
        super().__init__()
        self.engine = ledger_engine()
        self.states: dict[int, StockState] = {}
        self.printed = 0
        self.before_the_book: set[int] = set()

    @rule(first=numbers, length=st.integers(0, 7))
    def receive(self, first, length):
        """A box, or what overlaps one: then nothing of it."""
        last = min(first + length, SHEETS_IN_TEST)
        box = range(first, last + 1)
        if any(number in self.states or number in self.before_the_book for number in box):
            with pytest.raises(YunhuobanError, match=r"E-STOCK-01[04]"), self.engine.begin() as tx:
                receive(tx, KEYS, first, last)
            return
        with self.engine.begin() as tx:
            receive(tx, KEYS, first, last)
        self.states |= dict.fromkeys(box, StockState.IN_STOCK)

    @rule(act=st.sampled_from(sorted(ACTS)), first=numbers, length=st.integers(0, 4), who=accounts, other=accounts)
    def act(self, act, first, length, who, other):
        """One act on a range: all of it as the table says, or none of it."""
        whole = range(first, min(first + length, SHEETS_IN_TEST) + 1)
        before, after = TRANSITIONS[StockEvent(act)]
        fits = all(self.states.get(number) in before for number in whole)
        try:
            with self.engine.begin() as tx:
                ACTS[act](who, other)(tx, KIND, span(serial(whole[0]), serial(whole[-1])), now=NOW)
        except YunhuobanError:
            return  # the invariants look whether anything changed
        assert fits
        assert who != other or act not in ("issue", "destroy")
        self.states |= dict.fromkeys(whole, after)

    @rule(choice=st.integers(0, 100), length=st.integers(0, 3), who=accounts, other=accounts)
    def advance(self, choice, length, who, other):
        """An act that its first sheet allows, so that examples get as far as paper."""
        lying_here = sorted(self.states)
        if not lying_here:
            return
        first = lying_here[choice % len(lying_here)]
        allowed = [act for act in sorted(ACTS) if self.states[first] in TRANSITIONS[StockEvent(act)][0]]
        if allowed:
            self.act(allowed[choice % len(allowed)], first, length, who, other)

    @rule(number=numbers, good=st.booleans(), who=accounts, explained=st.booleans())
    def print(self, number, good, who, explained):
        """A sheet came out and a person names a number: the next one, a later one, or one that is not there."""
        self.printed += 1
        no = f"PA-{self.printed:06}"
        with self.engine.begin() as tx:
            ledger.record(tx, authorisation(no, copy_no=self.printed))
            claim = ledger.claim(tx, no, station=STATION, now=NOW)
            ledger.keep_grant(tx, no, claim_id=claim, grant=b"jws", granted_at=NOW, start_limit_seconds=60)
            ledger.start(tx, no, station=STATION, now=NOW)
            ledger.saw_sheet(tx, no, job_uuid="urn:uuid:1", now=NOW)
            expected = atprint.tray(tx, KIND, STATION)
        word = Explained.of("not_in_tray") if explained else None
        sheet = StockSheet(kind=KIND, issuing_body="130928", serial=serial(number), explained=word)
        before = dict(self.states)
        try:
            with self.engine.begin() as tx:
                if good:
                    ledger.confirm_printed(tx, no, sheet=sheet, by=who, now=NOW)
                else:
                    ledger.spoil(tx, no, sheet=sheet, reason=SpoilReason.JAM, by=who, now=NOW)
                now = {at: state for first, last, state in lying(tx) for at in range(first, last + 1)}
        except YunhuobanError:
            with self.engine.begin() as tx:  # it stays open to be said again; here nobody does
                tx.execute(PRINTS.delete().where(PRINTS.c.authorisation_no == no))
            return
        if not before:
            self.before_the_book.add(number)  # no book yet: the number is taken as it is
            return
        assert before[number] is StockState.LOADED
        assert now[number] == ("printed" if good else "spoiled")
        others = {at for at in now if at != number and now[at] != before[at]}
        assert all(now[at] == "lost" and good and explained for at in others)
        assert others or not good or expected.next_serial == serial(number)
        self.states = {at: StockState(state) for at, state in now.items()}

    @invariant()
    def every_sheet_is_somewhere_once(self):
        """The runs say what the list says, and no run overlaps another."""
        with self.engine.begin() as tx:
            runs = lying(tx)
        found = [(at, state) for first, last, state in runs for at in range(first, last + 1)]
        assert found == [(at, str(state)) for at, state in sorted(self.states.items())]

    @invariant()
    def the_balance_closes_or_names_the_sheet(self):
        """Opening and received are all that is somewhere, at every event; only what is in between is named."""
        if not self.states:
            return
        with self.engine.begin() as tx:
            found = balance.of(tx, KIND)
            named = balance.unexplained(tx, KIND)
            half = balance.of(tx, KIND, after_event=found.through_event // 2)
        assert found.received == len(self.states)
        for each in (found, half):
            assert each.closes
            assert {state: count for state, count in each.closing.items() if count} == {
                state: list(self.states.values()).count(state) for state in set(self.states.values())
            }
        returned = list(self.states.values()).count(StockState.RETURNED)
        assert sum(each.count for each in named) == returned
        assert {each.why for each in named} <= {Why.NOT_TAKEN_BACK}

    @invariant()
    def a_copy_has_one_good_sheet(self):
        """No license copy is bound to two sheets that are both good."""
        with self.engine.begin() as tx:
            twice = tx.execute(
                select(PRINTS.c.copy_no)
                .join_from(PRINTS, SHEETS, PRINTS.c.authorisation_no == SHEETS.c.authorisation_no)
                .where(SHEETS.c.state == "printed")
                .group_by(PRINTS.c.copy_no)
                .having(func.count() > 1)
            ).all()
        assert twice == []

    def teardown(self):
        """Close the store."""
        self.engine.dispose()


@pytest.mark.long
class TestStockLong(Stock.TestCase):
    """Minutes of it."""

    settings = settings(max_examples=300, stateful_step_count=40)


class TestStock(Stock.TestCase):
    """A slice of it."""

    settings = settings(max_examples=4, stateful_step_count=20)
