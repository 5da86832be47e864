"""Exports of one county: asked for, decided by the other person, made once, taken once."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from adapters.hall.privacy.exporting import book, contents, files
from adapters.hall.privacy.exporting.book import NOT_ASKED, Export
from adapters.hall.privacy.exporting.contents import Contents
from adapters.hall.revealing.book import PURPOSES
from adapters.identity import Identity
from adapters.store import Store
from pages.people.person import Person
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
PURPOSES_OF: Final = {name: PURPOSES[name] for name in ("subject", "audit")}
"""What data leaves the pages for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDesk:
    """Works over one county's store. Threads may share it."""

    store: Store
    identity: Identity
    county: str
    clock: Callable[[], datetime]
    kept: timedelta
    """For how long a request waits to be decided, and a file to be taken."""

    def newest(self) -> Sequence[Export]:
        """The book, newest first."""
        with self.store.read() as tx:
            return book.newest(tx)

    def ask(self, *, kind: str, form: str, purpose: str, about: str, person: Person) -> int:
        """Ask for one. Raises E-EXPORT-001 or -005."""
        whole = kind in set(Contents) and form in files.FORMS and purpose in PURPOSES_OF
        if not whole or bool(about) is not (kind == Contents.SUBJECT):
            raise YunhuobanError(NOT_ASKED, place="export", expected=", ".join(Contents))
        with self.store.write() as tx:
            number = book.ask(
                tx,
                self.identity.storage,
                kind=kind,
                form=form,
                purpose=purpose,
                about=about,
                person=person,
                now=self.clock(),
                kept=self.kept,
            )
        _log.info("export.asked", account=person.account)
        return number

    def approve(self, export_no: int, *, person: Person) -> None:
        """Say yes: the file is made now, and never again. Raises E-EXPORT-001 to -003, and E-LIC-… from the drawing."""
        now = self.clock()
        with self.store.read() as tx:
            found = book.to_decide(tx, export_no, person=person, now=now)
            about = book.about(tx, self.identity.storage, export_no)
            sheets = contents.sheets(tx, self.identity, Contents(found.kind), about)
        file = files.file_of(found, sheets, county=self.county, by=person.account, now=now)
        rows = sum(len(each.rows) for each in sheets)
        with self.store.write() as tx:
            book.made(
                tx,
                self.identity.storage,
                found,
                file=file,
                rows=rows,
                by=person.account,
                now=now,
                kept=self.kept,
            )
        _log.info("export.made", account=person.account)

    def decline(self, export_no: int, *, person: Person) -> None:
        """Say no. Raises E-EXPORT-001 to -003."""
        now = self.clock()
        with self.store.write() as tx:
            found = book.to_decide(tx, export_no, person=person, now=now)
            book.decline(tx, found, by=person.account, now=now)
        _log.info("export.declined", account=person.account)

    def take(self, export_no: int, *, person: Person) -> tuple[Export, bytes]:
        """The file, once; its bytes are wiped from the store. Raises E-EXPORT-001, -003 or -004."""
        with self.store.write() as tx:
            taken = book.take(tx, self.identity.storage, export_no, person=person, now=self.clock())
        with suppress(YunhuobanError):
            self.store.clear_deleted()  # else the node's loop does it: who took the file is to have it now
        _log.info("export.taken", account=person.account)
        return taken
