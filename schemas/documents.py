"""What each document of a case must say, beyond having every field: the Administrative Licensing Law's demands.

Asked at the sender's own adapter before anything is signed, and again at the destination; the hub cannot read payloads.
Source: 行政许可法 art. 32 (all defects at once), 38 (reasons and remedies of a denial), 42 (extension by at most ten
working days, approved and explained), 45 (special procedures are announced). Pure.
"""

from collections.abc import Mapping
from typing import Final

from schemas import aroundcase
from schemas.demanding import Demand, Record, filled, not_before
from schemas.errors import Code, YunhuobanError, declare

REASONS_MISSING: Final = declare("E-DOC-001", "文书没有说明理由。", "请写明理由和依据；这是法律对该类文书的要求。")
REMEDIES_MISSING: Final = declare(
    "E-DOC-002", "文书没有告知救济途径。", "请写明可以在多少日内向哪个机关申请行政复议或者提起行政诉讼。"
)
DEFECTS_MISSING: Final = declare(
    "E-DOC-003",
    "补正告知没有列出需要补正的内容，或者有一项没有写明缺什么、怎么补。",
    "请一次列出需要补正的全部内容；第二次告知不会被接受。",
)
NUMBER_MISSING: Final = declare("E-DOC-004", "文书没有编号。", "请填写文书编号。")
EXTENSION_WRONG: Final = declare(
    "E-DOC-006", "延长的期限应为一至十个工作日，并由本机关负责人批准。", "请核对延长的工作日数和批准人。"
)
APPROVER_MISSING: Final = declare("E-DOC-007", "决定没有写明批准人。", "请填写批准人的姓名和工号。")
SUCCESSOR_WRONG: Final = declare(
    "E-DOC-008", "改为历史版本的证照应写明替代它的证照标识，其他变更不写。", "请核对证照标识。"
)
MATERIALS_MISSING: Final = declare("E-DOC-009", "补正没有列出任何材料或说明。", "请填写补充的材料或说明。")
RESULT_MISSING: Final = declare("E-DOC-010", "特别程序结束没有写明结果。", "请写明结果，例如检验结论或评审意见。")

_MOST_EXTENDED_DAYS: Final = 10


def demand(message_type: str, record: Record) -> None:
    """Raise the first E-DOC-… of what this document lacks."""
    for each in _DEMANDS.get(message_type, ()):
        wrong = each(record)
        if wrong is not None:
            code, place = wrong
            raise YunhuobanError(code, place=place)


def _when_denied(inner: Demand) -> Demand:
    return lambda record: inner(record) if record["outcome"] == "denied" else None


def _defects(record: Record) -> tuple[Code, str] | None:
    if not record["defects"]:
        return DEFECTS_MISSING, "defects"
    for number, each in enumerate(record["defects"], 1):
        for name in ("material", "problem", "remedy"):
            if not each[name].strip():
                return DEFECTS_MISSING, f"defects[{number}].{name}"
    return None


def _extension(record: Record) -> tuple[Code, str] | None:
    return None if 1 <= record["extended_days"] <= _MOST_EXTENDED_DAYS else (EXTENSION_WRONG, "extended_days")


def _successor(record: Record) -> tuple[Code, str] | None:
    fits = bool(record["successor"]) == (record["license_state"] == "superseded")
    return None if fits else (SUCCESSOR_WRONG, "successor")


def _supplement(record: Record) -> tuple[Code, str] | None:
    if not record["materials"] and not record["note"].strip():
        return MATERIALS_MISSING, "materials"
    return aroundcase.shared_licenses(record, "supplied_at")


_REASONS, _REMEDIES = filled("reasons", REASONS_MISSING), filled("remedies", REMEDIES_MISSING)
_DEMANDS: Final[Mapping[str, tuple[Demand, ...]]] = {
    "supplement.requested": (
        filled("notice_no", NUMBER_MISSING),
        _defects,
        not_before("supply_until", "requested_at"),
    ),
    "supplement.provided": (_supplement,),
    "application.not_accepted": (filled("decision_no", NUMBER_MISSING), _REASONS, _REMEDIES),
    "application.accepted": (
        filled("accept_doc_no", NUMBER_MISSING),
        not_before("promised_on", "accepted_at"),
    ),
    "procedure.opened": (_REASONS, not_before("expected_until", "opened_at")),
    "procedure.closed": (filled("result", RESULT_MISSING),),
    "deadline.extended": (
        _extension,
        _REASONS,
        filled("approver", APPROVER_MISSING),
        not_before("promised_on", "extended_at"),
    ),
    "decision.made": (
        filled("decision_no", NUMBER_MISSING),
        filled("approver", APPROVER_MISSING),
        _when_denied(_REASONS),
        _when_denied(_REMEDIES),
    ),
    "case.terminated": (filled("decision_no", NUMBER_MISSING), _REASONS, _REMEDIES),
    "license.state_changed": (_REASONS, filled("approver", APPROVER_MISSING), _successor),
    "print.revoked": (_REASONS,),
    **aroundcase.DEMANDS,
}
