"""The clock in words: each line in both languages, late and provisional said by a sign and a word."""

from datetime import UTC, date, datetime

import pytest

from pages import clockface
from pages.wording import say
from schemas.clock import Event
from schemas.clockface import ClockFace, face
from schemas.workdays.calendars import Calendar
from tests.catalogue_world import ISSUING, implementation

RECEIVED = Event("application.submitted", datetime(2026, 3, 2, 2, tzinfo=UTC))
ACCEPTED = Event("application.accepted", datetime(2026, 3, 2, 3, tzinfo=UTC), {"promised_on": date(2026, 3, 4)})
OPENED = Event("procedure.opened", datetime(2026, 3, 3, 2, tzinfo=UTC))
DECIDED = Event("decision.made", datetime(2026, 3, 6, 2, tzinfo=UTC))


def shown(now: datetime, *events: Event, complete: bool = True) -> ClockFace:
    """The face of a case whose item has three working days."""
    calendar = Calendar(complete=complete).of(ISSUING)
    return face(events, calendar=calendar, item=implementation(), now=now)


def said(found: ClockFace, language: str) -> list[str]:
    """The lines as text."""
    return [
        " ".join([
            say(line.name, language),
            line.value,
            *(f"{note.label.icon} {say(note.label.text, language, **note.params)}" for note in line.notes),
        ])
        for line in clockface.lines(found)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "zh",
            ["收到申请 2026-03-02 10:00", "受理 2026-03-02 11:00", "法定时限 2026-03-05 17:00 ○ 还有 1 个工作日",
             "承诺办结日 2026-03-04 17:00 ! 今日到期"],
        ),
        (
            "en",
            ["Application received 2026-03-02 10:00", "Acceptance 2026-03-02 11:00",
             "Statutory limit 2026-03-05 17:00 ○ working days left: 1", "Promised day 2026-03-04 17:00 ! due today"],
        ),
    ],
)  # fmt: skip
def test_a_running_clock(language: str, words: list[str]) -> None:
    """What happened, then what is due, times in Beijing."""
    assert said(shown(datetime(2026, 3, 4, 2, tzinfo=UTC), RECEIVED, ACCEPTED), language) == words


def test_late_paused_deemed_provisional_and_ended_are_each_said() -> None:
    """No state of the clock is shown by its colour alone, and the list says the same in a word."""
    late = datetime(2026, 3, 10, 2, tzinfo=UTC)
    assert said(shown(late, RECEIVED, ACCEPTED), "zh")[-1] == "承诺办结日 2026-03-04 17:00 ✕ 超期 4 个工作日"
    paused = shown(late, RECEIVED, ACCEPTED, OPENED)
    assert said(paused, "zh")[-1] == "暂停自 2026-03-03 10:00 ‖ 特别程序期间，时限暂停"
    deemed = shown(late, RECEIVED)
    assert said(deemed, "en")[0].endswith("! nothing said within five working days: accepted by law")
    unread = shown(late, RECEIVED, complete=False)
    assert said(unread, "zh")[-1] == "答复期限 2026-03-09 17:00 ? 已过 1 个工作日 ? 暂计：日历未公布"
    ended = shown(late, RECEIVED, ACCEPTED, DECIDED)
    assert said(ended, "zh")[-3:] == [
        "法定时限 2026-03-05 17:00 ✕ 超期 1 个工作日",
        "承诺办结日 2026-03-04 17:00 ✕ 超期 2 个工作日",
        "作出决定 2026-03-06 10:00",
    ]
    found = [[note.label.text for note in clockface.standing(each)] for each in (paused, unread, ended)]
    assert found == [["特别程序期间，时限暂停"], ["已过 {days} 个工作日", "暂计：日历未公布"], ["超期 {days} 个工作日"]]
