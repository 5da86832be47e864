"""Keeps the newest directory: what arrives is checked against our own anchors and against what was seen before.

A record says what changed and what the whole must amount to (`schemas.directory`). Whether it may be applied is seen by
trying: what we hold with the change in it must have the digest that the hub signed. Where it has not, something was
lost, and the hub is asked for what comes after the serial we hold (`asking`); where the record leads on from exactly
what we hold, our own copy is wrong, and the whole is asked for. Records may come late, twice or in any order.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from adapters.directory import asking, directoryview
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.instants import from_millis, to_millis
from adapters.store import tables
from certs import keys, signing
from certs.keys import Certificate
from certs.profiles import Role
from schemas import codec
from schemas import directory as form
from schemas.errors import YunhuobanError, declare

DIRECTORY_OLD: Final = declare("E-LINK-102", "收到的目录比已有的更旧。", "请联系联盟运维核对中枢是否被还原。")
NOT_OUR_KEY: Final = declare(
    "E-LINK-105",
    "目录中本县的加密密钥不是本机的密钥。",
    "请立即联系联盟运维核对：可能登记有误，也可能有人冒充本县。",
)
DIRECTORY_UNSOUND: Final = declare(
    "E-LINK-110", "收到的完整目录与中枢签名的散列不符，未予采用。", "本县会再次索取；若反复出现，请联系联盟运维。"
)
ENTRY_UNSOUND: Final = declare(
    "E-LINK-111", "目录中有一项的内容与它的键不符，未予采用。", "请联系联盟运维核对中枢的目录。"
)

Outcome = Literal["applied", "known", "part", "lacking"]
"""What became of a record: it is the newest now; it says nothing new; its other parts are awaited; we asked for more.
"""
_MOST_PARTS: Final = 512
_ONLY_ROW: Final = 1


@dataclass(frozen=True, slots=True)
class _Held:
    """What the store holds."""

    serial: int
    issued_at: datetime | None
    state_sha256: bytes
    entries: Mapping[str, bytes]


def accept(
    tx: Connection, body: bytes, signature: str, *, anchors: Sequence[Certificate], trial: bool, now: datetime
) -> Outcome:
    """Check a record of the directory and apply it, or ask for what it needs; an older one is never applied.

    Raises E-CERT-… for a signer or lists that are not good, E-CODEC-…, E-LINK-102 for an older serial or another
    directory under the serial we have, E-LINK-110 or -111 for a complete one that does not hold together.
    """
    record = codec.decode(body, "Directory")
    held = _held(tx)
    if record["serial"] < held.serial and held.issued_at is not None and record["issued_at"] < held.issued_at:
        return "known"  # it came late: one that was made later than ours and is older says that the hub was set back
    signed = [(body, signature)]
    entries = [(each["key"], each["value"]) for each in record["entries"]]
    removed = list(record["removed"])
    if record["parts"] > 1:
        parts = _gathered(tx, record, body, signature, held)
        if parts is None:
            return "part"
        signed = [(row.body, row.signature) for row in parts]
        records = [codec.decode(row.body, "Directory") for row in parts]
        entries = [(each["key"], each["value"]) for one in records for each in one["entries"]]
        removed = [key for one in records for key in one["removed"]]
    complete = record["since"] == 0 and record["parts"] > 0
    candidate = {} if complete else dict(held.entries)
    candidate |= dict(entries)
    for key in removed:
        candidate.pop(key, None)
    leads_on = record["parts"] > 0 and record["since"] <= held.serial
    if not leads_on and not _signer_known(candidate, held, signature):
        asking.want(tx, held.serial, now)  # the certificate that signed it may have come with what we lack
        return "lacking"
    _check_signer(candidate, signed, held=held, anchors=anchors, trial=trial, now=now)
    if record["serial"] < held.serial or (
        record["serial"] == held.serial and record["state_sha256"] != held.state_sha256
    ):
        raise YunhuobanError(DIRECTORY_OLD, place="serial", found=str(record["serial"]), expected=f"> {held.serial}")
    if record["serial"] == held.serial:
        return "known"
    digests = {key: form.value_digest(value) for key, value in candidate.items()}
    if form.state_digest(digests) != record["state_sha256"]:
        if complete:
            raise YunhuobanError(DIRECTORY_UNSOUND, place="state_sha256", found=str(record["serial"]))
        asking.want(tx, 0 if leads_on else held.serial, now)
        return "lacking"
    for key, value in entries:
        _check_entry(key, value)
    _keep(tx, record, candidate, held)
    return "applied"


def check_own_keys(view: DirectoryView, identity: Identity) -> None:
    """That the hub says of us what we said ourselves. Raises E-LINK-105."""
    member = view.members.get(identity.division_code)
    stated = member.statement.certificates if member and member.statement else ()
    if any(keys.thumbprint(each) not in identity.encryption_keys for each in stated):
        raise YunhuobanError(NOT_OUR_KEY, place="key_statement", found=str(view.serial))


def newest(
    tx: Connection, anchors: Sequence[Certificate], *, trial: bool, before: DirectoryView | None = None
) -> DirectoryView | None:
    """The directory that the store holds; what is as it was `before` is not read again."""
    row = _held_row(tx)
    if row is None:
        return None
    return directoryview.view(
        _entries(tx),
        serial=row.serial,
        expires_at=from_millis(row.expires_at),
        anchors=anchors,
        trial=trial,
        before=before,
    )


_SERIAL: Final = select(tables.directories.c.serial)


class CurrentDirectory:
    """The newest directory, brought up to date when its serial has moved. Safe to share between threads."""

    def __init__(self, identity: Identity, *, trial: bool) -> None:
        """Nothing is read before it is asked for."""
        self._identity = identity
        self._trial = trial
        self._view: DirectoryView | None = None
        self._lock = threading.Lock()

    def __call__(self, tx: Connection) -> DirectoryView | None:
        """What the store holds; None before the first directory came."""
        serial = tx.execute(_SERIAL).scalar()
        if serial is None:
            return None
        with self._lock:
            if self._view is None or self._view.serial != serial:
                self._view = newest(tx, self._identity.anchors, trial=self._trial, before=self._view)
            return self._view

    def demand(self, tx: Connection) -> DirectoryView:
        """The newest directory. Raises E-LINK-101."""
        found = self(tx)
        if found is None:
            raise YunhuobanError(directoryview.NO_DIRECTORY)
        return found


# How a part of the node asks for the newest directory inside a transaction.
AskDirectory = Callable[[Connection], DirectoryView | None]


def _held_row(tx: Connection) -> Any:
    return tx.execute(select(tables.directories)).one_or_none()


def _held(tx: Connection) -> _Held:
    row = _held_row(tx)
    if row is None:
        return _Held(0, None, b"", {})
    return _Held(row.serial, from_millis(row.issued_at), bytes(row.state_sha256), _entries(tx))


def _entries(tx: Connection) -> dict[str, bytes]:
    table = tables.directory_entries.c
    return {key: bytes(value) for key, value in tx.execute(select(table.key, table.value))}


def _gathered(tx: Connection, record: Mapping[str, Any], body: bytes, signature: str, held: _Held) -> list[Any] | None:
    """Keep one part; all of them once the last one is there. Only the newest serial's parts are awaited."""
    table = tables.directory_parts
    tx.execute(delete(table).where(table.c.serial < max(record["serial"], held.serial)))
    newest = tx.execute(select(table.c.serial).order_by(table.c.serial.desc()).limit(1)).scalar() or 0
    if record["serial"] <= held.serial or record["serial"] < newest:
        return None
    if not 1 <= record["part"] <= record["parts"] <= _MOST_PARTS:
        raise YunhuobanError(DIRECTORY_UNSOUND, place="part", found=f"{record['part']}/{record['parts']}")
    here = (table.c.serial == record["serial"]) & (table.c.since == record["since"])
    here &= table.c.parts == record["parts"]
    tx.execute(delete(table).where(here, table.c.part == record["part"]))
    named = {name: record[name] for name in ("serial", "since", "part", "parts")}
    tx.execute(insert(table).values(**named, body=body, signature=signature))
    rows = tx.execute(select(table).where(here).order_by(table.c.part)).all()
    if len(rows) < record["parts"]:
        return None
    tx.execute(delete(table).where(here))
    return list(rows)


