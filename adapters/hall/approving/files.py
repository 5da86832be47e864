"""The files of a case's materials on the approval desk: how much of each is here, and pictures of what is here.

The list names materials, kinds and sizes and no person. A look at the files themselves is written into the book of
looks first, with its purpose, and lasts a while. Nothing here waits for a file: an act is done whether it came or not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.attachments import receiving, sealing
from adapters.attachments.receiving import Coming
from adapters.boxes import inbox
from adapters.case.workplace import Workplace
from adapters.hall.approving import grounds
from adapters.hall.revealing import book
from adapters.hall.revealing.book import What
from adapters.hall.taking.looking import OPEN_FOR
from adapters.hall.taking.materials import TRUST
from adapters.hall.taking.picturing import Picturing
from adapters.store import tables
from pages.frame import NOT_THERE
from pages.people.person import Person
from pages.uploads.jail import poured
from pages.uploads.kinds import Kind
from schemas.errors import YunhuobanError

_MB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One file."""

    file_id: str
    name: str
    material: str
    trust: str
    """Of its material; Chinese, marked; empty when nobody judged it."""
    state: str
    here_mb: str
    size_mb: str
    code: str
    """Why it will not come."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The files of one case, and whether this person may look at them now."""

    lines: Sequence[Line]
    open: bool

    @property
    def coming(self) -> bool:
        """Whether any is still on its way."""
        return any(each.state == receiving.COMING for each in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One file that may be looked at."""

    file_id: str
    name: str
    kind: Kind
    pages: int
    sha256: str


class CaseFiles:
    """The files of the cases that one county decides; thread-safe."""

    def __init__(self, place: Workplace, picturing: Picturing) -> None:
        """`picturing` makes the pictures."""
        self._place = place
        self._picturing = picturing

    def listed(self, case_no: str, person: Person) -> Listed:
        """What was announced. Raises E-PAGE-005 when others decide the case."""
        with self._place.store.read() as tx:
            grounds.case_of(tx, self._place, case_no)
            found = receiving.of_case(tx, self._place.identity.storage, case_no)
            said = {each.message_id: self._materials(tx, each) for each in found}
            lines = [_line(each, said[each.message_id][each.material]) for each in found]
            return Listed(lines=lines, open=bool(lines) and self._is_open(tx, case_no, person))

    def say_why(self, case_no: str, purpose: str, person: Person) -> None:
        """Write down that this person looks at the files now, and what for. Raises E-PAGE-005, E-LOOK-001."""
        with self._place.store.write() as tx:
            grounds.case_of(tx, self._place, case_no)
            now = self._place.clock()
            book.note(tx, account=person.account, case_no=case_no, what=What.SCANS, purpose=purpose, now=now)

    def look(self, case_no: str, file_id: str, person: Person) -> Shown:
        """What one file is, by its own bytes. Raises E-LOOK-001 without a look that was said, E-PAGE-…, E-TAKE-006."""
        with self._place.store.read() as tx:
            found = self._find(tx, case_no, file_id, person)
            with poured(self._pieces(tx, found)) as file:
                kind, pages = self._picturing.measured(file)
        return Shown(file_id=file_id, name=found.name, kind=kind, pages=pages, sha256=found.sha256.hex())

    def picture(self, case_no: str, file_id: str, page: int, person: Person) -> bytes:
        """One page as PNG. Raises as `look`."""
        with self._place.store.read() as tx:
            found = self._find(tx, case_no, file_id, person)
            with poured(self._pieces(tx, found)) as file:
                kind, pages = self._picturing.measured(file)
                if not 1 <= page <= pages:
                    raise YunhuobanError(NOT_THERE, place="page")
                return self._picturing.drawn(kind, file, page)

    def _find(self, tx: Connection, case_no: str, file_id: str, person: Person) -> Coming:
        grounds.case_of(tx, self._place, case_no)
        if not self._is_open(tx, case_no, person):
            raise YunhuobanError(book.NO_PURPOSE, place="purpose", expected=", ".join(book.PURPOSES))
        for each in receiving.of_case(tx, self._place.identity.storage, case_no):
            if each.file_id == file_id and each.state == receiving.HERE:
                return each
        raise YunhuobanError(NOT_THERE, place="file_id")

    def _pieces(self, tx: Connection, found: Coming) -> Any:
        return sealing.opened(tx, found.file_id, found.part_count, found.key)

    def _materials(self, tx: Connection, found: Coming) -> Sequence[Mapping[str, Any]]:
        columns = tables.inbox.c
        here = (columns.source == found.source) & (columns.message_id == found.message_id)
        seq = tx.execute(select(columns.seq).where(here, columns.state == "applied")).scalar_one()
        materials: Sequence[Mapping[str, Any]] = inbox.record_of(tx, self._place.identity, seq)["materials"]
        return materials

    def _is_open(self, tx: Connection, case_no: str, person: Person) -> bool:
        since = self._place.clock() - OPEN_FOR
        return any(
            each.account == person.account and each.what == What.SCANS and each.at > since
            for each in book.looks(tx, case_no)
        )


def _line(found: Coming, material: Mapping[str, Any]) -> Line:
    return Line(
        file_id=found.file_id,
        name=found.name,
        material=material["name"],
        trust=TRUST.get(material["trust"] or "", ""),
        state=found.state,
        here_mb=f"{found.here_bytes / _MB:.1f}",
        size_mb=f"{max(found.size_bytes / _MB, 0.1):.1f}",
        code=found.code,
        sha256=found.sha256.hex(),
    )
