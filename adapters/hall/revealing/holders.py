"""Who the holder of a license to be printed is, in full: for the check of an identity card at the window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.hall.revealing import book
from adapters.hall.revealing.book import What
from adapters.identity import Identity
from adapters.printing import ledger
from adapters.printing.ledger import NOT_KNOWN
from adapters.store import Store
from adapters.window import documents
from pages.people.person import Person
from schemas.errors import YunhuobanError


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What an identity card is held against."""

    name: str
    code: str
    number: str
    face: Sequence[tuple[str, str]]


class Holders:
    """The holders of this hall's licenses."""

    def __init__(self, *, store: Store, identity: Identity, hall: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._identity = identity
        self._hall = hall
        self._clock = clock

    def reveal(self, authorisation_no: str, *, person: Person, purpose: str) -> Holder:
        """The holder, after the look is written down. Raises E-LOOK-001, E-PRINT-101 or -303."""
        with self._store.write() as tx:
            signed = ledger.entry(tx, authorisation_no).authorisation
            if signed.hall not in ("", self._hall):
                raise YunhuobanError(NOT_KNOWN, place=authorisation_no)
            record, _file, _at = documents.license_of(tx, self._identity, signed)
            book.note(
                tx,
                account=person.account,
                case_no=signed.case_no,
                what=What.HOLDER,
                purpose=purpose,
                now=self._clock(),
            )
        return Holder(
            name=record["holder"],
            code=record["holder_code"],
            number=record["number"],
            face=[(each["label"], each["value"]) for each in record["face"]],
        )
