"""One invented case of every license that has a part of its own in the contract, and how it is issued in tests."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from adapters.licenses import choosing
from adapters.licenses.issue import CountyAuthority, PageRenderer, Sealer, issue_license
from adapters.licenses.particulars import BY_LICENSE
from schemas import codec
from tests.county_records import application, decision
from tests.unit.adapters.licenses.license_parties import AUTHORITY

ISSUER = "11140881MB0000000U"
CREDIT_CODE = "91140881MA00000745"
COUNTY = CountyAuthority(
    name=AUTHORITY, code=ISSUER, area_code="140881", trial=True, type_code=f"{ISSUER}901", complaint_phone="12315"
)
PARTS: Mapping[str, Mapping[str, Any]] = {
    "food-license": {
        "operator_name": "永济市𠮷祥小吃店", "credit_code": CREDIT_CODE, "representative": "䶮建国",
        "domicile": "永济市城东街道舜都大道18号", "premises": "永济市城西街道舜都大道20号",
        "business_form": "餐饮服务经营者", "business_items": "热食类食品制售，自制饮品制售",
    },
    "drug-license": {
        "enterprise_name": "永济市舜都大药房有限公司", "credit_code": CREDIT_CODE, "legal_representative": "䶮建国",
        "principal": "上官明", "quality_head": "帕提古丽·艾则孜", "registered_address": "永济市城东街道舜都大道18号",
        "business_mode": "零售", "business_scope": "中药饮片，中成药，化学药",
        "warehouse_address": "永济市城东街道舜都大道22号",
    },
    "performance-license": {
        "unit_name": "永济市杂技艺术团", "legal_representative": "䶮建国", "principal": None,
        "domicile": "永济市城东街道舜都大道18号", "economic_kind": "有限责任公司", "registered_fund": "伍拾万元整",
        "business_scope": "杂技、魔术、综合文艺表演", "performers": "36人",
    },
    "residence-proof": {
        "name": "䶮建国", "sex": "男", "nation": "汉族", "born_on": date(1952, 3, 5),
        "identity_no": "130928195203050014", "household_address": "河北省沧州市吴桥县运河街3号",
        "residence_address": "永济市城东街道舜都大道18号501室",
    },
    "elder-card": {
        "name": "䶮建国", "sex": "男", "born_on": date(1952, 3, 5), "identity_no": "130928195203050014",
        "address": "永济市城东街道舜都大道18号501室",
    },
}  # fmt: skip
VALID_UNTIL = date(2031, 11, 21)
LATER = datetime.now(UTC) + timedelta(days=365)
"""When they are issued: after every decision of the tests, whatever day it is."""
NUMBER = "JY11408810000017"


def asked(license_name: str, **changes: Any) -> dict[str, Any]:
    """An application for this license, as it came out of a message."""
    made = application(**{BY_LICENSE[license_name].part: {**PARTS[license_name], **changes}})
    return codec.decode(codec.encode("Application", made), "Application")


def granted(license_name: str, **changes: Any) -> dict[str, Any]:
    """Its decision; an elder's card has no end."""
    until = None if license_name == "elder-card" else VALID_UNTIL
    said = {"license_number": NUMBER, "valid_until": until, "decided_at": datetime(2026, 11, 21, 17, 30, tzinfo=UTC)}
    return decision(**{**said, **changes})


def issue(
    license_name: str,
    renderer: PageRenderer,
    sealer: Sealer,
    *,
    application: Mapping[str, Any] | None = None,
    decision: Mapping[str, Any] | None = None,
    **county: Any,
) -> dict[str, Any]:
    """The license of that case."""
    return issue_license(
        application or asked(license_name),
        decision or granted(license_name),
        replace(COUNTY, **county),
        choosing.templates_for({"item": license_name}, "item", ""),
        now=LATER,
        serial="20261122000001",
        host="verify.example.cn",
        token=bytes(range(16)),
        sealer=sealer,
        renderer=renderer,
    )
