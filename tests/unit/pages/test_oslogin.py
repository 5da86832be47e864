"""The records name who signed in at the machine, not whom they then work as, and not what they say of themselves."""

import os
import pwd
from pathlib import Path

import pytest

from pages.oslogin import account

ACTING = pwd.getpwuid(os.getuid()).pw_name
OTHER = next(each for each in pwd.getpwall() if each.pw_uid != os.getuid())


def kept(tmp_path: Path, text: str) -> Path:
    """What the kernel would say."""
    (tmp_path / "loginuid").write_text(text)
    return tmp_path / "loginuid"


def test_who_signed_in_is_named_beside_whom_they_work_as(tmp_path: Path) -> None:
    """After sudo it is still known who it was; an account that has no name is a number."""
    assert account(kept(tmp_path, str(OTHER.pw_uid))) == f"os:{OTHER.pw_name}/{ACTING}"
    assert account(kept(tmp_path, "54321")) == f"os:54321/{ACTING}"
    assert account(kept(tmp_path, str(os.getuid()))) == f"os:{ACTING}"


@pytest.mark.parametrize("said", ["4294967295", "", "no number"])
def test_where_nobody_signed_in_it_is_whom_the_process_works_as(tmp_path: Path, said: str) -> None:
    """In a container, or at a kernel that keeps no such number."""
    assert account(kept(tmp_path, said)) == f"os:{ACTING}"
    assert account(tmp_path / "none") == f"os:{ACTING}"


def test_nobody_takes_another_name_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`LOGNAME=somebody hub county state …` is not recorded as somebody."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "somebody")
    assert account(tmp_path / "none") == f"os:{ACTING}"
