"""The clock of a case in words, the same on the hub's page, on its terminal and on the county's pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pages import labels
from pages.labels import Label
from pages.wording import mark as _
from schemas.clockface import ClockFace, Due, DueKind
from schemas.workdays.hours import BEIJING

DUES: Final = {
    DueKind.ANSWER: _("答复期限"),
    DueKind.STATUTORY: _("法定时限"),
    DueKind.PROMISED: _("承诺办结日"),
}
PROVISIONAL: Final = Label(_("暂计：日历未公布"), "ask", "?")
_PAUSED: Final = Label(_("特别程序期间，时限暂停"), "wait", "‖")
_DEEMED: Final = Label(_("五个工作日内未告知，依法视为受理"), "bad", "!")
_LEFT: Final = Label(_("还有 {days} 个工作日"), "calm", "○")
_TODAY: Final = Label(_("今日到期"), "wait", "!")
_LATE: Final = Label(_("超期 {days} 个工作日"), "bad", "✕")
_LATE_TODAY: Final = Label(_("今日已超期"), "bad", "✕")
_PERHAPS_LATE: Final = Label(_("已过 {days} 个工作日"), "ask", "?")
_IN_TIME: Final = Label(_("按期"), "good", "✓")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A word beside a line; `params` fill the label's text."""

    label: Label
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the clock."""

    name: str
    """Marked."""
    value: str
    """A time in Beijing or a number; in no language."""
    notes: Sequence[Note] = ()


def lines(face: ClockFace) -> list[Line]:
    """What there is to say, in the order in which it happened; what is due last."""
    return [*_happened(face), *(_due_line(due, ended=face.ended_at is not None) for due in face.dues), *_ended(face)]


def standing(face: ClockFace) -> Sequence[Note]:
    """The whole clock in a word, for a list: what is due first, that it is paused, or how the case was decided."""
    if face.paused_at is not None:
        return (Note(label=_PAUSED),)
    if face.next_due is not None:
        return notes(face.next_due)
    worst = max(face.dues, key=lambda due: (due.overdue, due.passed), default=None)
    return notes(worst, ended=True) if worst is not None else ()


def notes(due: Due, *, ended: bool = False) -> Sequence[Note]:
    """How a limit stands."""
    days = {"days": abs(due.left.days)}
    if due.overdue:
        note = Note(label=_LATE, params=days) if due.left.days or ended else Note(label=_LATE_TODAY)
    elif due.passed:
        note = Note(label=_PERHAPS_LATE, params=days)
    elif ended:
        note = Note(label=_IN_TIME)
    else:
        note = Note(label=_LEFT, params=days) if due.left.days else Note(label=_TODAY)
    return (note, Note(label=PROVISIONAL)) if due.provisional or due.left.provisional else (note,)


def moment(at: datetime) -> str:
    """A time in Beijing with its year: a limit may end in the next one."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def _happened(face: ClockFace) -> Iterator[Line]:
    if face.received_at is not None:
        deemed = (Note(label=_DEEMED),) if face.deemed_accepted else ()
        yield Line(name=_("收到申请"), value=moment(face.received_at), notes=deemed)
    if face.answered_at is not None:
        yield Line(name=_("已答复申请人"), value=moment(face.answered_at))
    if face.accepted_at is not None:
        yield Line(name=_("受理"), value=moment(face.accepted_at))
    if face.extended_days:
        yield Line(name=_("延长（工作日）"), value=str(face.extended_days))
    if face.paused_at is not None:
        yield Line(name=_("暂停自"), value=moment(face.paused_at), notes=(Note(label=_PAUSED),))


def _due_line(due: Due, *, ended: bool) -> Line:
    return Line(name=DUES[due.kind], value=moment(due.at), notes=notes(due, ended=ended))


def _ended(face: ClockFace) -> Iterator[Line]:
    if face.ended_at is not None:
        yield Line(name=labels.RUNGS[face.ended_by], value=moment(face.ended_at))
