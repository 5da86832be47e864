"""People over a county's real store, in a time of the test's own; passwords at the lowest cost, so that it is quick."""

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from argon2.profiles import CHEAPEST

from adapters.hall.people.tables import TABLES
from adapters.store import open_store
from certs.atrest import AtRest
from pages.people import passwords
from pages.people.accounts import AccountBook
from pages.people.events import newest
from pages.people.organisation import Organisation
from pages.people.person import COUNTY_ROLES, Role
from pages.people.sessions import SessionBook
from pages.people.signed import Signed
from pages.people.signin import SignIn
from pages.people.storing import Shelf, Transactions
from pages.people.tables import PeopleTables

PASSWORD, OWN = "Zhao-jun 2026 first", "Qing-he 2026 second"
ADDRESS = "192.0.2.7"


@dataclass(kw_only=True)
class People:
    """Everything about people, and a clock that only the test moves."""

    store: Transactions
    sealing: AtRest
    at: datetime = field(default_factory=lambda: datetime(2026, 11, 26, 1, 0, tzinfo=UTC))
    secrets: dict[str, str] = field(default_factory=dict)
    tables: PeopleTables = TABLES
    allowed: frozenset[Role] = COUNTY_ROLES

    def __post_init__(self) -> None:
        self.shelf = Shelf(store=self.store, sealing=self.sealing, tables=self.tables, clock=lambda: self.at)
        self.accounts = AccountBook(self.shelf, allowed=self.allowed)
        self.organisation = Organisation(self.shelf)
        self.sign_in = SignIn(self.shelf, SessionBook(self.shelf))

    def later(self, **span: float) -> None:
        """Time passes."""
        self.at += timedelta(**span)

    def add(self, account: str = "zhang.san", *roles: str) -> None:
        """An account with its first password."""
        self.accounts.add(account, name="张三", roles=roles or ("clerk",), password=PASSWORD, by="it")

    def code(self, account: str = "zhang.san") -> str:
        """What the telephone shows now; a new one each time, because none is good twice."""
        self.later(seconds=30)
        return pyotp.TOTP(self.secrets[account]).at(self.at)

    def enrolled(self, account: str = "zhang.san", *roles: str, password: str = OWN) -> str:
        """A session of an account that has done everything a first sign-in asks for."""
        self.add(account, *roles)
        session = self.sign_in.enter(account, PASSWORD, ADDRESS)
        self.secrets[account] = self.sign_in.enrolment(session)[0]
        session, self.recovery = self.sign_in.enrol(session, self.code(account), ADDRESS)
        return self.sign_in.change_password(session, old=PASSWORD, new=password, again=password, address=ADDRESS)

    def signed(self, session: str) -> Signed | None:
        """Who holds it."""
        return self.sign_in.signed(session, attended=True)

    def told(self) -> list[tuple[str, str, str]]:
        """The record, oldest first: what, about whom, by whom."""
        with self.store.read() as tx:
            return [(each.what.value, each.account, each.by) for each in reversed(newest(tx, self.tables))]


@pytest.fixture(scope="session")
def people_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county's store with nothing in it, and a storage key."""
    folder = tmp_path_factory.mktemp("people")
    open_store(f"sqlite:///{folder / 'county.sqlite'}").close()
    AtRest.create(folder / "storage")
    return folder


@pytest.fixture(scope="session")
def quick_passwords() -> Iterator[None]:
    """Argon2id at its lowest cost: what it costs in earnest has a test of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "PARAMETERS", CHEAPEST)
        passwords._hasher.cache_clear()
        passwords._nobodys.cache_clear()
        yield
    passwords._hasher.cache_clear()
    passwords._nobodys.cache_clear()


@pytest.fixture
def people(people_template: Path, tmp_path: Path, quick_passwords: None) -> Iterator[People]:
    """Nobody yet."""
    file = tmp_path / f"{secrets.token_hex(4)}.sqlite"
    shutil.copy(people_template / "county.sqlite", file)
    store = open_store(f"sqlite:///{file}")
    yield People(store=store, sealing=AtRest(people_template / "storage"))
    store.close()
