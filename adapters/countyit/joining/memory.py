"""What a county keeps of its joining, beside its keys: `certs/joining.json`. Nothing in it is secret, nor the code."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from certs import files
from schemas.errors import YunhuobanError, declare

STATES: Final = ("requested", "approved", "active", "refused")
NOT_BEGUN: Final = declare(
    "E-JOIN-050", "本机没有加入申请的记录，或记录已损坏。", "请先用 adapter join 邀请码 生成申请。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """The one request that an answer is accepted for."""

    state: str
    """`requested`, `approved` (the answer was read in), `active` (the hub has said that we joined) or `refused`."""
    hub_fingerprint: str
    request_id: str
    request_sha256: str
    keys_fingerprint: str
    reason: str = ""
    address: str = ""
    """Of the hub's joining page; empty where files are carried."""
    told: str = ""
    """What the joining page said last, as it came (`schemas.joining.wire.Told`)."""
    told_at: int = 0
    section: str = ""
    """What `county.toml` should say of the hub by the answer, where it said something else."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises E-JOIN-050."""
        path = _path(folder)
        try:
            known = cls(**json.loads(files.read(path)))
        except (ValueError, TypeError, YunhuobanError) as error:
            raise YunhuobanError(NOT_BEGUN, place=path.name) from error
        if known.state not in STATES:
            raise YunhuobanError(NOT_BEGUN, place=path.name, expected=" | ".join(STATES))
        return known

    def save(self, folder: Path) -> None:
        """Raises E-CERT-002."""
        files.write_atomically(_path(folder), json.dumps(asdict(self), ensure_ascii=False, indent=1).encode())


def keep_request(folder: Path, file: bytes) -> None:
    """Keep the request as it was written: handed in again, it asks how it stands. Raises E-CERT-002."""
    files.write_atomically(folder / "joining-request.json", file, mode=files.PRIVATE)


def read_request(folder: Path) -> bytes:
    """Undo `keep_request`. Raises E-CERT-001."""
    return files.read(folder / "joining-request.json")


def begun(folder: Path) -> bool:
    """Whether there is one."""
    return _path(folder).exists()


def _path(folder: Path) -> Path:
    return folder / "joining.json"
