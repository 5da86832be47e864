"""Invented people and companies for the two local systems: nobody and nothing here exists.

Numbers are well-formed all the same, because the real systems refuse others: GB 11643 for people, GB 32100 with the
inner check of GB 11714 for companies. Some names carry characters outside the basic plane, as some real ones do.
"""

import random
from datetime import date, timedelta

_SURNAMES = [
    "赵",
    "钱",
    "孙",
    "李",
    "周",
    "吴",
    "郑",
    "王",
    "冯",
    "陈",
    "褚",
    "卫",
    "蒋",
    "沈",
    "韩",
    "杨",
    "欧阳",
    "司马",
    "郪",
]
_GIVEN = [
    "秀英",
    "建国",
    "明",
    "丽华",
    "志强",
    "𠮷",
    "䶮",
    "㐂娃",
    "桂兰",
    "海燕",
    "一诺",
    "子涵",
    "玉珍",
    "永强",
    "春梅",
]
_NAMES = ["𠮷祥", "䶮泰", "㐂悦", "顺达", "恒通", "鹳雀楼", "普救", "蒲坂", "杂技", "运河", "黄河湾", "众合"]
_TRADES = {
    "商贸": "日用百货、五金产品、办公用品零售；互联网销售（除销售需要许可的商品）。",
    "农业科技": "农业技术开发、技术咨询；新鲜水果、蔬菜零售（含“沙地”苹果）。",
    "文化传播": "组织文化艺术交流活动；会议及展览服务；广告制作、发布。",
    "机械配件": "机械零部件加工、销售；金属制品修理。",
}
_ROADS = ["电机大街", "河东大道", "舜都大道", "黄河大道", "长江路", "新华街"]
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def identity_number(region: str, born_on: date, sequence: int) -> str:
    """Return a number of GB 11643 with its check character."""
    digits = f"{region}{born_on:%Y%m%d}{sequence:03}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _IDENTITY_WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def credit_code(region: str, serial: int) -> str:
    """Return a company's code of GB 32100: 91, region, nine of GB 11714, check character."""
    letters, number = "", serial
    for _ in range(6):
        number, digit = divmod(number, len(_CREDIT_ALPHABET))
        letters = _CREDIT_ALPHABET[digit] + letters
    body = "MA" + letters
    values = (int(character, 36) for character in body)
    rest = (11 - sum(value * weight for value, weight in zip(values, _BODY_WEIGHTS, strict=True)) % 11) % 11
    code = f"91{region}{body}{'X' if rest == 10 else rest}"
    total = sum(_CREDIT_ALPHABET.index(character) * 3**place for place, character in enumerate(code))
    return code + _CREDIT_ALPHABET[(31 - total % 31) % 31]


def person(chance: random.Random, region: str) -> dict[str, str]:
    """Return name, number and telephone of one invented person born in the region."""
    born_on = date(1960, 1, 1) + timedelta(days=chance.randrange(16_000))
    return {
        "name": chance.choice(_SURNAMES) + chance.choice(_GIVEN),
        "number": identity_number(region, born_on, chance.randrange(1, 999)),
        "mobile": f"199{chance.randrange(10**8):08}",
    }


def company(chance: random.Random, city: str) -> dict[str, str]:
    """Return name, kind, capital in ten thousand yuan, address and scope of one invented company."""
    trade = chance.choice(list(_TRADES))
    return {
        "name": f"{city}{chance.choice(_NAMES)}{chance.choice(_NAMES)}{trade}有限公司",
        "kind": "有限责任公司（自然人独资）",
        "capital": str(chance.choice([10, 50, 100, 200, 500])),
        "address": f"{city}{chance.choice(_ROADS)}{chance.randrange(1, 300)}号",
        "scope": _TRADES[trade],
    }
