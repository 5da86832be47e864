"""Finds the authorisations of whoever stands at the window, by the whole name or by the case number of their receipt.

A part of a name finds nothing, so that nobody leafs through holders. Names stay in the county: they arrive by POST, are
compared as keyed digests that end with the process, and go into no log; the search itself is a row in the book of
looks, written before anything is shown, also when nothing was found.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from adapters.hall.revealing import book
from adapters.hall.revealing.book import What
from adapters.identity import Identity
from adapters.printing import ledger
from adapters.printing.ledger import Entry
from adapters.printing.states import FINAL, PrintState
from adapters.printing.tables import PRINTS
from adapters.store import Store
from adapters.window import documents
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.case import CaseNo

NOTHING_ASKED: Final = declare(
    "E-LOOK-002", "没有写要找谁。", "请写持证人的全名，或者收件凭证上的办件编号，再按“查找”。"
)
BY_NAME: Final = timedelta(days=30)
"""How long after its end an authorisation is found by the holder's name; by the case number always."""
_PURPOSE: Final = "identity"
_OPEN: Final = frozenset(PrintState) - FINAL
_DOTS: Final = str.maketrans(dict.fromkeys("•・‧∙⋅●.", "·"))
_BLANKS: Final = re.compile(r"\s+")


class Finder:
    """The search of one hall; thread-safe."""

    def __init__(self, *, store: Store, identity: Identity, hall: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._identity = identity
        self._hall = hall
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._names: dict[str, bytes] = {}

    def find(self, asked: str, *, by: str) -> Sequence[str]:
        """The numbers of the authorisations, the soonest to expire first, after the look is written down.

        Raises E-LOOK-002 when nothing was asked.
        """
        wanted = plain(asked)
        if not wanted:
            raise YunhuobanError(NOTHING_ASKED, place="asked")
        now, case_no = self._clock(), _case_no(wanted)
        with self._store.read() as tx:
            entries = _of_case(tx, case_no) if case_no else self._of_name(tx, wanted, now)
        mine = [each for each in entries if each.authorisation.hall in ("", self._hall)]
        cases = list(dict.fromkeys(each.authorisation.case_no for each in mine)) or [case_no]
        with self._store.write() as tx:
            for each in cases:
                book.note(tx, account=by, case_no=each, what=What.SEARCH, purpose=_PURPOSE, now=now)
        return [each.authorisation.authorisation_no for each in mine]

    def _of_name(self, tx: Connection, wanted: str, now: datetime) -> list[Entry]:
        known = ledger.entries(tx, states=_OPEN) + ledger.entries(tx, states=FINAL, since=now - BY_NAME)
        digest = self._digest(wanted)
        return [each for each in known if secrets.compare_digest(self._name(tx, each), digest)]

    def _name(self, tx: Connection, entry: Entry) -> bytes:
        """The digest of its holder's name; opened once, because a license is large."""
        number = entry.authorisation.authorisation_no
        found = self._names.get(number)
        if found is None:
            try:
                record, _file, _at = documents.license_of(tx, self._identity, entry.authorisation)
            except YunhuobanError:
                return b""  # its license is not here (yet)
            found = self._names[number] = self._digest(plain(str(record["holder"])))
        return found

    def _digest(self, name: str) -> bytes:
        return hashlib.blake2b(name.encode(), key=self._key, digest_size=32).digest()


def plain(text: str) -> str:
    """As typed or scanned: full width is half width, blanks and the sort of a dot in a name do not matter."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).translate(_DOTS).upper()


def _case_no(text: str) -> str:
    """The case number, when it is one."""
    try:
        return str(CaseNo.parse(text))
    except YunhuobanError:
        return ""


def _of_case(tx: Connection, case_no: str) -> list[Entry]:
    wanted = select(PRINTS.c.authorisation_no).where(PRINTS.c.case_no == case_no)
    numbers = tx.execute(wanted.order_by(PRINTS.c.expires_at, PRINTS.c.authorisation_no)).scalars()
    return [ledger.entry(tx, each) for each in numbers.all()]
