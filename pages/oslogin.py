"""Who typed a command, as the kernel knows it: for the records of both sides.

The environment is not asked (`getpass.getuser` believes `LOGNAME`, which everybody may set). sudo and su change whom
one works as and not who has signed in: Linux keeps that as the login's number, which only a privileged process can set
and which sshd and login do set (pam_loginuid(8), audit_setloginuid(3)). In a container there mostly is none.
"""

import os
import pwd
from pathlib import Path
from typing import Final

_LOGIN: Final = Path("/proc/self/loginuid")
_NOBODY_SIGNED_IN: Final = 2**32 - 1


def account(login: Path = _LOGIN) -> str:
    """`os:li` of who works under their own name, `os:li/root` of who signed in as li and works as root."""
    acting, signed_in = os.getuid(), _signed_in(login)
    if signed_in is None or signed_in == acting:
        return f"os:{_name(acting)}"
    return f"os:{_name(signed_in)}/{_name(acting)}"


def _signed_in(login: Path) -> int | None:
    try:
        number = int(login.read_text(encoding="ascii"))
    except (OSError, ValueError):  # a kernel without it
        return None
    return None if number == _NOBODY_SIGNED_IN else number


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # an account that is only a number, as containers have
        return str(number)
