"""Who is told, in which order, and when nobody is to be woken: `alerts.toml` in the hub's folder.

It holds passwords and tokens, so that only the process may read it. It is read again when it has changed; one that is
wrong is said on the page and in the log, and what counted before goes on counting.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Annotated, Final, Self

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from hub.alerting.limits import DEFAULT, Limits
from pages.notices import channels
from pages.notices.channels import Channels
from schemas.errors import YunhuobanError, declare

FILE: Final = "alerts.toml"
WRONG: Final = declare(
    "E-ALERT-001",
    "告警设置 {place} 有误，没有采用。",
    "请照提示改正，改好后自动生效；在此之前仍按上一次正确的设置告警。",
)
_log = structlog.get_logger(__name__)
_BEIJING: Final = timezone(timedelta(hours=8))  # one time all year round and in every county
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class Quiet(BaseModel):
    """The hours in which only what is urgent is told, Beijing time; the rest is told when they are over."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    begins: Annotated[str, Field(alias="from")]
    ends: Annotated[str, Field(alias="until")]

    @field_validator("begins", "ends")
    @classmethod
    def _clock(cls, value: str) -> str:
        if not _TIME.fullmatch(value):
            raise ValueError("HH:MM")
        return value

    def holds(self, now: datetime) -> bool:
        """Whether it is quiet now."""
        begins, ends = time.fromisoformat(self.begins), time.fromisoformat(self.ends)
        here = now.astimezone(_BEIJING).time()
        return begins <= here < ends if begins <= ends else here >= begins or here < ends


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=40)]
    after_minutes: Annotated[float, Field(ge=0, le=24 * 60)] = 0.0
    urls: Annotated[tuple[str, ...], Field(min_length=1)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    page: str = ""
    together_minutes: Annotated[float, Field(ge=0, le=60)] = 5.0
    quiet: Quiet | None = None
    limits: Limits = DEFAULT
    step: tuple[_Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Some people, by a name of their office, and how long the ones before had to acknowledge."""

    name: str
    after: timedelta
    channels: Channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All of the file."""

    steps: Sequence[Step] = ()
    quiet: Quiet | None = None
    together: timedelta = timedelta(minutes=5)
    """After one notice the next waits so long, unless something urgent is in it."""
    limits: Limits = DEFAULT
    page: str = ""
    """The address of the hub's pages as the people on call reach them."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Nobody is told without a file. Raises E-ALERT-001, E-NOTE-001, -002 or -003."""
        try:
            said = _File.model_validate(channels.private(folder / FILE))
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            place = ".".join(map(str, first["loc"]))[:80]
            raise YunhuobanError(WRONG, place=f"{FILE}: {place}", expected=first["msg"][:120]) from None
        steps = [
            Step(
                name=each.name,
                after=timedelta(minutes=each.after_minutes),
                channels=Channels(each.urls, place=FILE),
            )
            for each in said.step
        ]
        if len({each.name for each in steps}) < len(steps):
            raise YunhuobanError(WRONG, place=f"{FILE}: step.name", expected="≠")
        together = timedelta(minutes=said.together_minutes)
        return cls(steps=steps, quiet=said.quiet, together=together, limits=said.limits, page=said.page)

    def is_quiet(self, now: datetime) -> bool:
        """Whether only what is urgent is told."""
        return self.quiet is not None and self.quiet.holds(now)


def limits(folder: Path) -> Limits:
    """From where on something is the matter, for whoever only shows it; the defaults where the file is wrong."""
    try:
        return _File.model_validate(channels.private(folder / FILE)).limits
    except (ValidationError, YunhuobanError):
        return DEFAULT  # the keeper says what is wrong with it


class PlanFile:
    """The plan, read again when its file has changed."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read yet."""
        self._folder = folder
        self._seen: tuple[int, int, int] | None = None
        self._plan = Plan()
        self.trouble: YunhuobanError | None = None
        """What is wrong with the file as it stands."""

    def current(self) -> Plan:
        """What counts now: the file as it was when it was last right; nobody is told before it ever was."""
        state = self._state()
        if state != self._seen:
            try:
                self._plan, self.trouble = Plan.load(self._folder), None
            except YunhuobanError as error:
                self.trouble = error
                _log.error("alert.plan_refused", code=error.code.code, place=error.place)
            self._seen = state
        return self._plan

    def _state(self) -> tuple[int, int, int]:
        try:
            stat = (self._folder / FILE).stat()
        except OSError:
            return (0, 0, 0)
        return (stat.st_mtime_ns, stat.st_size, stat.st_mode)


def passed(since: datetime | None, now: datetime, span: timedelta) -> bool:
    """Whether so long has passed; also when `since` is yet to come: a clock that was put back silences nobody."""
    return since is None or not since <= now.astimezone(UTC) < since + span
