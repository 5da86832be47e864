"""Numbers that carry a check: another of the same form takes the place of each, its check as right or wrong as before.

A wrong number stays wrong in the same way, because a refusal is worth recording, too. Codes of public bodies (credit
codes of registrar 1, items) stay as they are: they are in every directory and mappings find the destination by them.
"""

import re
from datetime import date
from functools import cache
from typing import Final

from stdnum.cn import uscc

from adapters.countyit.recording import characters
from adapters.countyit.recording.pseudonyms import Pseudonyms
from schemas.divisions import register
from schemas.errors import YunhuobanError
from schemas.identifiers import shape
from schemas.identifiers.citizen import CitizenNumber
from schemas.identifiers.credit import ALPHABET, CreditCode
from schemas.identifiers.license import ROOT, check_character

IDENTITY: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
CREDIT: Final = re.compile(rf"(?<![0-9A-Za-z])[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}(?![0-9A-Za-z])")
MOBILE: Final = re.compile(r"(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])")
LICENSE: Final = re.compile(rf"(?<![0-9A-Za-z.]){re.escape(ROOT)}(?:\.[0-9A-Z]{{1,32}}){{5}}(?![0-9A-Za-z.])")
_DAY: Final = re.compile(
    r"(?P<year>[12][0-9]{3})"
    r"(?:(?P<first>[-/.年])(?P<month>1[0-2]|0?[1-9])(?P<second>[-/.月])(?P<day>3[01]|[12][0-9]|0?[1-9])(?![0-9])"
    r"|(?P<months>0[1-9]|1[0-2])(?P<days>0[1-9]|[12][0-9]|3[01])(?=[0-9]{6}(?![0-9])|(?![0-9])))"
)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_INNER_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_INNER_CHECKS: Final = "0X987654321"
_PUBLIC_BODY: Final = "1"
_TRIES: Final = 20
_DAY_OF_LIST: Final = date(2026, 1, 1)


def identity(number: str, pseudonyms: Pseudonyms) -> str:
    """Another person's number: born about then, of the same sex, somewhere else."""
    region = _county(pseudonyms, number[:6])
    born = _written_day(number[6:14], pseudonyms)
    wrong = _CHECKS.index(number[17].upper()) - _identity_check(number[:17])
    for turn in range(_TRIES):
        tail = characters.other(number[14:16], pseudonyms, of=f"{turn}\0{number}")
        tail += str(2 * pseudonyms.number("sex", number, turn, 5) + int(number[16]) % 2)
        body = region + born + tail
        other = body + _CHECKS[(_identity_check(body) + wrong) % len(_CHECKS)]
        # A wrong number must not pass as the code of a firm, and a column of numbers could hold no X.
        if not is_credit(other) and (other[17].isdecimal() or not number[17].isdecimal()):
            break
    return other


def is_identity(number: str) -> bool:
    """Whether a number is that of a person: a real day of birth and a right check."""
    try:
        CitizenNumber.parse(number)
    except YunhuobanError:
        return False
    return True


def credit(code: str, pseudonyms: Pseudonyms) -> str:
    """Another body's credit code of the same kind; that of a public body stays."""
    if code[0] == _PUBLIC_BODY:
        return code
    inner = characters.other(code[8:16], pseudonyms, of=code).translate(str.maketrans("IOSVZ", "ABCDE"))
    wrong_inner = _INNER_CHECKS.find(code[16]) - _inner_check(code[8:16])
    inner_check = _INNER_CHECKS[(_inner_check(inner) + wrong_inner) % len(_INNER_CHECKS)]
    body = code[:2] + _county(pseudonyms, code[2:8]) + inner + inner_check
    wrong = ALPHABET.index(code[17]) - ALPHABET.index(uscc.calc_check_digit(code))
    return body + ALPHABET[(ALPHABET.index(uscc.calc_check_digit(body + "0")) + wrong) % len(ALPHABET)]


def is_credit(code: str) -> bool:
    """Whether a code is a credit code with a right check."""
    try:
        CreditCode.parse(code)
    except YunhuobanError:
        return False
    return True


def mobile(number: str, pseudonyms: Pseudonyms) -> str:
    """Another mobile number."""
    return number[:2] + characters.other(number[2:], pseudonyms, of=number)


def license_identifier(text: str, pseudonyms: Pseudonyms) -> str:
    """Another license of the same kind and issuer: its serial is another, its version is not."""
    *front, serial, version, check = text.split(".")
    body = "".join(front[-2:])
    other = characters.other(serial, pseudonyms, of=serial)
    alphabet = shape.DIGITS_AND_LETTERS
    wrong = alphabet.find(check) - alphabet.index(check_character(f"{body}{serial}{version}"))
    right = alphabet.index(check_character(f"{body}{other}{version}"))
    return ".".join((*front, other, version, alphabet[(right + wrong) % len(alphabet)]))


def day(text: str, pseudonyms: Pseudonyms) -> str | None:
    """The text with another day at its beginning, written the same way; None when it begins with none."""
    match = _DAY.match(text)
    if match is None:
        return None
    month, of_month = match["month"] or match["months"], match["day"] or match["days"]
    try:
        moved = pseudonyms.day(date(int(match["year"]), int(month), int(of_month)))
    except ValueError:
        return None
    padded = len(month) == len(of_month) == len("11")
    parts = (f"{moved.month:02}", f"{moved.day:02}") if padded else (str(moved.month), str(moved.day))
    first, second = match["first"] or "", match["second"] or ""
    return f"{moved.year:04}{first}{parts[0]}{second}{parts[1]}{text[match.end() :]}"


def _written_day(digits: str, pseudonyms: Pseudonyms) -> str:
    moved = day(digits, pseudonyms)
    if moved is not None:
        return moved
    year = day(f"{digits[:4]}0101", pseudonyms)
    # 30 February stays no day of the calendar.
    return f"{year[:4] if year else digits[:4]}{digits[4:]}"


def _identity_check(digits: str) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % len(_CHECKS)


def _inner_check(body: str) -> int:
    values = (shape.DIGITS_AND_LETTERS.index(each) for each in body)
    return sum(value * weight for value, weight in zip(values, _INNER_WEIGHTS, strict=True)) % len(_INNER_CHECKS)


def _county(pseudonyms: Pseudonyms, original: str) -> str:
    return pseudonyms.one_of("county", original, 0, [each for each in _counties() if each != original])


@cache
def _counties() -> tuple[str, ...]:
    return tuple(each.code for each in register.counties(_DAY_OF_LIST))
