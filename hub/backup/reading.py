"""Checks a backup with its key: every octet authenticated, nothing missing, and the journal as its checkpoint says."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from certs import keys, sealedfile
from certs.keys import PrivateKey
from hub.backup.form import NOT_A_BACKUP, Manifest, frames, rows_of
from hub.history.journal import leaf_of
from schemas.errors import YunhuobanError, declare
from schemas.tree import Frontier

OTHER_KEY: Final = declare("E-BACKUP-006", "这份备份不是为这把恢复密钥加密的。", "请用备份当时的恢复密钥。")
OTHER_JOURNAL: Final = declare(
    "E-BACKUP-007", "备份中的账本与清单上的检查点不符。", "请不要用这份备份；请改用另一份，并保留此份供查证。"
)


class _Row:
    """A row of the journal by attribute, as the store gives it."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


@dataclass(slots=True)
class Contents:
    """What went by while the frames were read."""

    files: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    tree: Frontier = field(default_factory=Frontier)
    ended: bool = False


def manifest(path: Path) -> Manifest:
    """The manifest, without any key. Raises E-BACKUP-001."""
    try:
        with path.open("rb") as file:
            return Manifest.read(file)[0]
    except OSError as error:
        raise YunhuobanError(NOT_A_BACKUP, place=path.name, found=type(error).__name__) from error


def contents(path: Path, key: PrivateKey) -> Iterator[tuple[dict[str, Any], Any]]:
    """Every frame: (head, bytes) of a file and (head, rows) of a table, each authenticated.

    What was handed out counts only when the iteration has come to its end: then nothing is missing, and the journal's
    leaves have the root that the manifest's checkpoint signs. Raises E-BACKUP-001, -006, -007 or E-CERT-088.
    """
    seen = Contents()
    with path.open("rb") as file:
        said, header = Manifest.read(file)
        if sha256(keys.public_bytes(key.public_key())).hexdigest() != said.recovery_key:
            raise YunhuobanError(OTHER_KEY, place="recovery_key")
        for head, octets in frames(sealedfile.opened(file, header=header, key=key)):
            if seen.ended:
                raise YunhuobanError(NOT_A_BACKUP, place="end")
            match head.get("kind"):
                case "file":
                    seen.files += 1
                    yield head, octets
                case "rows":
                    rows = rows_of(head, octets)
                    seen.rows[head["table"]] = seen.rows.get(head["table"], 0) + len(rows)
                    if head["table"] == "journal":
                        _grow(seen, rows)
                    yield head, rows
                case "end":
                    _finished(seen, head)
                case other:
                    raise YunhuobanError(NOT_A_BACKUP, place="kind", found=str(other)[:20])
    if not seen.ended:
        raise YunhuobanError(NOT_A_BACKUP, place="end")
    root = seen.tree.root().hex() if seen.tree.size else ""
    if (seen.tree.size, root) != (said.size, said.root):
        raise YunhuobanError(OTHER_JOURNAL, place="journal", found=str(seen.tree.size), expected=str(said.size))


def check(path: Path, key: PrivateKey) -> dict[str, int]:
    """Read everything to the end; returns how many rows each table has. Raises as `contents` does."""
    rows: dict[str, int] = {}
    for head, what in contents(path, key):
        if head["kind"] == "rows":
            rows[head["table"]] = rows.get(head["table"], 0) + len(what)
    return rows


def _grow(seen: Contents, rows: list[dict[str, Any]]) -> None:
    """The tree over the leaves, made again from the rows."""
    for row in rows:
        if row["leaf_index"] != seen.tree.size:
            raise YunhuobanError(OTHER_JOURNAL, place=f"journal/{seen.tree.size}")
        try:
            seen.tree = seen.tree.append(leaf_of(_Row(row)).hash())
        except (ValueError, OverflowError) as error:
            raise YunhuobanError(OTHER_JOURNAL, place=f"journal/{seen.tree.size}") from error


def _finished(seen: Contents, head: dict[str, Any]) -> None:
    counts = {name: number for name, number in head["rows"].items() if number}
    if head["files"] != seen.files or counts != seen.rows:
        raise YunhuobanError(NOT_A_BACKUP, place="end")
    seen.ended = True
