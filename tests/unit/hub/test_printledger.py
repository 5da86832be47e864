"""The print ledger against a model: never two grants for one authorisation, never two prints of one copy."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select

from hub.intake import refusals
from hub.printing import licensebook, printledger
from hub.printing.printledger import Answer
from hub.store import Store, open_store, tables
from schemas.envelope import Envelope
from schemas.errors import Code, YunhuobanError
from schemas.identifiers.license import LicenseIdentifier
from schemas.licensestates import CHANGES, NO_MORE_PRINTS, STATE_CHANGE_WRONG
from schemas.messages import Parties
from tests.databases import Databases
from tests.hub_world import FOREIGN, ISSUING, START, WINDOW
from tests.sampling import examples

DAY = 24 * 3600
LICENSES = [str(LicenseIdentifier.build("11100000MB0143028R001", "11140881MB0000000U", f"{n}")) for n in range(3)]
CASES = {"C1": (LICENSES[0], False), "C2": (LICENSES[1], False), "C3": (LICENSES[2], True)}
NUMBERS = [f"A{i}" for i in range(4)]
CLAIMS = ["K0", "K1"]
STATES = ["valid", "suspended", "valid", "suspended", "lost", "revoked", "superseded"]
a_number = st.sampled_from(NUMBERS)
a_county = st.sampled_from([WINDOW, WINDOW, FOREIGN])
PARTIES = Parties(window=WINDOW, issuing=ISSUING)


@dataclass
class Sheet:
    """One authorisation as the model knows it."""

    number: str
    case_no: str
    copy: tuple[str, int]
    replaces: str | None
    trial: bool
    until: datetime
    state: str = "authorised"
    holder: tuple[str, str] | None = None
    stock: str = ""
    revoked: bool = False


@dataclass
class Model:
    """The whole ledger, in the plainest form."""

    sheets: dict[str, Sheet] = field(default_factory=dict)
    stock: set[str] = field(default_factory=set)
    licenses: dict[str, str] = field(default_factory=lambda: dict.fromkeys(CASES, "valid"))

    def take_back(self, case_no: str, number: str | None = None) -> None:
        """What has no outcome is revoked; what was granted keeps its grant until the station answers."""
        for sheet in self.sheets.values():
            if sheet.case_no == case_no and number in (None, sheet.number) and sheet.state in ("authorised", "claimed"):
                sheet.revoked = True
                sheet.state = "revoked" if sheet.state == "authorised" else sheet.state


def envelope(case_no: str, source: str, *, trial: bool) -> Envelope:
    """The fields that the ledger reads; it is called after all other checks."""
    return Envelope(
        id="0" * 8, source=source, destination="hub", type="x", case_no=case_no, service_item="", time=START,
        expires=START, trial=trial, dataschema="", encrypted_for=None, data_commitment=b"", data=b"",
    )  # fmt: skip


def _emptied(store: Store) -> Store:
    """One store for all runs, emptied for each."""
    with store.write() as tx:
        for table in (tables.licenses, tables.print_authorisations, tables.grants, tables.stock_serials):
            tx.execute(delete(table))
    return store


class Ledger(RuleBasedStateMachine):
    """Random messages of two counties about three cases, two of them real and one on trial."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = _emptied(store)
        self.model = Model()
        self.answers: dict[tuple[str, str, str], Code | None] = {}
        self.granted: dict[str, set[tuple[str, str]]] = {}
        for case_no, (identifier, trial) in CASES.items():
            facts = {"license_identifier": identifier, "license_state": "valid"}
            with self.store.write() as tx:
                licensebook.issued(tx, envelope(case_no, ISSUING, trial=trial), facts, START)

    def attempt(self, act: Callable[[Any], Any]) -> tuple[Code | None, Any]:
        """Do it in one transaction; the code with which it was refused, if it was."""
        try:
            with self.store.write() as tx:
                return None, act(tx)
        except YunhuobanError as error:
            return error.code, None

    @rule(number=a_number, case_no=st.sampled_from(sorted(CASES)), copy_no=st.integers(1, 2),
          replaces=st.none() | a_number, to=st.sampled_from([WINDOW, WINDOW, WINDOW, FOREIGN]),
          days=st.sampled_from([0, 0, 2]), suspended=st.sampled_from([False, False, True]))  # fmt: skip
    def authorise(
        self, number: str, case_no: str, copy_no: int, replaces: str | None, to: str, days: int, suspended: bool
    ) -> None:
        """It is entered exactly when number and copy are new, or it replaces what ended without a good sheet.

        That is a spoiled one; and, unless grants may be forgotten, a revoked one or one that ran out ungranted.
        """
        now = START + timedelta(days=days)
        identifier, trial = CASES[case_no]
        facts = {
            "authorisation_no": number, "license_identifier": identifier, "copy_kind": "original", "copy_no": copy_no,
            "stock_kind": "s", "target_county": to, "target_hall": "h", "expires_at": START + timedelta(days=1 + days),
            "replaces": replaces,
        }  # fmt: skip
        message = envelope(case_no, ISSUING, trial=trial)
        code, _ = self.attempt(lambda tx: printledger.authorise(tx, message, facts, PARTIES, now, suspended=suspended))
        same = [s for s in self.model.sheets.values() if (s.case_no, s.copy) == (case_no, ("original", copy_no))]
        old = self.model.sheets.get(replaces or "")
        good = number not in self.model.sheets and to == WINDOW
        if replaces is None:
            good = good and not same
        else:
            good = good and old in same and all(s.replaces != replaces for s in same)
            if good and old.state != "spoiled":
                over = old.state == "revoked" or (old.state == "authorised" and old.until <= now)
                good = over and not suspended
        assert (code is None) == good
        if good:
            if old is not None and old.state == "authorised":
                old.state = "expired"
            until = START + timedelta(days=1 + days)
            self.model.sheets[number] = Sheet(number, case_no, ("original", copy_no), replaces, trial, until)

    @rule(number=a_number, claim=st.sampled_from(CLAIMS), station=st.sampled_from(["S1", "S2"]),
          source=a_county, days=st.sampled_from([0, 0, 2, 4]))  # fmt: skip
    def claim(self, number: str, claim: str, station: str, source: str, days: int) -> None:
        """One claim of one station gets the grant; asked again it gets the same answer, everybody else a refusal."""
        sheet = self.model.sheets.get(number)
        case_no = sheet.case_no if sheet else "C1"
        facts = {"authorisation_no": number, "claim_id": claim, "station": station}
        message = envelope(case_no, source, trial=False)
        now = START + timedelta(days=days)
        code, answer = self.attempt(lambda tx: printledger.claim(tx, message, facts, 30 * DAY, now))
        if sheet is None or source != WINDOW:
            assert code is refusals.AUTHORISATION_UNKNOWN
            return
        assert isinstance(answer, Answer)
        used = any(s.holder and s.holder[0] == claim and s is not sheet for s in self.model.sheets.values())
        expected: Code | None = None
        if sheet.state in ("printed", "spoiled"):
            expected = refusals.GRANT_SETTLED
        elif sheet.revoked:
            expected = refusals.GRANT_REVOKED
        elif sheet.holder not in (None, (claim, station)) or used:
            expected = refusals.GRANT_TAKEN
        elif self.model.licenses[sheet.case_no] != "valid":
            expected = refusals.GRANT_LICENSE_STATE
        elif sheet.holder is None and (sheet.state == "expired" or sheet.until <= now):
            expected = refusals.GRANT_EXPIRED
        assert answer.refused is expected
        if expected is None:
            sheet.state, sheet.holder = "claimed", (claim, station)
            self.granted.setdefault(number, set()).add((claim, station))

    @rule(number=a_number, claim=st.sampled_from(CLAIMS), result=st.sampled_from(["printed", "spoiled", "revoked"]),
          serial=st.sampled_from(["", "", "P1", "P2", "P3"]), source=a_county)  # fmt: skip
    def settle(self, number: str, claim: str, result: str, serial: str, source: str) -> None:
        """Only the holder ends it, once; a good real sheet has a number, a trial none; a number is used once."""
        sheet = self.model.sheets.get(number)
        case_no = sheet.case_no if sheet else "C1"
        facts = {
            "authorisation_no": number,
            "claim_id": claim,
            "result": result,
            "stock_kind": "s",
            "stock_serial": serial,
        }
        message = envelope(case_no, source, trial=bool(sheet and sheet.trial))
        code, _ = self.attempt(lambda tx: printledger.settle(tx, message, facts, START))
        good = (
            sheet is not None
            and sheet.state == "claimed"
            and sheet.holder is not None
            and sheet.holder[0] == claim
            and source == WINDOW
            and not (sheet.trial and serial)
            and not (result == "printed" and not sheet.trial and not serial)
            and (result != "revoked" or (sheet.revoked and not serial))
            and serial not in self.model.stock
        )
        assert (code is None) == good
        if good and sheet is not None:
            sheet.state, sheet.stock = result, serial
            self.model.stock |= {serial} if serial else set()

    @rule(number=a_number, case_no=st.sampled_from(sorted(CASES)))
    def revoke(self, number: str, case_no: str) -> None:
        """The issuer takes back what has no outcome; a grant that was given stands until the station answers."""
        sheet = self.model.sheets.get(number)
        facts = {"authorisation_no": number}
        message = envelope(case_no, ISSUING, trial=False)
        code, _ = self.attempt(lambda tx: printledger.revoke(tx, message, facts, START))
        if sheet is None or sheet.case_no != case_no:
            assert code is refusals.AUTHORISATION_UNKNOWN
        elif sheet.state not in ("authorised", "claimed"):
            assert code is refusals.NOTHING_TO_REVOKE
        else:
            assert code is None
            self.model.take_back(case_no, number)

    @rule(case_no=st.sampled_from(sorted(CASES)), of=st.sampled_from(sorted(CASES)), state=st.sampled_from(STATES))
    def change_license(self, case_no: str, of: str, state: str) -> None:
        """Only lawful changes of the case's own license; one that ends it takes its authorisations along."""
        facts = {"license_identifier": CASES[of][0], "license_state": state}
        message = envelope(case_no, ISSUING, trial=False)
        code, _ = self.attempt(lambda tx: licensebook.changed(tx, message, facts, START))
        before = self.model.licenses[of]
        if case_no != of:
            assert code is refusals.LICENSE_UNKNOWN
        elif state != before and state not in CHANGES.get(before, ()):
            assert code is STATE_CHANGE_WRONG
        else:
            assert code is None
            self.model.licenses[of] = state
            if state in NO_MORE_PRINTS:
                self.model.take_back(of)

    @rule(case_no=st.sampled_from(sorted(CASES)))
    def close(self, case_no: str) -> None:
        """A case is closed only when every sheet has its outcome."""
        code, _ = self.attempt(lambda tx: printledger.demand_settled(tx, case_no))
        mine = [each.state for each in self.model.sheets.values() if each.case_no == case_no]
        assert (code is refusals.SHEETS_OPEN) == bool({"authorised", "claimed"} & set(mine))

    @invariant()
    def promises(self) -> None:
        """What must hold whatever was sent."""
        with self.store.read() as tx:
            rows = tx.execute(select(tables.print_authorisations)).all()
            grants = tx.execute(select(tables.grants)).all()
            stock = tx.execute(select(tables.stock_serials)).all()
        assert {row.authorisation_no: row.state for row in rows} == {
            s.number: s.state for s in self.model.sheets.values()
        }
        printed = [(r.license_identifier, r.copy_kind, r.copy_no) for r in rows if r.state == "printed"]
        assert len(printed) == len(set(printed)), "a copy was printed twice"
        replaced = [row.replaces for row in rows if row.replaces]
        assert len(replaced) == len(set(replaced)), "one was replaced twice"
        alive = [(r.license_identifier, r.copy_kind, r.copy_no) for r in rows if r.state in ("claimed", "printed")]
        assert len(alive) == len(set(alive)), "a copy could be printed twice"
        assert len({g.claim_id for g in grants}) == len(grants) == len({g.authorisation_no for g in grants})
        assert {row.stock_serial for row in stock} == self.model.stock
        assert all(len(holders) == 1 for holders in self.granted.values()), "two grants for one authorisation"


def test_ledger_and_model_agree(databases: Databases, tmp_path: Path):
    """Whatever two counties send in whatever order, the ledger does what the model does, and keeps its promises."""
    url = databases.make(tmp_path)
    store = open_store(url)
    often = settings(
        max_examples=examples(40, 12), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(lambda: Ledger(store), settings=often)
    store.close()
    databases.drop(url)
