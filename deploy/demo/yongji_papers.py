"""The documents that 永济市's system issues when a person asks for one: each is one row of one exported file."""

from paperwork import Document

OF_THE_WINDOW = ("补正材料", "撤回")
OF_THE_STATE = ("受理", "决定")
"""Rows of 办件状态, as the clerks themselves write them."""
DOCUMENT_COLUMNS = [
    "文书序号",
    "流水号",
    "跨省办件号",
    "文书种类",
    "文书编号",
    "文书时间",
    "期限",
    "种类",
    "天数",
    "补正内容",
    "说明",
    "理由",
    "救济途径",
    "证照标识",
    "替代证照标识",
    "授权编号",
    "经办人",
    "批准人",
    "批准人工号",
]
SUPPLEMENT_COLUMNS = [
    "补件序号",
    "流水号",
    "补件种类",
    "告知书编号",
    "补件时间",
    "材料清单",
    "说明",
    "提出人",
    "窗口",
    "经办人",
]
# Of these the words that a person gave tell what was found; of the others why something is so.
_EXPLAINED = ("审查", "特别程序结束")


def document_row(wanted: Document, serial: int, moment: str, own: str) -> dict[str, str]:
    """Return a row of 办件文书 for a case that came from elsewhere; `own` is its number here."""
    defects = "；".join(f"|{name}|{wanted.reasons}|请提交{name}。" for name in wanted.materials)
    explained = wanted.kind in _EXPLAINED
    return {
        "文书序号": str(serial), "流水号": own, "跨省办件号": wanted.case, "文书种类": wanted.kind,
        "文书编号": f"永审文字〔{moment[:4]}〕{serial:06}号", "文书时间": moment, "期限": wanted.until,
        "种类": wanted.code, "天数": str(wanted.days) if wanted.kind == "延期" else "", "补正内容": defects,
        "说明": wanted.reasons if explained else "", "理由": "" if explained or defects else wanted.reasons,
        "救济途径": wanted.remedies, "证照标识": wanted.license_no, "替代证照标识": wanted.successor,
        "授权编号": wanted.authorisation, "经办人": "永济审批钱", "批准人": "永济批准孙", "批准人工号": "YJ0031",
    }  # fmt: skip


def supplement_row(wanted: Document, serial: int, moment: str, person: str, notice: str) -> dict[str, str]:
    """Return a row of 办件补件 for a case of this window: what the applicant adds, or that they withdraw."""
    return {
        "补件序号": str(serial), "流水号": wanted.case, "补件种类": wanted.kind, "告知书编号": notice,
        "补件时间": moment, "材料清单": "；".join(f"{name}|1|原件|" for name in wanted.materials),
        "说明": wanted.reasons, "提出人": person, "窗口": "A03", "经办人": "永济窗口赵",
    }  # fmt: skip
