"""One step of a county's renewal, taken every few seconds by the running node, and by `adapter renew` without one.

    due       three quarters of a certificate's life are over (its profile says so): ask
    asked     the answer is awaited; a month before the end a person is told, every day, until it is done
    answered  checked; the new encryption key opens from now on; the connection changes over at once; a new card is
              written, and handed to the hub by whoever carries files
    listed    the directory names our new certificates, so everybody can check and address us by them: signing and
              encryption change over; the old encryption key stays for what still comes, the old certificates to their
              end

Nothing of it stops the node: it goes on under the old keys until the new ones are known to the others. Keys and
certificates that a command puts into the folder meanwhile (`adapter renew`, `adapter key`) are taken up as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import structlog

from adapters.countyit.renewing import answer, cards, nextkeys, request
from adapters.countyit.renewing.request import ANSWER, CARD, REQUEST
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.local import troublebook
from adapters.settings import CountySettings
from adapters.store import Store
from certs import files, keys
from certs.renewal import Span, span
from schemas.errors import YunhuobanError, declare
from schemas.renewing.files import ROLES

_log = structlog.get_logger(__name__)
_TROUBLE: Final = "renewal"
_TOLD_EVERY: Final = timedelta(days=1)

ENDS_SOON: Final = declare(
    "E-RENEW-030",
    "本县的 {role} 证书还有 {days} 天到期，续期还没有完成。",
    "请用 adapter renew 查看办到哪一步：申请送发证机构，答复放回 renewal 文件夹，新登记卡交给中枢。",
)


class Stage(StrEnum):
    """Where the renewal stands."""

    RESTING = "resting"
    DUE = "due"
    ASKED = "asked"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Standing:
    """What people are shown: the stage, and each role's certificate in force."""

    stage: Stage
    spans: dict[str, Span]


def standing(settings: CountySettings, now: datetime) -> Standing:
    """Read it off the files. Raises E-CERT-001 or -003 for a certificate that cannot be read."""
    folder = settings.certificates
    spans = {name: span(nextkeys.certificate_in_use(folder, name)) for name in ROLES}
    if nextkeys.installed(folder):
        return Standing(Stage.ANSWERED, spans)
    if request.asked(settings):
        return Standing(Stage.ASKED, spans)
    due = any(each.renew_at <= now for each in spans.values())
    return Standing(Stage.DUE if due else Stage.RESTING, spans)


class Renewer:
    """One node's."""

    def __init__(
        self, *, settings: CountySettings, identity: Identity, store: Store, clock: Callable[[], datetime]
    ) -> None:
        """`identity` is the one that the node's parts hold; it is renewed in place."""
        self._settings = settings
        self._identity = identity
        self._store = store
        self._clock = clock
        self._told_at: datetime | None = None
        self._seen: tuple[tuple[str, int], ...] = ()

    def run_once(self, directory: DirectoryView | None) -> int:
        """Take the next step, if there is one to take; returns how many. Raises E-CERT-… or E-RENEW-…."""
        now, settings = self._clock(), self._settings
        nextkeys.settle(settings.certificates)
        self._refresh()
        found = standing(settings, now)
        self._tell(found, now)
        match found.stage:
            case Stage.DUE:
                request.ask(settings, self._identity, now)
                _log.info("renewal.asked")
                return 1
            case Stage.ASKED if (settings.renewal / ANSWER).exists():
                self._take(directory, now)
                return 1
            case Stage.ANSWERED if directory is not None and self._listed(directory):
                self._change_over()
                return 1
            case Stage.ANSWERED if not (settings.renewal / CARD).exists():
                self._write_card(now)  # it was carried away, or never written: it is wanted until the directory says so
                return 1
        return 0

    def _refresh(self) -> None:
        """Hold what lies in the folder, whoever has put it there; half a change is looked at again."""
        folder = self._settings.certificates
        paths = sorted((*folder.glob("*.pem"), *folder.glob(f"{nextkeys.NEXT}/*.pem")))
        state = tuple((path.name, path.stat().st_mtime_ns) for path in paths if path.exists())
        if state == self._seen:
            return
        fresh = Identity.load(self._settings)
        if fresh.is_whole():
            self._identity.renew(fresh)
            self._seen = state

    def _take(self, directory: DirectoryView | None, now: datetime) -> None:
        """A file that is not the answer is set aside, so that the right one can be put in its place."""
        settings, came = self._settings, self._settings.renewal / ANSWER
        try:
            answer.take(settings, self._identity, files.read(came), directory=directory, now=now)
        except YunhuobanError as error:
            came.replace(came.with_name(f"refused-{ANSWER}"))
            with self._store.write() as tx:
                troublebook.note(tx, f"{_TROUBLE}/answer", error, now)
            raise
        with self._store.write() as tx:
            troublebook.clear(tx, f"{_TROUBLE}/answer")
        nextkeys.settle(settings.certificates)
        self._refresh()
        self._write_card(now)
        _log.info("renewal.answered")

    def _write_card(self, now: datetime) -> None:
        folder = self._settings.renewal
        text = cards.renewed(self._settings, self._identity, now=now)
        files.write_atomically(folder / CARD, text.encode())
        (folder / ANSWER).unlink(missing_ok=True)

    def _listed(self, directory: DirectoryView) -> bool:
        """Whether the hub says of us what the new card says, so that everybody can use it."""
        member = directory.members.get(self._settings.division_code)
        if member is None or member.statement is None:
            return False
        signer, opener = (nextkeys.certificate(self._settings.certificates, each) for each in ("signing", "encryption"))
        stated = {keys.thumbprint(each) for each in member.statement.certificates}
        return keys.thumbprint(signer) in member.signers and keys.thumbprint(opener) in stated

    def _change_over(self) -> None:
        """Encryption before signing: the signing certificate says that something is left to be done."""
        folder = self._settings.certificates
        for name in ("encryption", "signing"):
            nextkeys.change_over(folder, name)
        self._refresh()
        nextkeys.forget(folder)
        for name in (REQUEST, CARD):
            (self._settings.renewal / name).unlink(missing_ok=True)
        _log.info("renewal.changed_over")
        with self._store.write() as tx:
            troublebook.clear(tx, _TROUBLE)

    def _tell(self, found: Standing, now: datetime) -> None:
        """Once a day; the page and `adapter status` show it until the renewal is done."""
        late = {name: each for name, each in found.spans.items() if each.warns(now)}
        if not late or (self._told_at is not None and now - self._told_at < _TOLD_EVERY):
            return
        self._told_at = now
        name, first = min(late.items(), key=lambda each: each[1].ends_at)
        days = str(first.days_left(now))
        error = YunhuobanError(ENDS_SOON, place=f"certs/{name}.pem", found=found.stage, role=name, days=days)
        _log.warning("renewal.late", code=error.code.code, place=error.place)
        with self._store.write() as tx:
            troublebook.note(tx, _TROUBLE, error, now)
