"""What goes into a wheelhouse, for which machine, and what `install.sh` refuses; the whole of it is a long test."""

import hashlib
import json
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.wheelhouse import __main__ as command
from deploy.wheelhouse import building, inventory, locked
from deploy.wheelhouse.locked import LockError
from deploy.wheelhouse.target import Target, least_glibc

CHECKOUT = Path(__file__).resolve().parents[3]
LOCK = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
WINDOWS = Target(python="3.12", platforms=("win_amd64",))


def test_the_locks_own_lines_without_the_developers_tools() -> None:
    """All that the project names and what that asks for, each with version and hashes; no pytest, no Chromium."""
    lines = {each.name: each for each in locked.runtime(LOCK, PROJECT)}
    named = re.findall(r'^  "([A-Za-z0-9-]+)[>=]', PROJECT.partition("[project.optional")[0], re.MULTILINE)
    assert len(named) > 20
    assert {each.lower() for each in named} <= lines.keys()
    assert {"psycopg-binary", "cffi", "lxml"} <= lines.keys()
    assert not {"pytest", "playwright", "mypy", "ruff", "build"} & lines.keys()
    for each in lines.values():
        assert each.line() in LOCK.replace(f" ; {each.marker}", "").replace("[binary]", "")


def test_the_inventory_names_everything_that_is_installed(tmp_path: Path) -> None:
    """CycloneDX: each wheel with the digest of its file, each script of others; our own is what it is about."""
    lines = locked.runtime(LOCK, PROJECT)
    for name, version in [*((each.name, each.version) for each in lines), ("yunhuoban", "0.1.0")]:
        (tmp_path / f"{name.replace('-', '_')}-{version}-py3-none-any.whl").write_text(name)
    manifest = CHECKOUT / "pages" / "assets" / "vendor" / "manifest.json"
    told = json.loads(inventory.written(tmp_path, manifest))
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    own = told["metadata"]["component"]
    assert (own["type"], own["purl"]) == ("application", "pkg:pypi/yunhuoban@0.1.0")
    parts = {each["purl"]: each for each in told["components"]}
    assert len(parts) == len(told["components"])
    assert parts.keys() >= {f"pkg:pypi/{each.name}@{each.version}" for each in lines}
    typst = next(each for each in lines if each.name == "typst")
    assert parts[f"pkg:pypi/typst@{typst.version}"]["hashes"] == [
        {"alg": "SHA-256", "content": hashlib.sha256(b"typst").hexdigest()}
    ]
    scripts = json.loads(manifest.read_text(encoding="utf-8"))
    assert {f"pkg:npm/{name}@{each['version']}" for name, each in scripts.items()} < parts.keys()


@pytest.mark.parametrize("odd", ["-e .", "x==1", "--index-url http://evil", "x @ file:///x \\", "    # via"])
def test_a_lock_that_is_not_understood_is_refused(odd: str) -> None:
    """Nothing is left out in silence, and no line without a hash passes."""
    with pytest.raises(LockError):
        locked.runtime(f"{odd}\n{LOCK}", PROJECT)


def test_a_lock_that_says_too_little_is_refused() -> None:
    """A line without a hash; a name twice, of which one would be lost; a lock without what the extra names."""
    with pytest.raises(LockError, match="no hash"):
        locked.parse("x==1 \\\n    # via yunhuoban (pyproject.toml)\n")
    with pytest.raises(LockError, match="aiohttp"):
        locked.parse(LOCK + LOCK[LOCK.index("aiohttp==") : LOCK.index("aiosignal==")])
    with pytest.raises(LockError, match="psycopg"):
        locked.runtime("", PROJECT)


def test_a_line_counts_where_its_marker_says() -> None:
    """What only Windows needs goes to Windows, whatever machine builds."""
    marker = locked.parse(LOCK)["colorama"].marker
    assert (Target.here().needs(marker), WINDOWS.needs(marker), WINDOWS.needs("")) == (False, True, True)


@pytest.mark.parametrize(
    ("platform", "system"),
    [
        ("win_amd64", "win-amd64"),
        ("manylinux_2_28_x86_64", "linux-x86_64"),
        ("manylinux2014_aarch64", "linux-aarch64"),
    ],
)
def test_pips_names_of_machines_are_pythons(platform: str, system: str) -> None:
    """What the county's Python says of its machine is compared with it."""
    assert Target(python="3.11", platforms=(platform,)).system == system


def test_the_newest_c_library_that_any_wheel_needs() -> None:
    """Of the names of one wheel the oldest counts, of all wheels the newest (PEP 600)."""
    old = "x-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    new = "y-1-cp311-abi3-manylinux_2_28_x86_64.whl"
    assert [least_glibc(each) for each in ([old], [old, new], ["z-1-py3-none-any.whl"])] == ["2.17", "2.28", ""]


