"""What the fields of the contract are called in county systems: Chinese words, and the national exchange tables.

The first word of a field is the most usual one. A message may have its own words for a field (`clerk` of an
application is who took it in, of an acceptance who accepted it). Latin words are compared as they are, Chinese ones
also by their pinyin. Source of the national names: the tables that provinces exchange with the national platform.
"""

from collections.abc import Mapping, Sequence
from typing import Final

Words = Sequence[str]

TABLES: Final[Mapping[str, Words]] = {
    "application.submitted": ("up_pro_accept", "办件申请", "申请", "办件", "收件", "apply", "application", "apasinfo"),
    "supplement.requested": ("补正告知", "文书", "补正", "document"),
    "supplement.provided": ("补正材料", "补件", "补正", "supplement"),
    "application.not_accepted": ("不予受理", "文书", "document"),
    "application.accepted": ("up_pro_accept", "受理", "办件状态", "accept"),
    "review.advanced": ("up_pro_process", "审查", "过程", "环节", "process", "node"),
    "procedure.opened": ("up_pro_special_procedure", "特别程序", "special"),
    "procedure.closed": ("up_pro_special_procedure", "特别程序", "special"),
    "deadline.extended": ("延期", "文书", "document"),
    "decision.made": ("up_pro_result", "办结", "决定", "结果", "办件状态", "result"),
    "case.withdrawn": ("撤回", "补件", "withdrawal"),
    "case.terminated": ("终止", "文书", "document"),
    "license.state_changed": ("证照状态", "文书", "document"),
    "print.revoked": ("撤销打印", "文书", "document"),
    "case.handed_over": ("送达登记", "送达", "领取", "handover"),
    "case.closed": ("办结", "文书", "document"),
}
LISTS: Final[Mapping[str, Words]] = {
    "materials": ("up_pro_material", "材料清单", "申请材料", "材料", "附件清单", "material", "attr"),
    "defects": ("补正内容", "补正事项", "补正清单", "defect"),
}

ANY_TABLE: Final = frozenset({"name", "code", "note", "material", "problem", "名称", "材料", "说明", "备注", "问题"})
"""Names of columns that do not say what their table is of."""

_MATERIAL: Final = {
    "material_name": "materials.name", "get_name": "materials.copies", "get_type": "materials.taken_as",
    "remark": "materials.note",
}  # fmt: skip
NATIONAL: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "application.submitted": {
        "up_pro_accept": {
            "project_no": "project_no", "project_name": "project_name", "task_code": "service_item",
            "applyer_name": "applicant.name", "applyer_type": "applicant.kind",
            "applyer_page_type": "applicant.document_kind", "applyer_page_code": "applicant.document_no",
            "legal": "registration.legal_representative", "contact_name": "contact_name",
            "contact_mobile": "contact_mobile", "address": "registration.address", "handle_user_name": "clerk",
            "apply_date": "applied_at",
        },
        "up_pro_material": _MATERIAL,
    },
    "supplement.provided": {"up_pro_material": _MATERIAL},
    "application.accepted": {
        "up_pro_accept": {
            "project_no": "project_no", "accept_doc_no": "accept_doc_no", "accept_date": "accepted_at",
            "promise_date": "promised_on", "handle_user_name": "clerk",
        },
    },
    "review.advanced": {
        "up_pro_process": {
            "project_no": "case", "process_name": "stage", "event_end_time": "finished_at",
            "handle_explain": "explanation", "handle_user_name": "clerk",
        },
    },
    "procedure.opened": {
        "up_pro_special_procedure": {
            "project_no": "case", "special_type": "procedure", "special_time": "opened_at",
            "special_reason": "reasons", "handle_user": "clerk",
        },
    },
    "procedure.closed": {
        "up_pro_special_procedure": {
            "project_no": "case", "special_type": "procedure", "end_time": "closed_at", "result": "result",
            "handle_user": "clerk",
        },
    },
    "decision.made": {
        "up_pro_result": {
            "project_no": "case", "result_type": "outcome", "result_date": "decided_at", "result_explain": "reasons",
            "result_cetr_no": "license_number",
        },
    },
}  # fmt: skip
"""By message and national table: which of its columns holds which field."""

WHEN: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("application.submitted", "up_pro_accept"): {"cd_operation": '"I"', "accept_date": "{ empty = true }"},
    ("application.accepted", "up_pro_accept"): {"cd_operation": '"U"', "accept_date": "{ empty = false }"},
}
"""Which rows of a national table are this message, as the mapping writes it; elsewhere the county has to say."""

