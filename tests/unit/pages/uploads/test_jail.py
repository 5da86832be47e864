"""Whoever takes over the reader of a stranger's file has nothing: no network, no files, no processes, no time."""

from pathlib import Path

import pytest

from pages.uploads import jail
from pages.uploads.confinement import PROTECTIONS, Limits
from pages.uploads.inside import libraries
from schemas.errors import YunhuobanError

LIMITS = Limits(cpu_seconds=5)


def task(name: str, given: bytes = b"", seconds: float = 120) -> bytes:
    """Run a function of `jailed` in the jail, over a small file."""
    with jail.held(b"hello") as file:
        return jail.run_task(
            f"tests.unit.pages.uploads.jailed:{name}", given, file,
            limits=LIMITS, seconds=seconds, most_bytes=10_000,
        )  # fmt: skip


@pytest.mark.skipif(bool(jail.missing()), reason=f"this kernel lacks {jail.missing()}")
def test_nothing_can_be_done_from_inside(tmp_path):
    """Network, processes, signals, files, memory: every attempt is refused, and the file outside is as it was."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    first, *lines = task("attempts", str(secret).encode()).decode().splitlines()
    assert first == "data hello 5 s"
    assert [line for line in lines if not line.endswith(" refused")] == []
    assert len(lines) == 14
    assert {each.name for each in tmp_path.iterdir()} == {"secret"}
    assert secret.read_bytes() == b"secret"


def test_limits_end_the_child():
    """An endless reader ends by the clock, a talkative one by its bytes, a broken one is no answer."""
    with pytest.raises(YunhuobanError, match="E-PAGE-120"):
        task("endless", seconds=0.3)
    with pytest.raises(YunhuobanError, match="E-PAGE-120"):
        task("talkative", b"20000")
    with pytest.raises(YunhuobanError, match="E-PAGE-121"):
        task("broken")


def test_what_is_missing_is_said(monkeypatch):
    """A kernel that gives no protection is named in a sentence for county IT; one that gives all is no news."""
    monkeypatch.setattr(jail, "missing", lambda: PROTECTIONS)
    told = jail.warning()
    assert told is not None
    assert told.code.code == "E-PAGE-122"
    assert told.found == "network, files, processes"
    monkeypatch.setattr(jail, "missing", tuple)
    assert jail.warning() is None


def test_a_checkout_is_not_readable_as_a_whole():
    """Its packages are, what lies beside them is not; an installation's libraries are, all of them."""
    checkout, installed = Path("/srv/checkout"), Path("/opt/y/lib/python3.11/site-packages")
    assert str(checkout) not in libraries(checkout, [str(checkout), "/usr/lib/python3.11"])
    assert f"{checkout}/schemas" in libraries(checkout, [str(checkout), "/usr/lib/python3.11"])
    assert str(installed) in libraries(installed, ["", str(installed)])