def test_without_a_key_a_person_is_told_how_to_make_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Nothing is built that nobody has signed."""
    assert command.main(["--out", str(tmp_path / "w"), "--key", str(tmp_path / "none")]) == 1
    assert "openssl genpkey" in capsys.readouterr().err
    assert not (tmp_path / "w").exists()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pairs of keys."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("release", "other"):
        building.openssl(
            "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(folder / f"{name}.key")
        )
        building.public_half(folder / f"{name}.key", folder / f"{name}.pub")
    return folder


@pytest.fixture
def house(keys: Path, tmp_path: Path) -> Path:
    """A signed wheelhouse of small files: its pip is none, so that nothing can be installed from it in the end."""
    folder = tmp_path / "house"
    (folder / "wheels").mkdir(parents=True)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    for name, text in (
        ("install.sh", (CHECKOUT / "deploy/wheelhouse/install.sh").read_text(encoding="utf-8")),
        ("PLATFORM", f"python={python}\nplatform={sysconfig.get_platform()}\nglibc=2.17\n"),
        ("requirements.txt", "x==1\n"),
        ("wheels/pip-0-py3-none-any.whl", "no wheel"),
        ("wheels/x-1-py3-none-any.whl", "no wheel either"),
    ):
        folder.joinpath(name).write_text(text, encoding="utf-8")
    building.sign(folder, keys / "release.key")
    return folder


def installing(house: Path, key: Path) -> tuple[int, str, bool]:
    """Exit status, what was said, and whether anything is left where it was to go."""
    target = house.parent / "opt"
    path = f"{Path(sys.executable).resolve().parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["sh", str(house / "install.sh"), str(key), str(target)],
        cwd="/", env={"PATH": path}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr, target.exists()


def changed_byte(house: Path) -> None:
    """One bit of one wheel."""
    file = house / "wheels/x-1-py3-none-any.whl"
    data = bytearray(file.read_bytes())
    data[3] ^= 1
    file.write_bytes(data)


def changed_with_its_digest(house: Path) -> None:
    """A wheel, and the list of digests made to fit."""
    changed_byte(house)
    house.joinpath("SHA256SUMS").write_text(building.sums(house), encoding="utf-8")


def one_more(house: Path) -> None:
    """A newer wheel that pip would prefer."""
    house.joinpath("wheels/x-2-py3-none-any.whl").write_text("!", encoding="utf-8")


def one_link(house: Path) -> None:
    """A link out of the folder."""
    house.joinpath("wheels/y-1-py3-none-any.whl").symlink_to("/etc/passwd")


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a changed byte": (changed_byte, "wheels/x-1"),
    "a changed byte and its digest": (changed_with_its_digest, "signature does not hold"),
    "one file more": (one_more, "not signed for"),
    "one link more": (one_link, "not signed for"),
    "one file less": (lambda house: house.joinpath("PLATFORM").unlink(), "PLATFORM"),
    "no signature": (lambda house: house.joinpath("SHA256SUMS.sig").unlink(), "signature does not hold"),
}


@pytest.mark.parametrize(("change", "said"), CHANGES.values(), ids=CHANGES)
def test_what_was_not_signed_is_not_installed(
    house: Path, keys: Path, change: Callable[[Path], object], said: str
) -> None:
    """One sentence in each language, exit 1, and nothing was done."""
    change(house)
    code, words, left = installing(house, keys / "release.pub")
    assert (code, said in words, words.count("✗"), left) == (1, True, 2, False)


def test_another_key_is_not_ours(house: Path, keys: Path) -> None:
    """A whole wheelhouse, well signed by somebody else."""
    building.sign(house, keys / "other.key")
    code, words, left = installing(house, keys / "release.pub")
    assert (code, "signature does not hold" in words, left) == (1, True, False)


@pytest.mark.parametrize("line", ["python=3.99", "platform=win-amd64", "glibc=2.999"])
def test_another_machine_is_told_what_it_is_for(house: Path, keys: Path, line: str) -> None:
    """Before anything is made: a wrong Python, another system, an older C library."""
    file, name = house / "PLATFORM", line.partition("=")[0]
    file.write_text(re.sub(rf"^{name}=.*$", line, file.read_text("ascii"), flags=re.MULTILINE), "ascii")
    building.sign(house, keys / "release.key")
    code, words, left = installing(house, keys / "release.pub")
    assert (code, line.partition("=")[2] in words, left) == (1, True, False)


def test_what_cannot_end_leaves_nothing(house: Path, keys: Path) -> None:
    """All is signed, but pip does not run: the half installation is removed; one that was there is not touched."""
    code, words, left = installing(house, keys / "release.pub")
    assert (code, "was removed" in words, left) == (1, True, False)
    mine = house.parent / "opt" / "mine"
    mine.mkdir(parents=True)
    code, words, left = installing(house, keys / "release.pub")
    assert (code, "exists already" in words, left) == (1, True, True)
    assert list(mine.parent.iterdir()) == [mine]
