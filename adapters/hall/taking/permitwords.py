"""The form's short words for what is asked of a permitted thing (`licenses.particulars`); Chinese, marked."""

from typing import Final

from pages.wording import mark as _

WORDS: Final[dict[str, str]] = {
    "food.operator_name": _("经营者名称"),
    "food.credit_code": _("统一社会信用代码"),
    "food.representative": _("法定代表人（负责人）"),
    "food.domicile": _("住所"),
    "food.premises": _("经营场所"),
    "food.business_form": _("主体业态"),
    "food.business_items": _("经营项目"),
    "drug.enterprise_name": _("企业名称"),
    "drug.credit_code": _("统一社会信用代码"),
    "drug.legal_representative": _("法定代表人"),
    "drug.principal": _("主要负责人"),
    "drug.quality_head": _("质量负责人"),
    "drug.registered_address": _("注册地址"),
    "drug.business_mode": _("经营方式"),
    "drug.business_scope": _("经营范围"),
    "drug.warehouse_address": _("仓库地址"),
    "performance.unit_name": _("单位名称"),
    "performance.legal_representative": _("法定代表人"),
    "performance.principal": _("主要负责人"),
    "performance.domicile": _("住所"),
    "performance.economic_kind": _("经济类型"),
    "performance.registered_fund": _("注册资金"),
    "performance.business_scope": _("经营范围"),
    "performance.performers": _("演员数"),
    "residence.name": _("姓名"),
    "residence.sex": _("性别"),
    "residence.nation": _("民族"),
    "residence.born_on": _("出生日期"),
    "residence.identity_no": _("身份号码"),
    "residence.household_address": _("户籍地址"),
    "residence.residence_address": _("居住地址"),
    "elder.name": _("姓名"),
    "elder.sex": _("性别"),
    "elder.born_on": _("出生日期"),
    "elder.identity_no": _("身份号码"),
    "elder.address": _("住址"),
}
HINTS: Final[dict[str, str]] = {
    "drug.business_mode": _("如 零售"),
    "performance.registered_fund": _("照证上的写法，如 伍拾万元整"),
    "performance.performers": _("如 36人"),
}
