"""The documents of a case that a person may let either local system issue, beside what its clerks play by themselves.

What a document says in words stands here, once for both systems; each keeps it in its own tables or files and codes.
A case that its window marked 专人办理 is left to such a person altogether: the clerks neither accept nor decide it.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

BY_HAND = "（专人办理）"
"""At the end of a case's summary, which travels with it."""
REMEDIES = "可在收到决定之日起六十日内申请行政复议，或者六个月内提起行政诉讼。"


@dataclass(frozen=True)
class Kind:
    """One kind of document, with what it says when nothing else was asked for."""

    code: str = ""
    """Its 种类 or 情形 in words, such as 听证 or 初审."""
    reasons: str = ""
    remedies: str = ""
    materials: Sequence[str] = field(default=())
    needs: Sequence[str] = field(default=())
    """Options that nobody can guess."""
    days_until: int | None = None
    """Days from today to the date that it names, if it names one."""


KINDS = {
    "补正告知": Kind(reasons="没有提交。", materials=("公司章程",), days_until=15),
    "受理": Kind(days_until=5),
    "决定": Kind("准予许可"),
    "不予受理": Kind("不属于职权范围", "该事项依法不属于本机关职权范围。", REMEDIES),
    "审查": Kind("初审", "材料齐全，符合要求。"),
    "特别程序": Kind("检验", "经营场所需要现场检验。", days_until=20),
    "特别程序结束": Kind("检验", "检验合格。"),
    "延期": Kind(reasons="情况复杂，需要核实。", days_until=30),
    "终止": Kind("申请人不再存在", "申请人已经注销。", REMEDIES),
    "证照状态": Kind("撤销", "登记材料不实。", needs=("license",)),
    "撤销打印授权": Kind(reasons="登记内容有误。", needs=("authorisation",)),
    "打印授权": Kind(needs=("authorisation",)),
    "办结": Kind("已发证"),
    # The window's own two.
    "补正材料": Kind(reasons="已按告知补正。", materials=("公司章程",)),
    "撤回": Kind(reasons="不再设立。"),
}


@dataclass(frozen=True)
class Document:
    """One document that was asked for."""

    kind: str
    case: str
    """The case in this system's own number; at the issuing county the number that came with the application."""
    code: str
    reasons: str
    remedies: str
    days: int
    until: str
    """The date that it names, or nothing."""
    license_no: str
    """The license that it is about; of a decision, the one that is renewed."""
    successor: str
    authorisation: str
    number: str
    """The registration number of a company that has one already."""
    materials: Sequence[str]


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Add `document` to a local system's commands."""
    parser = commands.add_parser("document", help="出具一份文书，或登记申请人的补正材料、撤回")
    parser.add_argument("kind", choices=list(KINDS), help="文书种类")
    parser.add_argument("case", help="办件编号：外县来的用跨省办件编号，本窗口收的用本县申报号")
    parser.add_argument("--code", help="种类或情形，例如 听证、复核、不予许可、吊销")
    parser.add_argument("--reasons", help="理由、结果或说明")
    parser.add_argument("--days", type=int, default=5, help="延长的工作日数")
    parser.add_argument("--until", type=date.fromisoformat, help="期限")
    parser.add_argument("--license", default="", help="证照标识；决定延续或变更时是原证照标识")
    parser.add_argument("--successor", default="", help="替代它的证照标识")
    parser.add_argument("--authorisation", default="", help="打印授权编号")
    parser.add_argument("--number", default="", help="决定的登记号码，延续或变更时不变")
    parser.add_argument("--material", action="append", help="材料名称，可以多次")
    return parser


def asked_for(parser: argparse.ArgumentParser, given: argparse.Namespace, today: date) -> Document:
    """Return the document that a command line asks for; what it leaves open is filled in."""
    kind = KINDS[given.kind]
    for name in kind.needs:
        if not getattr(given, name):
            parser.error(f"{given.kind}要写明 --{name}")
    until = given.until or (today + timedelta(days=kind.days_until) if kind.days_until else None)
    return Document(
        kind=given.kind,
        case=given.case,
        code=given.code or kind.code,
        reasons=kind.reasons if given.reasons is None else given.reasons,
        remedies=kind.remedies,
        days=given.days,
        until=until.isoformat() if until else "",
        license_no=given.license,
        successor=given.successor,
        authorisation=given.authorisation,
        number=given.number,
        materials=given.material or kind.materials,
    )
