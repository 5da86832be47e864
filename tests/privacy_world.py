"""One ended case of an invented person at a county, and everything beside it that names the person."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import httpx
from fastapi.testclient import TestClient
from sqlalchemy import Connection, insert

from adapters.hall.handwriting import book as handwriting
from adapters.hall.noticing.tables import notices
from adapters.hall.people.tables import TABLES
from adapters.hall.privacy.exporting.desk import ExportDesk
from adapters.hall.privacy.exporting.page import router as exports_router
from adapters.hall.privacy.subject.desk import SubjectDesk
from adapters.hall.privacy.subject.page import router as subject_router
from adapters.hall.revealing import book
from adapters.hall.revealing.book import What
from adapters.hall.taking import drafts, scans
from adapters.hall.taking.picturing import Seen
from adapters.instants import to_millis
from pages.access import CSRF_HEADER, LOOPBACK, Access, cookie_name
from pages.frame import Frame
from pages.people.accounts import name_place
from pages.people.person import Person, Role
from pages.uploads.kinds import Kind
from tests.county_begun import begin_at
from tests.county_records import IDENTITY_NO, ITEM, NAME
from tests.county_world import ISSUING, World

PORT: Final = 8000
IT = Person(account="it01", name="赵信息", roles=frozenset({Role.COUNTY_IT}))
SECOND_IT = Person(account="it02", name="钱信息", roles=frozenset({Role.COUNTY_IT}))
AUDITOR = Person(account="a01", name="孙审计", roles=frozenset({Role.AUDITOR}))
CLERK = Person(account="li", name="李窗口", roles=frozenset({Role.CLERK}))
SIGNATURE: Final = b"\x89PNG a signature"
SCAN: Final = b"%PDF-1.7 a scan"


def begin(world: World) -> str:
    """The case, handed over; its window holds a draft with a scan, a signature, a look, a notice, a namesake."""
    case_no = begin_at(world, "case.handed_over")
    identity, now = world.window.identity, world.now
    with world.window.store.write() as tx:
        draft = drafts.start(
            tx,
            identity.storage,
            account="li",
            window_no="3",
            issuing_county=ISSUING,
            service_item=ITEM,
            trial=False,
            typed={"applicant.name": NAME, "applicant.document_no": IDENTITY_NO.lower()},
            now=now,
        )
        seen = Seen(kind=Kind.PDF, pages=1, data=SCAN)
        scans.add(
            tx, identity.storage, draft_id=draft, supplement_of="", material="SQB", seen=seen, account="li", now=now
        )
        handwriting.keep(tx, identity, message_id="m" * 36, case_no=case_no, picture=SIGNATURE, by="li", now=now)
        book.note(tx, account="li", case_no=case_no, what=What.HOLDER, purpose="identity", now=now)
        tx.execute(insert(notices).values(role="clerk", about=f"{case_no}-D1-1/print", told_at=to_millis(now)))
        account(tx, world, "namesake", NAME)
    return case_no


def account(tx: Connection, world: World, name: str, person: str, *, state: str = "active") -> None:
    """An account of somebody."""
    tx.execute(
        insert(TABLES.accounts).values(
            account=name,
            name_sealed=world.window.identity.storage.seal(person.encode(), place=name_place(name)),
            roles="clerk",
            password_hash="x",
            must_change=False,
            state=state,
            created_at=to_millis(world.now),
        )
    )


def subjects_of(world: World) -> SubjectDesk:
    """The window's searches."""
    return SubjectDesk(store=world.window.store, identity=world.window.identity, clock=world.clock)


def exports_of(world: World, days: int = 3) -> ExportDesk:
    """The window's exports."""
    county = world.window
    return ExportDesk(
        store=county.store,
        identity=county.identity,
        county="吴桥县",
        clock=world.clock,
        kept=timedelta(days=days),
    )


class Pages:
    """The window's pages in memory."""

    def __init__(self, world: World) -> None:
        self.access = Access()
        subjects = subjects_of(world)
        self.app = Frame(name="查询", access=self.access, packages=[]).application()
        self.app.include_router(subject_router(subjects, self.access))
        self.app.include_router(exports_router(exports_of(world), subjects, self.access))

    @contextmanager
    def browser(self, person: Person) -> Iterator[httpx.Client]:
        """Somebody in front of them."""
        self.access.person = person
        base = f"http://{LOOPBACK}:{PORT}"
        with TestClient(self.app, base_url=base, client=(LOOPBACK, 50000), follow_redirects=True) as client:
            client.get(self.access.address(PORT).removeprefix(base), follow_redirects=False)
            session = client.cookies.get(cookie_name(PORT)) or ""
            client.headers[CSRF_HEADER] = self.access.csrf(session)
            yield client


def said(page: str) -> Mapping[str, str]:
    """The hidden fields of the form that asks for an export."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.partition('action="/exports"')[2]))
