"""What `adapter test` found, for a county's IT person: a line to each kind of trouble, then every case that failed."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from adapters.countyit.conformance.judging import CRASHED, IGNORED, LOST, MAPPED, REFUSED
from adapters.countyit.conformance.suite import Conformance
from pages import wording
from pages.wording import mark as _

KINDS: Final[Mapping[str, str]] = {
    "twice": _("同一条记录两次"),
    "unknown": _("多出不认识的列"),
    "missing": _("缺了一列"),
    "rare": _("生僻字 𠮷䶮㐂"),
    "megabyte": _("一兆字节的备注"),
    "pieces": _("一格中的项数不对"),
    "no_code": _("代码不在对照表中"),
    "full_width": _("全角数字"),
    "ends_in_x": _("末位是 X 的身份证号"),
    "no_such_day": _("2 月 31 日"),
    "empty": _("NULL、空、只有空格"),
    "nothing": _("写着“无”"),
    "encoding": _("文件编码：GB18030、UTF-8、带标记的 UTF-8"),
    "half_written": _("文件只写了一半"),
    "double_column": _("表头里同一列两次"),
    "double_key": _("同一主键或名称两次"),
    "all_fields": _("对方报文所有字段都有"),
    "fewest_fields": _("对方报文只有必需字段"),
    "link": _("准备线路"),
    "cut_before": _("断线：对方没有收到"),
    "cut_after": _("断线：对方收到了，确认丢失"),
    "nack": _("中枢拒绝接收（nack）"),
    "late_ack": _("确认迟到"),
    "cut_receiving": _("断线：收到后没有来得及确认"),
    "revoked": _("本县证书被吊销"),
}
OUTCOMES: Final[Mapping[str, str]] = {
    MAPPED: _("照样转换"),
    REFUSED: _("拒收并说明"),
    LOST: _("内容变了或丢了"),
    CRASHED: _("程序出错"),
    IGNORED: _("被当作无关而略过"),
}


def both(text: str) -> str:
    """Chinese and English."""
    return " / ".join(wording.say(text, language) for language in wording.LANGUAGES)


def summary(found: Conformance) -> Table:
    """One line to each kind."""
    table = Table("情况 what was tried", "例数 cases", "照样转换 mapped", "拒收并说明 refused", "判定 verdict")
    outcomes = Counter((each.kind, each.outcome) for each in found.cases)
    failed = Counter(each.kind for each in found.cases if not each.passed)
    for kind, words in KINDS.items():
        total = sum(number for (name, _outcome), number in outcomes.items() if name == kind)
        if total:
            verdict = f"✗ {failed[kind]} 例不对 failed" if failed[kind] else "✓ 通过 passed"
            numbers = (str(total), str(outcomes[kind, MAPPED]), str(outcomes[kind, REFUSED]))
            table.add_row(both(words), *numbers, verdict)
    return table


def failures(found: Conformance) -> Table:
    """Every case that failed."""
    table = Table("映射的部分 part", "情况 what was tried", "位置 where", "应为 expected", "实际 found")
    for each in found.cases:
        if not each.passed:
            said = " ".join(filter(None, (both(OUTCOMES[each.outcome]), each.found)))
            table.add_row(*map(Text, (each.part, both(KINDS[each.kind]), each.place, each.expected, said)))
    return table


def document(found: Conformance) -> bytes:
    """All of it as JSON, for whoever wants to keep or compare it; no content of any record is in it."""
    said: dict[str, Any] = {
        "county": found.county,
        "passed": found.passed,
        "samples": [
            {"key": each.key, "outcome": each.outcome, "differences": len(each.differences)}
            for each in found.samples.tried
        ],
        "untested": list(found.untested),
        "cases": [asdict(each) for each in found.cases],
    }
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()
