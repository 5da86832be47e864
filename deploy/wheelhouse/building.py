"""Fills a wheelhouse: wheels by the lock's hashes, our own from this checkout, digests of all, and the signature."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from deploy.wheelhouse import inventory, locked
from deploy.wheelhouse.target import Target, least_glibc

CHECKOUT: Final = Path(__file__).resolve().parents[2]
SUMS: Final = "SHA256SUMS"
SIGNATURE: Final = "SHA256SUMS.sig"
_HERE: Final = Path(__file__).resolve().parent
_BESIDE: Final = (
    "docs/zh-CN/running.md",
    "docs/en/running.md",
    "deploy/systemd/yhb-county.service",
    "deploy/systemd/yhb-hub.service",
)
"""What a person without a network wants to read there."""


class BuildError(Exception):
    """A step failed; the text is for a person."""


def fill(folder: Path, target: Target) -> None:
    """Put everything but digests and signature into an empty folder. Raises BuildError or LockError."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    lines = locked.runtime(_text("requirements.lock"), _text("pyproject.toml"))
    needed = [each for each in lines if target.needs(each.marker)]
    requirements = folder / "requirements.txt"
    requirements.write_text("".join(f"{each.line()}\n" for each in needed), encoding="utf-8")
    for file in (requirements, _HERE / "pip.txt"):
        _run("pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:",
             *target.options(), "--dest", str(wheels), "--requirement", str(file))  # fmt: skip
    _run("build", "--wheel", "--no-isolation", "--outdir", str(wheels), str(CHECKOUT))
    (own,) = wheels.glob("yunhuoban-*.whl")
    ours = f"yunhuoban=={own.name.split('-')[1]} \\\n    --hash=sha256:{digest(own)}\n"
    requirements.write_text(requirements.read_text(encoding="utf-8") + ours, encoding="utf-8")
    manifest = CHECKOUT / "pages" / "assets" / "vendor" / "manifest.json"
    folder.joinpath(inventory.FILE).write_text(inventory.written(wheels, manifest), encoding="utf-8")
    said = {
        "python": target.python,
        "platform": target.system,
        "glibc": least_glibc(each.name for each in wheels.iterdir()),
    }
    folder.joinpath("PLATFORM").write_text("".join(f"{key}={value}\n" for key, value in said.items()), "ascii")
    shutil.copy(_HERE / "install.sh", folder)
    for name in _BESIDE:
        beside = folder / name
        beside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, beside)


def sums(folder: Path) -> str:
    """Every file's digest, as `sha256sum --check` reads it."""
    files = sorted(each.relative_to(folder) for each in folder.rglob("*") if each.is_file())
    return "".join(
        f"{digest(folder / each)}  {each.as_posix()}\n" for each in files if each.name not in {SUMS, SIGNATURE}
    )


def sign(folder: Path, key: Path) -> None:
    """Write digests and signature; OpenSSL asks for the key's passphrase itself. Raises BuildError."""
    folder.joinpath(SUMS).write_text(sums(folder), encoding="utf-8")
    signature = folder / SIGNATURE
    openssl("dgst", "-sha256", "-sign", str(key), "-out", str(signature), str(folder / SUMS))


def public_half(key: Path, file: Path) -> str:
    """Write the key's public half; its fingerprint, to be compared by telephone. Raises BuildError."""
    openssl("pkey", "-in", str(key), "-pubout", "-out", str(file))
    der = openssl("pkey", "-pubin", "-in", str(file), "-outform", "DER")
    return hashlib.sha256(der).hexdigest()


def openssl(*words: str) -> bytes:
    """Run OpenSSL, which may ask the person at the terminal. Raises BuildError."""
    program = shutil.which("openssl")
    if program is None:
        raise BuildError("没有 openssl 命令。There is no openssl command: apt install openssl")
    done = subprocess.run([program, *words], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise BuildError(f"openssl {words[0]}: {done.returncode}")
    return done.stdout


def digest(file: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _run(module: str, *words: str) -> None:
    command = [sys.executable, "-m", module, *words]
    # Built again in a year it is the same to the byte: no time of building in it (reproducible-builds.org).
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1577836800"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{module}: {(done.stderr or done.stdout).strip()[-2000:]}")


def _text(name: str) -> str:
    return CHECKOUT.joinpath(name).read_text(encoding="utf-8")
