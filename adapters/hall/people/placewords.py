"""What a county is called, as somebody would type it who tries passwords there: characters, pinyin, initials.

The pinyin's dictionaries are loaded when a password is given, and not before.
"""

import re
from collections.abc import Iterator
from typing import Final

from schemas.divisions import register

_KIND: Final = re.compile(r"(?:特别行政区|自治区|自治州|自治县|自治旗|地区|林区|省|市|县|区|旗|州|盟)$")
"""What follows the name proper."""


def of(division_code: str) -> frozenset[str]:
    """The county's, its prefecture's and its province's, alone and one behind the other. Raises E-ID-003."""
    from schemas.catalogue import initials  # noqa: PLC0415 -- most of a second and a hundred megabytes

    county = register.known(division_code)
    names = [each.name for each in (*register.parents(county), county)]
    short = [_KIND.sub("", each) or each for each in names]
    forms = [*names, *short, *_joined(names), *_joined(short)]
    return frozenset(form for each in forms for form in (each, initials.spelled(each), initials.usual(each)))


def _joined(names: list[str]) -> Iterator[str]:
    """`河北吴桥`, `河北沧州吴桥`: the last one behind each of those before it, and all of them."""
    yield "".join(names)
    for each in names[:-1]:
        yield each + names[-1]