def _signer_known(candidate: Mapping[str, bytes], held: _Held, signature: str) -> bool:
    named = f"{form.HUB_CERTIFICATE}/{signing.read_header(signature).thumbprint.hex()}"
    return named in candidate or named in held.entries


def _check_signer(
    candidate: Mapping[str, bytes],
    signed: Sequence[tuple[bytes, str]],
    *,
    held: _Held,
    anchors: Sequence[Certificate],
    trial: bool,
    now: datetime,
) -> None:
    """The signer must be a hub-signing certificate under our own anchors, judged by the lists that will count.

    A directory with older lists than those we know could hide a revocation.
    """
    floor = directoryview.chains(held.entries, anchors, trial=trial).crl_numbers()
    chains = directoryview.chains(candidate, anchors, trial=trial, crl_floor=floor)
    hub = directoryview.hub_certificates(candidate) | directoryview.hub_certificates(held.entries)
    for body, signature in signed:
        certificate = hub.get(signing.read_header(signature).thumbprint)
        if certificate is None:
            raise YunhuobanError(signing.SIGNATURE_OTHER_CERTIFICATE, place="directory")
        chains.facts([certificate], at=now).demand(Role.HUB_SIGNING)
        signing.verify(signature, body, certificate=certificate, typ=signing.Typ.DIRECTORY)


def _check_entry(key: str, value: bytes) -> None:
    try:
        directoryview.check_entry(key, value)
    except ValueError as error:
        raise YunhuobanError(ENTRY_UNSOUND, place=key[:80]) from error


def _keep(
    tx: Connection,
    record: Mapping[str, Any],
    candidate: Mapping[str, bytes],
    held: _Held,
) -> None:
    """Write what differs, and forget what was asked for."""
    entries = tables.directory_entries
    gone = [{"b_key": key} for key in held.entries if candidate.get(key) != held.entries[key]]
    new = [{"key": key, "value": value} for key, value in candidate.items() if held.entries.get(key) != value]
    if gone:
        tx.execute(delete(entries).where(entries.c.key == bindparam("b_key")), gone)
    if new:
        tx.execute(insert(entries), new)
    values = {
        "serial": record["serial"],
        "state_sha256": record["state_sha256"],
        "issued_at": to_millis(record["issued_at"]),
        "expires_at": to_millis(record["expires_at"]),
    }
    if held.issued_at is None:
        tx.execute(insert(tables.directories).values(id=_ONLY_ROW, **values))
    else:
        tx.execute(update(tables.directories).values(**values))
    parts = tables.directory_parts
    tx.execute(delete(parts).where(parts.c.serial <= record["serial"]))
    asking.satisfied(tx)
