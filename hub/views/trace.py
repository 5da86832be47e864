"""One case from the application to the hand-over: every rung, who made it, and how long it took. Pure reading.

The hub holds no personal data, so there is none here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection, select

from hub.catalogue import state
from hub.instants import from_millis
from hub.store import tables
from hub.views import ladder
from hub.views.bilingual import NOTHING, both, heading, moment, seconds
from hub.views.ladder import GRANTED, PARKED, UNKNOWN_CASE, PrintLine, Rung
from pages import clockface, labels
from pages.outcomes import outcome
from pages.wording import mark as _
from schemas.clockface import ClockFace, face
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.leaf import ADMITTED
from schemas.messages import HUB
from schemas.workdays.calendars import Calendar

_TONES: Final = {"bad": "red", "wait": "yellow", "ask": "magenta", "good": "green"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTrace:
    """A whole case as the hub knows it."""

    case_no: str
    window_county: str
    issuing_county: str
    names: Mapping[str, str]
    """County names by division code."""
    service_item: str
    state: str
    """`schemas.lifecycle.CaseState`; empty when not even the application was admitted."""
    trial: bool
    opened_at: datetime | None
    changed_at: datetime | None
    rungs: Sequence[Rung]
    prints: Sequence[PrintLine]
    clock: ClockFace

    @property
    def total_seconds(self) -> float:
        """From the first rung to the last."""
        return (self.rungs[-1].at - self.rungs[0].at).total_seconds()


def trace(tx: Connection, case_no: str, *, calendar: Calendar, now: datetime) -> CaseTrace:
    """Everything the hub knows of one case. Raises E-JRNL-010 for a case of which there is no message.

    By `calendar` and `now` its clock is told; the hub holds the case to the time limits by the same calendar.
    """
    columns = tables.messages.c
    rows = tx.execute(select(tables.messages).where(columns.case_no == case_no).order_by(columns.admitted_at)).all()
    if not rows:
        raise YunhuobanError(UNKNOWN_CASE, place="case_no", found=case_no[:40])
    case = tx.execute(select(tables.cases).where(tables.cases.c.case_no == case_no)).one_or_none()
    first = Envelope.parse(rows[0].body)
    window, issuing = (case.window_county, case.issuing_county) if case else (first.source, first.destination)
    service_item = case.service_item if case else first.service_item
    counties = tables.counties.c
    both_counties = counties.division_code.in_([window, issuing])
    names = tx.execute(select(counties.division_code, counties.name).where(both_counties))
    return CaseTrace(
        case_no=case_no,
        window_county=window,
        issuing_county=issuing,
        names={row.division_code: row.name for row in names},
        service_item=service_item,
        state=case.state if case else "",
        trial=case.trial if case else first.trial,
        opened_at=from_millis(case.opened_at) if case else None,
        changed_at=from_millis(case.changed_at) if case else None,
        rungs=ladder.ladder(rows, ladder.grants(tx, rows)),
        prints=ladder.prints(tx, case_no),
        clock=face(
            ladder.clock_events(rows),
            calendar=calendar.of(issuing),
            item=state.implementation(tx, issuing, service_item),
            now=now,
        ),
    )


def render(trace: CaseTrace, language: str = "zh") -> RenderableType:
    """The ladder for the terminal, in the reader's language with the other one beside it."""
    parts: list[RenderableType] = [_facts(trace, language), _rungs(trace, language)]
    if trace.prints:
        parts.append(_print_table(trace.prints, language))
    return Group(*parts)


def _facts(trace: CaseTrace, language: str) -> Table:
    table = Table.grid(padding=(0, 2))
    rows = [
        (_("办件"), Text(trace.case_no, style="bold")),
        (_("收件地"), Text(_county(trace, trace.window_county))),
        (_("属地"), Text(_county(trace, trace.issuing_county))),
        (_("事项"), Text(trace.service_item)),
        (_("状态"), Text(_state(trace.state, language), style="bold")),
        (_("全程"), Text(seconds(trace.total_seconds))),
    ]
    if trace.trial:
        rows.append((_("试办"), Text(both(_("样张，不计入台账与统计"), language), style="yellow")))
    rows += [(line.name, _clock_value(line, language)) for line in clockface.lines(trace.clock)]
    for name, value in rows:
        table.add_row(Text(both(name, language), style="dim"), value)
    return table


def _clock_value(line: clockface.Line, language: str) -> Text:
    text = Text(line.value)
    for note in line.notes:
        said = both(note.label.text, language, **note.params)
        text.append(f"  {note.label.icon} {said}", style=_TONES.get(note.label.tone, ""))
    return text


def _rungs(trace: CaseTrace, language: str) -> Table:
    table = Table("#", title=both(_("经过"), language), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(heading(_("环节"), language), min_width=36)
    table.add_column(heading(_("准入时间"), language))
    table.add_column("+", justify="right")
    table.add_column(heading(_("接收方签收"), language), justify="right")
    for number, rung in enumerate(trace.rungs, 1):
        step = Text(both(labels.RUNGS.get(rung.type, rung.type), language))
        step.append("\n").append(both(_("中枢"), language) if rung.source == HUB else _county(trace, rung.source))
        # Below the step, not in a column of its own: eighty characters have no place for one, and it would be left out.
        step.append("\n").append(_verdict(trace, rung, language))
        step.append(f"\n{rung.message_id}", style="dim")
        table.add_row(
            str(number),
            step,
            moment(rung.at),
            seconds(rung.seconds),
            f"+ {seconds(rung.received_seconds)}" if rung.received_at else NOTHING,
        )
    return table


def _print_table(prints: Sequence[PrintLine], language: str) -> Table:
    table = Table(title=both(_("打印台账"), language), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    names = (_("打印授权"), _("份"), _("放行"), _("打印结果"), _("证照纸编号"))
    for name in names:
        table.add_column(heading(name, language), overflow="fold")
    for line in prints:
        number = Text(line.authorisation_no)
        if line.replaces:
            number.append(f"\n← {line.replaces}", style="dim")
        table.add_row(
            number,
            Text(f"{both(labels.COPY_KINDS.get(line.copy_kind, line.copy_kind), language)} {line.copy_no}"),
            Text(f"{moment(line.granted_at)}\n{line.station or NOTHING}"),
            Text(f"{both(labels.label(labels.PRINT_STATES, line.state).text, language)}\n{moment(line.settled_at)}"),
            Text(line.stock_serial or NOTHING),
        )
    return table


def _verdict(trace: CaseTrace, rung: Rung, language: str) -> Text:
    if rung.verdict == PARKED:
        return Text(both(_("等候前一报文"), language), style="yellow")
    if rung.verdict not in (ADMITTED, GRANTED):
        return Text(f"{both(_('已拒收'), language)} {rung.verdict}", style="red")
    said = _("准入") if rung.verdict == ADMITTED else _("放行")
    text = Text(both(said, language), style="green" if rung.good else "red")
    if rung.outcome:
        went = outcome(rung.type, rung.outcome)
        shown = both(went.text, language) if went else rung.outcome.removeprefix(f"{trace.case_no}-")
        text.append(f" · {shown}")
    return text


def _county(trace: CaseTrace, code: str) -> str:
    return f"{trace.names.get(code, '')} {code}".strip()


def _state(state: str, language: str) -> str:
    return both(labels.label(labels.CASE_STATES, state).text, language) if state else both(_("未准入"), language)
