"""What the counties of the tests say of themselves, each as it is said rightly."""

from datetime import timedelta
from typing import Any, Final

from tests.county_records import ITEM, START

TODAY: Final = (START + timedelta(hours=8)).date()
OTHER_ITEM: Final = ITEM[:-1] + ("1" if ITEM[-1] != "1" else "2")


def powers(**changes: Any) -> dict[str, Any]:
    """永济 lets 吴桥's windows compare originals and hand over results."""
    return {
        "issuing": "140881",
        "window": "130928",
        "service_item": ITEM,
        "powers": ["verify", "deliver"],
        "agreement": "吴桥—永济跨省通办协议第四条",
        "valid_from": TODAY,
        "valid_to": None,
        "withdrawn": False,
    } | changes


def expert(**changes: Any) -> dict[str, Any]:
    """One whom 永济 proposes."""
    return {
        "county": "140881",
        "expert_no": "E001",
        "professions": ["环境工程"],
        "categories": ["建设项目环境影响评价"],
        "employer_code": "",
        "valid_from": TODAY,
        "valid_to": None,
        "withdrawn": False,
    } | changes


def bundle(**changes: Any) -> dict[str, Any]:
    """To open a restaurant: the company first, then the food licence."""
    return {
        "county": "140881",
        "bundle": "KCG",
        "name": "开餐馆一件事",
        "bundle_parts": [{"service_item": ITEM, "after": []}, {"service_item": OTHER_ITEM, "after": [1]}],
        "visits": 1,
        "steps": 3,
        "days": 5,
        "valid_from": TODAY,
        "valid_to": None,
        "withdrawn": False,
    } | changes


def detail(**changes: Any) -> dict[str, Any]:
    """An inspection of this item does not count."""
    return {
        "county": "140881",
        "service_item": ITEM,
        "special_procedures": ["inspection"],
        "visit_pauses": True,
        "steps": 4,
        "online": True,
        "withdrawn": False,
    } | changes


def guide_answer(**changes: Any) -> dict[str, Any]:
    """A question that others will have, too."""
    return {
        "county": "140881",
        "answer_no": "Q-20261126-01",
        "service_item": ITEM,
        "question": "住所证明可以用租赁合同吗？",
        "answer": "可以，须附房东的产权证复印件。",
        "published_at": START,
        "withdrawn": False,
    } | changes


GOOD: Final = {
    "powers.stated": powers(),
    "expert.stated": expert(),
    "bundle.stated": bundle(),
    "item.stated": detail(),
    "answer.stated": guide_answer(),
}
"""One of each."""
