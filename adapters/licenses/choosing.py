"""Which templates a service item leads to: the item's license by county.toml, the kind of body by the templates.

A kind of body is known by how it ends, its brackets left out: 有限责任公司（自然人独资）is a 公司, 有限责任公司分公司 a
分公司 although it ends in 公司 too, because the longest end counts.
"""

import re
from collections.abc import Mapping
from typing import Final

from adapters.licenses.template import Template, all_templates
from schemas.errors import YunhuobanError, declare

BUSINESS_LICENSE: Final = "business-license"
"""What a county issues that says nothing of its items."""
_SETTING: Final = "county.toml: authority.licenses"
COPY_KINDS: Final = ("original", "duplicate")

NONE_FITS: Final = declare(
    "E-LIC-013",
    "没有适合这个事项和主体类型的证照模板。",
    "请核对 county.toml 中 [[authority.licenses]] 的事项与证照，以及申请中的企业类型；可用的见 adapter template list。",
)
_BRACKETS: Final = re.compile(r"[（(].*?[）)]")


def require_known(licenses: Mapping[str, str]) -> None:
    """Demand that each license that county.toml names is there, before a case waits for it. Raises NONE_FITS."""
    known = dict.fromkeys(each.license for each in all_templates())
    for wanted in licenses.values():
        if wanted not in known:
            raise YunhuobanError(NONE_FITS, place=_SETTING, found=wanted, expected=" ".join(known))


def templates_for(licenses: Mapping[str, str], service_item: str, body: str) -> tuple[Template, ...]:
    """The templates of one license for one kind of body, 正本 before 副本, each in its newest version.

    `licenses` are the county's, license by item; a county that lists none issues business licenses. Raises NONE_FITS.
    """
    wanted = licenses.get(service_item, "") if licenses else BUSINESS_LICENSE
    forms = [each for each in all_templates() if each.license == wanted]
    if not forms:
        names = " ".join(dict.fromkeys(each.license for each in all_templates()))
        raise YunhuobanError(NONE_FITS, place=_SETTING, found=wanted or service_item, expected=names)
    kind = _BRACKETS.sub("", body).strip()
    ends = [end for each in forms for end in each.bodies if kind.endswith(end)]
    if not ends and any(each.bodies for each in forms):
        known = " ".join(dict.fromkeys(end for each in forms for end in each.bodies))
        raise YunhuobanError(NONE_FITS, place="registration.enterprise_kind", expected=known)
    longest = max(ends, key=len, default="")
    newest = {each.copy_kind: each for each in forms if not each.bodies or longest in each.bodies}
    return tuple(newest[copy_kind] for copy_kind in COPY_KINDS if copy_kind in newest)