_CASE: Final = (
    "跨省办件号", "办件编号", "办件号", "业务流水号", "流水号", "申报号", "收件编号", "受理编号", "project_no",
    "projid", "flowsn",
)  # fmt: skip
_CLERK: Final = ("经办人", "经办人员", "办理人", "审批人", "操作人", "handle_user_name", "clerk", "operator")
_NOTICE: Final = ("告知书编号", "文书编号", "告知书号", "文书号")
_DECISION: Final = ("决定书编号", "文书编号", "决定文书号", "文书号")
_REASONS: Final = ("理由", "原因", "reason")
_DONE: Final = ("文书时间", "办理时间", "时间")
_APPROVER: Final = ("批准人", "审批人", "签发人")

WORDS: Final[Mapping[str, Words]] = {
    "case": _CASE,
    "trial": ("试办", "是否试办", "试办标记", "trial"),
    "project_no": ("流水号", "业务流水号", "申报号", "办件编号", "办件号", "收件编号", "受理编号", "projid", "flowsn"),
    "project_name": ("办理摘要", "办件名称", "办件摘要", "项目名称", "申请事项", "标题", "projectname"),
    "service_item": (
        "实施编码", "事项编码", "事项代码", "事项编号", "业务办理项编码", "政务服务事项编码", "servicecode",
        "item_code",
    ),
    "applicant.name": (
        "申请人", "申请人姓名", "申请人名称", "申请单位", "姓名", "申办人", "申请者", "applyname", "applicant_name",
        "apply_user",
    ),
    "applicant.kind": ("申请人类型", "申请人类别", "申请对象类型", "申请人性质", "applytype", "apply_type"),
    "applicant.document_kind": ("证件类型", "申请人证件类型", "证件种类", "applycardtype", "cardtype", "id_type"),
    "applicant.document_no": (
        "证件号码", "申请人证件号码", "申请人证件号", "证件号", "身份证号码", "身份证号", "公民身份号码",
        "申请人身份证号",
        "统一社会信用代码", "applycardnumber", "idcard", "id_no", "sfzh",
    ),
    "applicant.mobile": (
        "手机", "手机号码", "手机号", "申请人手机", "申请人电话", "申请人联系电话", "联系电话", "电话", "mobile",
        "phone",
    ),
    "contact_name": (
        "经办人", "联系人", "代办人", "经办人姓名", "联系人姓名", "代理人", "委托代理人", "contactman", "contact",
    ),
    "contact_mobile": ("经办人手机", "经办人电话", "联系人手机", "联系人电话", "代理人电话", "联系电话", "telphone"),
    "registration.enterprise_name": ("企业名称", "公司名称", "单位名称", "市场主体名称", "字号名称", "company_name"),
    "registration.enterprise_kind": ("企业类型", "公司类型", "主体类型", "市场主体类型", "company_type"),
    "registration.legal_representative": (
        "法定代表人", "法人代表", "法定代表人姓名", "法人姓名", "负责人", "legal_person",
    ),
    "registration.legal_representative_document_no": (
        "法定代表人证件号码", "法定代表人证件号", "法定代表人身份证号", "法人身份证号", "法人证件号码", "legal_idcard",
    ),
    "registration.registered_capital_fen": ("注册资本", "注册资金", "出资额", "registered_capital", "regcapital"),
    "registration.address": ("住所", "企业住所", "地址", "经营场所", "注册地址", "住所地址"),
    "registration.business_scope": ("经营范围", "业务范围", "business_scope", "scope"),
    "applied_at": ("申请时间", "申请日期", "申报时间", "申请提交时间", "apply_time", "apply_date"),
    "received_at": ("收件时间", "接件时间", "收件日期", "接收时间", "receive_time", "receive_date"),
    "window_no": ("窗口", "窗口号", "窗口编号", "收件窗口", "window"),
    "application.submitted:clerk": ("收件人", "收件人员", "窗口人员", "接件人", "受理人员", "录入人", "经办人员"),
    "clerk": _CLERK,
    "materials.name": ("材料名称", "名称", "material_name", "attrname"),
    "materials.copies": ("份数", "材料份数", "数量", "copies", "amount"),
    "materials.taken_as": ("收取方式", "材料形式", "提交方式", "原件或复印件", "taketype"),
    "materials.note": ("备注", "说明", "remark"),
    "materials.code": ("材料编码", "材料代码", "material_code"),
    "defects.material_code": ("材料代码", "材料编码"),
    "defects.material": ("材料名称", "材料"),
    "defects.problem": ("问题", "存在问题", "存在的问题"),
    "defects.remedy": ("补正", "补正要求", "补正方式"),
    "notice_no": _NOTICE,
    "supplement.provided:notice_no": ("告知书编号", "补正告知书编号", "告知书号", "gzs_no"),
    "decision_no": _DECISION,
    "document_no": _DECISION,
    "accept_doc_no": ("受理文书编号", "受理通知书编号", "文书编号"),
    "requested_at": ("告知时间", *_DONE),
    "supply_until": ("补正期限", "期限", "截止日期"),
    "note": ("说明", "备注"),
    "supplied_at": ("补件时间", "补正时间", "提交时间"),
    "ground": ("情形", "不予受理情形", "种类"),
    "cause": ("情形", "终止情形", "种类"),
    "result": ("结果", "办结结果", "种类"),
    "procedure.closed:result": ("结果", "程序结果", "说明"),
    "decided_at": ("决定时间", "办结时间", "状态时间", *_DONE),
    "reasons": _REASONS,
    "case.withdrawn:reasons": ("撤回原因", *_REASONS, "说明"),
    "remedies": ("救济途径", "救济", "复议诉讼"),
    "accepted_at": ("受理时间", "受理日期", "状态时间"),
    "promised_on": ("承诺办结日", "承诺日期", "承诺办结时间", "期限"),
    "stage": ("审查环节", "环节", "环节名称", "种类"),
    "finished_at": ("完成时间", "结束时间", *_DONE),
    "explanation": ("办理意见", "办理说明", "意见", "说明"),
    "procedure": ("特别程序种类", "程序类型", "种类"),
    "opened_at": ("开始时间", *_DONE),
    "expected_until": ("预计结束日期", "预计结束日", "期限"),
    "closed_at": ("结束时间", "办结时间", *_DONE),
    "extended_days": ("延长天数", "天数", "延长工作日"),
    "extended_at": ("延期时间", "批准时间", *_DONE),
    "approver": _APPROVER,
    "decision.made:approver": (*_APPROVER, "经办人"),
    "approver_no": ("批准人工号", "批准人编号", "工号"),
    "outcome": ("办理结果", "决定结果", "结果", "状态"),
    "license_number": ("登记号码", "证照号码", "统一社会信用代码", "证照编号"),
    "established_on": ("成立日期", "设立日期"),
    "renews": ("原证照标识", "原证照号"),
    "withdrawn_at": ("撤回时间", "补件时间", "时间"),
    "recipient": ("签收人", "领取人", "收件人"),
    "case.withdrawn:recipient": ("提出人", "撤回人", "申请人"),
    "terminated_at": ("终止时间", *_DONE),
    "license_identifier": ("证照标识", "电子证照标识", "证照标识码"),
    "license_state": ("证照状态", "状态", "种类"),
    "changed_at": ("变更时间", *_DONE),
    "successor": ("替代证照标识", "新证照标识"),
    "authorisation_no": ("授权编号", "打印授权编号"),
    "revoked_at": ("撤销时间", *_DONE),
    "handed_over_at": ("送达时间", "领取时间", "签收时间"),
    "method": ("送达方式", "领取方式"),
    "waybill": ("运单号", "快递单号"),
    "case.handed_over:clerk": ("送达人", "送达人员", *_CLERK),
}  # fmt: skip

