"""脱敏: the forms in which personal data appears in lists, dead letters and error pages.

Rules of 姓名 张*／欧阳**, 手机 138****5678, 住址 to the township (GB/T 35273 de-identified display). Where a text
is not understood, more is hidden, never less. Identity numbers mask themselves (`citizen.CitizenNumber.masked`).
"""

import re
from typing import Final

HIDDEN: Final = "***"
_LONGEST: Final = 120  # characters looked at; no name or address is longer

# fmt: off
_COMPOUND_SURNAMES: Final = frozenset(
    {
        "万俟", "上官", "东方", "东郭", "令狐", "公冶", "公孙", "公羊", "单于", "南宫", "司徒", "司空", "司马", "呼延",
        "夏侯", "太史", "宇文", "宗政", "尉迟", "尉遲", "左丘", "慕容", "拓跋", "東方", "梁丘", "欧阳", "歐陽", "淳于",
        "澹台", "濮阳", "独孤", "獨孤", "申屠", "百里", "皇甫", "端木", "第五", "西门", "諸葛", "诸葛", "谷梁", "赫连",
        "轩辕", "钟离", "長孫", "长孙", "闻人",
    }
)
# fmt: on
_NAME_SEPARATORS: Final = "·•・‧ "
_VARIATION_SELECTOR: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

_PROVINCE: Final = re.compile(r"[^\d\s]{2,6}?(?:省|自治区|特别行政区)")
_PREFECTURE: Final = re.compile(r"景德镇市|[^\d\s]{1,2}[^\d\s县区镇乡路街道村]{0,8}?(?:市(?!场)|自治州|地区|盟)")
# 镇平县, 金乡县, 路桥区: such characters only begin a county's name; further on they mean a town or a road.
_COUNTY: Final = re.compile(r"[^\d\s]{1,2}[^\d\s镇乡路街道村]{0,10}?(?:县|(?<![社小园校库])区|市(?![场区])|旗(?!区))")
# A road, a house or a village inside the match means that the town's own marker was missing.
_TOWN: Final = re.compile(r"[^\d\s路街巷道号村组楼室栋幢弄]{1,8}?(?:街道|镇|乡|苏木)")


def masked_name(name: str) -> str:
    """Return the surname and one star for each further character: 张*, 欧阳**. A single character is a star.

    Of a name with separators (买买提·艾力) or in another script only the first character is left.
    """
    bare = _VARIATION_SELECTOR.sub("", name[:_LONGEST]).strip()
    if len(bare) < 2:
        return "*" * len(bare)
    kept = 2 if len(bare) > 2 and bare[:2] in _COMPOUND_SURNAMES else 1
    return bare[:kept] + "".join(c if c in _NAME_SEPARATORS else "*" for c in bare[kept:])


def masked_phone(phone: str) -> str:
    """Return 138****5678 for a mobile number, else ****5678, or only stars when fewer than eight digits are there."""
    digits = "".join(str(int(c)) for c in phone[:_LONGEST] if c.isdecimal())
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[7:]}"
    return f"****{digits[-4:]}" if len(digits) >= 8 else "****"


def masked_address(address: str) -> str:
    """Return the address down to the township, then stars; to the county or less when no township is recognised."""
    text, shown = address[:_LONGEST].strip(), 0
    for division in (_PROVINCE, _PREFECTURE, _COUNTY, _TOWN):
        if found := division.match(text, shown):
            shown = found.end()
    return text[:shown] + HIDDEN if text else ""
