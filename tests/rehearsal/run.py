"""Inflicts the troubles one after another and waits for the words: on the page, in an alert, and that it is over.

A trouble whose kind has a long time of its own goes on standing while the next ones pass. The seconds count from the
moment at which the trouble began, the kind's own time among them.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.rehearsal.duty import Duty
from tests.rehearsal.reader import Reader
from tests.rehearsal.troubles import Trouble

PAGE_SECONDS: Final = 90.0
ALERT_SECONDS: Final = 180.0
OVER_SECONDS: Final = 420.0
_LONG_SECONDS: Final = 125.0
_LOOK_SECONDS: Final = 0.1


@dataclass(kw_only=True)
class Course:
    """What became of one trouble."""

    trouble: Trouble
    began_at: float = 0.0
    """When inflicting it began: no word is older."""
    struck_at: float = 0.0
    """When it stood; a tool of the broker takes seconds for it."""
    ended_at: float | None = None
    page: tuple[float, str] | None = None
    alert: tuple[float, str] | None = None
    over: tuple[float, str] | None = None
    ways: frozenset[str] = frozenset()
    unlike: list[str] = field(default_factory=list)
    """The lines that stood on the page when the expected one was given up."""

    @property
    def said(self) -> bool:
        """Whether everybody heard of it, and of its end."""
        return None not in (self.page, self.alert, self.over)

    def record(self) -> dict[str, Any]:
        """As it is written down."""
        words = {"page": self.page, "alert": self.alert, "over": self.over}
        return {
            "trouble": self.trouble.name,
            "title": self.trouble.title,
            "seconds_to_page": self.page[0] if self.page else None,
            "seconds_to_alert": self.alert[0] if self.alert else None,
            "seconds_to_over": self.over[0] if self.over else None,
            "grace_seconds": {"page": self.trouble.page_grace_seconds, "alert": self.trouble.grace_seconds},
            "alert_came_by": sorted(self.ways),
            "words": {name: each[1] if each else None for name, each in words.items()},
        } | ({"page_said_instead": self.unlike} if self.unlike else {})


class Run:
    """One rehearsal over a hub that runs."""

    def __init__(
        self, reader: Reader, duty: Duty, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`say` hears how far it is."""
        self._reader, self._duty, self._say, self._clock = reader, duty, say, clock
        self.courses: list[Course] = []

    def through(self, troubles: Sequence[Trouble]) -> list[Course]:
        """All of them; returns what became of each, in their order."""
        for trouble in troubles:
            if trouble.alone:
                self._await_over([each for each in self.courses if each.ended_at is not None])
            self._begin(trouble)
        for course in self.courses:
            if course.ended_at is None:
                self._await_alert(course)
                self._end(course)
        self._await_over(self.courses)
        return self.courses

    def _begin(self, trouble: Trouble) -> None:
        course = Course(trouble=trouble, began_at=self._clock())
        self.courses.append(course)
        self._say(trouble.title)
        trouble.begin()
        course.struck_at = self._clock()
        if trouble.grace_seconds > _LONG_SECONDS:
            if not trouble.page_grace_seconds:
                self._until(lambda: self._look(course) or course.page is not None, PAGE_SECONDS)
            return
        self._await_alert(course)
        self._end(course)

    def _await_alert(self, course: Course) -> None:
        """Both the page and the alert, or their time is over."""
        passed = self._clock() - course.struck_at
        page = course.trouble.page_grace_seconds + PAGE_SECONDS - passed
        alert = course.trouble.grace_seconds + ALERT_SECONDS - passed
        self._until(lambda: self._look(course), max(page, alert, 0.0))
        if course.page is None:
            course.unlike = sorted(self._reader.shown())
            self._say(f"! {course.trouble.name}: 页面没有说 / the page said nothing of it: {course.unlike}")
        if course.alert is None:
            self._say(f"! {course.trouble.name}: 没有告警 / no alert")

    def _look(self, course: Course) -> bool:
        for each in self.courses:
            self._note(each)
        return course.page is not None and course.alert is not None

    def _note(self, course: Course) -> None:
        trouble, began = course.trouble, course.began_at
        if course.page is None and (line := self._reader.said(trouble.line, began)):
            course.page = _seconds(line.first_at, course.struck_at), line.text
            self._say(f"  {course.page[0]:6.1f} s 页面 page   {line.text}")
        if course.alert is None and (told := self._duty.told(trouble.kind, trouble.place, began)):
            course.alert = _seconds(told.at, course.struck_at), told.words
            self._say(f"  {course.alert[0]:6.1f} s 告警 alert  {told.words}")
        course.ways = self._duty.ways(trouble.kind, began)
        if course.over is None and course.ended_at is not None:
            told = self._duty.told(trouble.kind, trouble.place, course.ended_at, over=True)
            if told is not None:
                course.over = _seconds(told.at, course.ended_at), told.words
                self._say(f"  {course.over[0]:6.1f} s 恢复 over   {told.words}")

    def _end(self, course: Course) -> None:
        course.ended_at = self._clock()
        course.trouble.end()

    def _await_over(self, courses: Sequence[Course]) -> None:
        awaited = [each for each in courses if each.alert is not None]
        self._until(lambda: self._all_over(awaited), OVER_SECONDS)

    def _all_over(self, courses: Sequence[Course]) -> bool:
        for each in self.courses:
            self._note(each)
        return all(each.over is not None for each in courses)

    def _until(self, true: Callable[[], bool], seconds: float) -> None:
        deadline = self._clock() + seconds
        while not true() and self._clock() < deadline:
            time.sleep(_LOOK_SECONDS)


def _seconds(at: float, since: float) -> float:
    return round(max(0.0, at - since), 1)