ROOTS: Final[Mapping[str, Words]] = {
    "address": ("address",), "apply": ("apply",), "applyer": ("applicant",), "applicant": ("applicant",),
    "business": ("business",), "capital": ("capital",), "card": ("document",), "cert": ("document",),
    "certificate": ("document",), "clerk": ("clerk",), "code": ("no",), "company": ("enterprise",),
    "contact": ("contact",), "copies": ("copies",), "date": ("time",), "enterprise": ("enterprise",),
    "id": ("document", "no"), "item": ("item",), "kind": ("kind",), "legal": ("legal",), "license": ("license",),
    "man": ("name",), "material": ("material",), "memo": ("note",), "mobile": ("mobile",), "name": ("name",),
    "no": ("no",), "note": ("note",), "num": ("no",), "number": ("no",), "person": ("name",), "phone": ("mobile",),
    "project": ("project",), "receive": ("receive",), "remark": ("note",), "scope": ("scope",),
    "status": ("state",), "submit": ("submit",), "task": ("item",), "tel": ("mobile",), "time": ("time",),
    "type": ("kind",), "user": ("user",), "window": ("window",),
}  # fmt: skip
"""English roots that column names are put together from, with or without a sign between; equal ones on the right."""

ORDER: Final[Words] = (
    "cd_time",
    "update_time",
    "modify_time",
    "gmt_modified",
    "更新时间",
    "修改时间",
    "create_time",
    "创建时间",
)
"""Columns that say when a row was written, the best first."""


def of(message_type: str, path: str) -> Words:
    """The words for a field of a message, `materials.name` for a field of a list."""
    return WORDS.get(f"{message_type}:{path}") or WORDS.get(path, ())
