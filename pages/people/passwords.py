"""Passwords: Argon2id with the parameters of RFC 9106, and the rules of NIST SP 800-63B section 5.1.1.2.

Length counts and nothing else; what everybody tries first and the account's own name are refused. Verifying costs the
same time whether the account exists or not, and at most two run at once: 64 MiB each would otherwise be an easy way to
exhaust a county's small machine.
"""

import secrets
import threading
import unicodedata
from collections.abc import Collection
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from schemas.errors import YunhuobanError, declare

SHORTEST: Final = 10  # characters
LONGEST: Final = 128
_TELLING: Final = 4  # an account name shorter than this is part of many a word

TOO_WEAK: Final = declare(
    "E-USER-005",
    "这个密码不能用：至少 10 个字符，不能是常见密码、本地的名称或全是数字，也不能含有账号名。",
    "请换一个密码；几个不相干的词连在一起就很好，不要求大小写和符号。",
)

PARAMETERS: Final = RFC_9106_LOW_MEMORY  # its second recommended option: 3 passes, 64 MiB, 4 lanes
_RUNNING: Final = threading.BoundedSemaphore(2)
# What is tried first here, lower case; digits in a row and repeated signs are found by rule instead.
_COMMON: Final = (
    "password", "passw0rd", "p@ssw0rd", "p@ssword", "qwertyuiop", "qwerty", "qaz2wsx", "q2w3e4r", "zaq12wsx",
    "q1w2e3r4", "qazwsxedc", "asdfghjkl", "zxcvbnm", "iloveyou", "letmein", "welcome", "administrator", "admin", "abc",
    "a1b2c3d4", "woaini", "woaizhongguo", "zhongguo", "changeme", "yunhuoban", "zhengwu", "xingzheng", "shenpi",
    "huawei", "root", "test", "guest", "user", "default",
)  # fmt: skip
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz"
_LETTERS, _DIGITS = "abcdefghjkmnpqrstuvwxyz", "23456789"  # no sign that is taken for another
_GROUPS, _GROUP_LETTERS = 4, 3


def check(password: str, account: str, words: Collection[str] = ()) -> None:
    """Whether a new password may be used for this account, at a place with these words. Raises E-USER-005.

    Its name in characters, its pinyin, its code: who tries passwords here begins with them (ASVS 5.0, V6.2.11).
    """
    plain = _normal(password)
    low = plain.lower()
    own = account in low if len(account) >= _TELLING else low.startswith(account * 2)
    if not SHORTEST <= len(plain) <= LONGEST or own or _is_common(low) or _once(_letters(low)) in words:
        raise YunhuobanError(TOO_WEAK, place="password", expected=f"{SHORTEST}–{LONGEST}")


def first() -> str:
    """One for the first sign-in only, to be read out or written down: 66 bits.

    A digit and three letters, four times: no account's name can be in it, so that `check` never refuses it.
    """
    return "+".join(
        secrets.choice(_DIGITS) + "".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LETTERS))
        for _ in range(_GROUPS)
    )


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _RUNNING:
        return _hasher().hash(_normal(password))


def is_right(kept: str | None, password: str) -> bool:
    """Whether it is the password; without an account it takes as long and never is."""
    with _RUNNING:
        try:
            return _hasher().verify(kept or _nobodys(), _normal(password)[: LONGEST + 1]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return _hasher().check_needs_rehash(kept)


def _is_common(low: str) -> bool:
    """A common one, lengthened by digits and signs or repeated; digits only: a telephone or identity number."""
    bare = low.strip("0123456789!@#$%^&*._-+=?~ ")
    return not bare or low in _ALPHABET or any(_once(each) in _COMMON for each in (low, bare)) or len(_once(low)) <= 2


def _letters(low: str) -> str:
    """What is left without digits and signs, wherever they stand: `wuqiaoxian` of `Wuqiao-xian@2026`."""
    return "".join(each for each in low if each.isalpha())


def _once(text: str) -> str:
    """The shortest part of which it is a repetition."""
    sizes = (size for size in range(1, len(text) + 1) if not len(text) % size)
    return next(text[:size] for size in sizes if text == text[:size] * (len(text) // size))


def _normal(password: str) -> str:
    """One form of the same characters, whatever keyboard typed them (SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", password)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher.from_parameters(PARAMETERS)


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody's")
