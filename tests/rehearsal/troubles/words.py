"""Troubles of a word that does not come: what came out of a printer, an answer, that somebody was called back."""

from datetime import timedelta

from tests.rehearsal.crowd import Crowd
from tests.rehearsal.readiness import until_ready
from tests.rehearsal.stage import Stage
from tests.rehearsal.troubles.trouble import Trouble
from tests.rehearsal.wires import Case

_DAYS_AGO = timedelta(days=-3)
_GRANTED_SECONDS = 60.0


def unknown_print(stage: Stage, crowd: Crowd, code: str, other: str, outcome_seconds: float) -> Trouble:
    """A window was allowed to print and says nothing more: power cut, printer jammed, or the clerk went home."""
    opened: list[str] = []

    def begin() -> None:
        crowd.do(lambda: opened.append(crowd.open_case(code, other, stops_before="print.settled")))
        until_ready(
            lambda: bool(opened) and crowd.stopped(opened[-1]),
            lambda: f"{code}: nothing was granted to be printed",
            _GRANTED_SECONDS,
        )

    return Trouble(
        name="print-unknown",
        title="一份打印没有结果 / nobody says what came out of a printer",
        kind="print-unknown",
        place=stage.names[code],
        on_page="份打印结果不明",
        begin=begin,
        end=lambda: crowd.do(lambda: crowd.go_on(opened[-1])),
        page_grace_seconds=outcome_seconds,
        more_grace_seconds=outcome_seconds,
    )


def late_answer(stage: Stage, crowd: Crowd, code: str, other: str) -> Trouble:
    """A county was asked, and the day for its answer has passed."""
    asked: list[str] = []

    def begin() -> None:
        kind, answer = "question.asked", "question.answered"
        asked.append(crowd.open_case(other, code, kind=kind, promised_in=_DAYS_AGO, stops_before=answer))

    return Trouble(
        name="late-answer",
        title="一个县的答复逾期 / a county's answer is overdue",
        kind="late-answers",
        place=stage.names[code],
        on_page="逾期没有答复",
        begin=lambda: crowd.do(begin),
        end=lambda: crowd.do(lambda: crowd.go_on(asked[-1])),
    )


def no_follow_up(stage: Stage, crowd: Crowd, rated: Case) -> Trouble:
    """The follow-up of a bad rating of weeks ago is refused where it was told: nobody was called back, it says."""
    crowd.adopt(rated)
    number, window, county = rated.case_no, rated.window.code, rated.issuing.code
    for each in (window, county):
        crowd.leave_out(each)
    return Trouble(
        name="bad-rating",
        title="一条差评逾期没有回访 / a bad rating was not followed up in time",
        kind="bad-ratings",
        place=stage.names[county],
        on_page="差评逾期没有回访",
        begin=lambda: crowd.do(lambda: crowd.refuse(number, window)),
        end=lambda: crowd.do(lambda: crowd.say(number, "rating.followed_up")),
    )
