"""What the codes of county systems usually mean: for code tables, and for telling a word of a code table from a name.

Digits are those of the national exchange tables. What is not known here is left to the county.
"""

from collections.abc import Mapping, Sequence
from typing import Final

_STAGES: Final = {
    "first_review": ("初审",), "second_review": ("复核",), "joint_review": ("会签",), "sign_off": ("签发",),
}  # fmt: skip
_PROCEDURES: Final = {
    "hearing": ("听证", "01"), "tender": ("招标", "02"), "auction": ("拍卖", "03"), "inspection": ("检验", "04"),
    "testing": ("检测", "05"), "quarantine": ("检疫", "06"), "appraisal": ("鉴定", "07"),
    "expert_review": ("专家评审", "08"),
}  # fmt: skip
_STATES: Final = {
    "valid": ("有效", "01"), "suspended": ("暂扣", "02"), "revoked": ("撤销", "03"), "cancelled": ("注销", "04"),
    "expired": ("过期失效", "05"), "transferred_out": ("转出", "06"), "withdrawn": ("吊销", "07"),
    "lost": ("挂失", "08"), "superseded": ("历史版本", "99"),
}  # fmt: skip

MEANINGS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "applicant.kind": {
        "natural_person": ("个人", "自然人", "公民", "1"),
        "legal_person": ("企业", "法人", "单位", "法人或其他组织", "2"),
    },
    "applicant.document_kind": {
        "111": ("身份证", "居民身份证", "公民身份号码", "111"),
        "001": ("统一社会信用代码", "营业执照", "001"),
    },
    "materials.taken_as": {
        "原件": ("原件", "1"),
        "复印件": ("复印件", "2"),
        "电子": ("电子", "电子件", "电子文件", "3"),
    },
    "trial": {"true": ("是", "1"), "false": ("否", "0")},
    "method": {"in_person": ("自取", "窗口领取", "1"), "parcel": ("邮寄", "快递", "2")},
    "outcome": {
        "granted": ("准予许可", "准予", "通过", "10", "11"),
        "denied": ("不予许可", "不予", "不通过", "20", "12"),
    },
    "stage": _STAGES,
    "procedure": _PROCEDURES,
    "license_state": _STATES,
    "result": {"licensed": ("已发证",), "denied": ("不予许可",), "decided": ("不发证",)},
    "ground": {
        "permit_not_needed": ("不需要行政许可",),
        "not_competent": ("不属于职权范围",),
        "not_supplemented": ("未按要求补正",),
        "not_lawful": ("不符合法定条件",),
    },
    "cause": {
        "not_supplemented": ("逾期未补正",),
        "applicant_gone": ("申请人不再存在",),
        "subject_gone": ("标的灭失",),
        "law_changed": ("法律法规变更",),
        "other": ("其他",),
    },
}
"""By field: canonical value to the local words for it, the most usual first."""

_KNOWN: Final = {word for field in MEANINGS.values() for words in field.values() for word in words}
_LONGEST_CODE: Final = 3


def meaning(path: str, code: str) -> str | None:
    """The canonical value that a local code most likely means, or None."""
    return next((value for value, words in MEANINGS.get(path, {}).items() if code in words), None)


def harmless(text: str) -> bool:
    """Whether a value may be shown as it is: a word of a code table, or a short code with a digit, 07 or A03."""
    short = len(text) <= _LONGEST_CODE and text.isascii() and text.isalnum()
    return text in _KNOWN or (short and any(each.isdecimal() for each in text))
