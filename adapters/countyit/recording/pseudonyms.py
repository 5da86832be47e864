"""Choices that depend on a value and on a key that nobody keeps: the same value, the same choice, and no way back.

The key is drawn for one recording and lives as long as its process does; it is written nowhere. Without it nobody can
try out all identity numbers until one fits (HMAC, RFC 2104; pseudonyms by keyed hash, ENISA 2019, ch. 5.3).
"""

import hmac
import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, TypeVar

Each = TypeVar("Each")

_KEY_BYTES: Final = 32
_YEARS: Final = 5  # a date moves by up to so many: a grown-up stays one, near enough


class Pseudonyms:
    """One recording's choices."""

    def __init__(self) -> None:
        """Draw the key."""
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._seeds: dict[tuple[str, str], bytes] = {}

    def seed(self, kind: str, value: str) -> bytes:
        """What stands for a value of a kind, whatever its length: its keyed digest, computed once."""
        found = self._seeds.get((kind, value))
        if found is None:
            text = f"{kind}\0{value}".encode(errors="surrogatepass")
            found = self._seeds[kind, value] = hmac.digest(self._key, text, "sha256")
        return found

    def number(self, kind: str, value: str, position: int, below: int) -> int:
        """A number below a bound for one position of a value; it differs between kinds of values."""
        drawn = hmac.digest(self.seed(kind, value), position.to_bytes(8), "sha256")
        return int.from_bytes(drawn[:16]) % below

    def one_of(self, kind: str, value: str, position: int, choices: Sequence[Each]) -> Each:
        """One of several things."""
        return choices[self.number(kind, value, position, len(choices))]

    def day(self, original: date) -> date:
        """Another day within a few years. The same in an identity number and in a column of its own."""
        shift = 1 + self.number("day", original.isoformat(), 0, _YEARS * 365)
        back = self.number("day", original.isoformat(), 1, 2)
        try:
            return original - timedelta(days=shift) if back else original + timedelta(days=shift)
        except OverflowError:
            return original.replace(year=2000, day=1)
