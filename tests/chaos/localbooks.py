"""What the two local systems of the demonstration hold, in words that are the same for both.

A rule asks each local system four things: which applications its window took, which steps its own clerks made, which
traces of ours it holds, and in which order they came, where it can tell. Read without writing; no names, only numbers.
"""

import csv
import io
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

_NUMBER: Final = re.compile(r"授权编号([0-9A-Z-]+)")
_STEPS: Final = {
    "补正告知": "supplement.requested",
    "补正材料": "supplement.provided",
    "不予受理": "application.not_accepted",
    "属地受理": "application.accepted",
    "特别程序": "procedure.opened",
    "特别程序结束": "procedure.closed",
    "延长期限": "deadline.extended",
    "属地决定": "decision.made",
    "证照状态": "license.state_changed",
    "打印授权": "print.authorised",
    "撤销打印授权": "print.revoked",
    "打印合格": "print.settled",
    "打印作废": "print.settled",
    "打印撤销": "print.settled",
    "撤回": "case.withdrawn",
    "终止": "case.terminated",
    "办结": "case.closed",
    "报文被拒收": "message.refused",
}
_WUQIAO_STEPS: Final = _STEPS | dict.fromkeys(("初审", "复核", "会签", "签发"), "review.advanced")
_PART_OF_A_STEP: Final = "补正内容"
"""One row per defect, beside the one of the notice that names them."""
_YONGJI_STEPS: Final = _STEPS | {
    "审查": "review.advanced",
    "证照": "license.issued",
    "送达": "case.handed_over",
}
_YONGJI_STATES: Final = {"3": "application.accepted", "11": "decision.made", "12": "decision.made"}


class Trace(NamedTuple):
    """One step of one case in a local system."""

    case: str
    """The local number at the window, the case number at the issuing county."""
    type: str
    """The message that it came from, or that it causes."""
    number: str = ""
    """The authorisation, where there may be several of the type."""


@dataclass(slots=True, kw_only=True)
class LocalBooks:
    """One county's own system."""

    taken: list[str] = field(default_factory=list)
    """Applications taken at its own window, by its own number, as often as they stand there."""
    made: list[Trace] = field(default_factory=list)
    """Steps of its own clerks."""
    traces: list[Trace] = field(default_factory=list)
    """What the county node wrote into it."""
    in_order: list[Trace] = field(default_factory=list)
    """Those of the traces whose order of writing the system keeps, in that order."""


def wuqiao(database: Path) -> LocalBooks:
    """吴桥: tables of a database; `data_source` says who wrote a row."""
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
        connection.row_factory = sqlite3.Row

        def ask(query: str) -> list[sqlite3.Row]:
            return connection.execute(query).fetchall()

        steps = [
            Trace(row["project_no"], _WUQIAO_STEPS[row["process_name"]], _number(row))
            for row in ask("SELECT * FROM up_pro_process WHERE data_source = 'yunhuoban' ORDER BY rowid")
            if row["process_name"] != _PART_OF_A_STEP
        ]
        accepts = "SELECT project_no, data_source, cd_operation FROM up_pro_accept"
        rows = ask(accepts)
        return LocalBooks(
            taken=[r["project_no"] for r in rows if (r["data_source"], r["cd_operation"]) == ("wuqiao", "I")],
            made=[
                *[
                    Trace(r["project_no"], "application.accepted")
                    for r in rows if (r["data_source"], r["cd_operation"]) == ("wuqiao", "U")
                ],
                *_all(ask("SELECT project_no FROM up_pro_result WHERE data_source = 'wuqiao'"), "decision.made"),
                *_all(ask("SELECT project_no FROM wq_handover WHERE data_source = 'wuqiao'"), "case.handed_over"),
            ],
            traces=[
                *steps,
                *[
                    Trace(r["project_no"], "application.submitted")
                    for r in rows if (r["data_source"], r["cd_operation"]) == ("yunhuoban", "I")
                ],
                *_all(ask("SELECT project_no FROM up_lic_data WHERE data_source = 'yunhuoban'"), "license.issued"),
                *_all(ask("SELECT project_no FROM wq_handover WHERE data_source = 'yunhuoban'"), "case.handed_over"),
            ],
            in_order=steps,
        )  # fmt: skip


def yongji(folder: Path) -> LocalBooks:
    """永济: files in and out, and its own small register of what its window took."""
    register = folder / "永济业务.db"
    with closing(sqlite3.connect(f"{register.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
        taken = [serial for (serial,) in connection.execute("SELECT serial FROM own_cases")]
    made = [Trace(row["跨省办件号"], _YONGJI_STATES[row["状态"]]) for row in _files(folder / "去件", "办件状态")]
    made += [Trace(row["流水号"], "case.handed_over") for row in _files(folder / "去件", "送达登记")]
    traces = [Trace(row["跨省办件号"], "application.submitted") for row in _files(folder / "来件", "跨省申请")]
    for row in _files(folder / "来件", "办件回告"):
        kind = _YONGJI_STEPS[row["环节"]]
        number = row["编号"] if kind.startswith("print.") else ""
        traces.append(Trace(row["办件号"] or row["跨省办件号"], kind, number))
    return LocalBooks(taken=taken, made=made, traces=traces)


def _all(rows: Iterable[sqlite3.Row], kind: str) -> list[Trace]:
    return [Trace(row["project_no"], kind) for row in rows]


def _number(row: sqlite3.Row) -> str:
    found = _NUMBER.search(row["handle_explain"] or "") if "打印" in row["process_name"] else None
    return found[1] if found else ""


def _files(folder: Path, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob(f"{kind}_*.csv")):
        found += csv.DictReader(io.StringIO(path.read_bytes().decode("gb18030"), newline=""))
    return found
