"""Keeps the newest directory: what arrives is checked against our own anchors and against what was seen before."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from adapters import directoryview
from adapters.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.instants import to_millis
from adapters.store import tables
from certs import keys, signing
from certs.keys import Certificate
from certs.profiles import Role
from schemas import codec
from schemas.errors import YunhuobanError, declare

DIRECTORY_OLD: Final = declare("E-LINK-102", "收到的目录比已有的更旧。", "请联系联盟运维核对中枢是否被还原。")
NOT_OUR_KEY: Final = declare(
    "E-LINK-105",
    "目录中本县的加密密钥不是本机的密钥。",
    "请立即联系联盟运维核对：可能登记有误，也可能有人冒充本县。",
)

_ONLY_ROW: Final = 1


def accept(
    tx: Connection, body: bytes, signature: str, *, anchors: Sequence[Certificate], trial: bool, now: datetime
) -> Mapping[str, Any]:
    """Check a directory and keep it as the newest; returns its record.

    Raises E-CERT-… for a signer or lists that are not good, E-CODEC-… or E-LINK-102: an older serial, or another
    directory under the serial we have.
    """
    record = codec.decode(body, "Directory")
    row = tx.execute(select(tables.directories)).one_or_none()
    floor = _lists_seen(row, anchors, trial=trial)
    _check_signer(record, body, signature, anchors=anchors, trial=trial, floor=floor, now=now)
    if row is not None and (record["serial"] < row.serial or (record["serial"] == row.serial and body != row.body)):
        raise YunhuobanError(DIRECTORY_OLD, place="serial", found=str(record["serial"]), expected=f"> {row.serial}")
    values = {
        "serial": record["serial"],
        "body": body,
        "signature": signature,
        "expires_at": to_millis(record["expires_at"]),
    }
    if row is None:
        tx.execute(insert(tables.directories).values(id=_ONLY_ROW, **values))
    else:
        tx.execute(update(tables.directories).values(**values))
    return record


def check_own_keys(view: DirectoryView, identity: Identity) -> None:
    """That the hub says of us what we said ourselves. Raises E-LINK-105."""
    member = view.members.get(identity.division_code)
    stated = member.statement.certificates if member and member.statement else ()
    if any(keys.thumbprint(each) not in identity.encryption_keys for each in stated):
        raise YunhuobanError(NOT_OUR_KEY, place="key_statement", found=str(view.serial))


class CurrentDirectory:
    """The newest directory, read again only when its serial has moved. Safe to share between threads."""

    def __init__(self, identity: Identity, *, trial: bool) -> None:
        """Nothing is read before it is asked for."""
        self._identity = identity
        self._trial = trial
        self._view: DirectoryView | None = None
        self._lock = threading.Lock()

    def __call__(self, tx: Connection) -> DirectoryView | None:
        """What the store holds; None before the first directory came."""
        serial = tx.execute(select(tables.directories.c.serial)).scalar()
        if serial is None:
            return None
        with self._lock:
            if self._view is None or self._view.serial != serial:
                body = tx.execute(select(tables.directories.c.body)).scalar_one()
                record = codec.decode(body, "Directory")
                self._view = directoryview.view(record, anchors=self._identity.anchors, trial=self._trial)
            return self._view

    def demand(self, tx: Connection) -> DirectoryView:
        """The newest directory. Raises E-LINK-101."""
        found = self(tx)
        if found is None:
            raise YunhuobanError(directoryview.NO_DIRECTORY)
        return found


# How a part of the node asks for the newest directory inside a transaction.
AskDirectory = Callable[[Connection], DirectoryView | None]


def _lists_seen(row: Any, anchors: Sequence[Certificate], *, trial: bool) -> Mapping[str, int]:
    """The numbers of the revocation lists we know: a directory with older ones could hide a revocation."""
    if row is None:
        return {}
    return directoryview.chains(codec.decode(row.body, "Directory"), anchors, trial=trial).crl_numbers()


def _check_signer(
    record: Mapping[str, Any],
    body: bytes,
    signature: str,
    *,
    anchors: Sequence[Certificate],
    trial: bool,
    floor: Mapping[str, int],
    now: datetime,
) -> None:
    """The signer must be a hub-signing certificate under our own anchors, judged by the lists inside."""
    thumbprint = signing.read_header(signature).thumbprint
    hub = {keys.thumbprint(each): each for each in map(keys.certificate_from_der, record["hub_certificates"])}
    if thumbprint not in hub:
        raise YunhuobanError(signing.SIGNATURE_OTHER_CERTIFICATE, place="directory")
    chains = directoryview.chains(record, anchors, trial=trial, crl_floor=floor)
    chains.facts([hub[thumbprint]], at=now).demand(Role.HUB_SIGNING)
    signing.verify(signature, body, certificate=hub[thumbprint], typ=signing.Typ.DIRECTORY)
