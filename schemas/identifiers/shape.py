"""The first question to any code: whether it has the right length and only the right characters.

What was found is told as a length or as one code point with its position, never as the text itself: people type
identity numbers and names into the wrong field, and an error travels further than the field did.
"""

from collections.abc import Collection
from typing import Final

from schemas.errors import Code, YunhuobanError

DIGITS: Final = "0123456789"
DIGITS_AND_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def require(text: str, code: Code, *, lengths: Collection[int], alphabet: str, place: str = "") -> None:
    """Raise `code` unless the text has one of the lengths and only characters of the alphabet.

    The length is asked first, so that a text of any size is answered at once.
    """
    if len(text) not in lengths:
        expected = f"len={min(lengths)}…{max(lengths)}" if len(lengths) > 3 else "len=" + "/".join(map(str, lengths))
        raise YunhuobanError(code, place=place, found=f"len={len(text)}", expected=expected)
    if not text.strip(alphabet):  # nothing but the alphabet, said by C; the hub asks this thirteen times a message
        return
    for position, character in enumerate(text, start=1):
        if character not in alphabet:
            raise YunhuobanError(code, place=place, found=f"U+{ord(character):04X} @ {position}", expected=alphabet)
