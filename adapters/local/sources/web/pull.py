"""Pulls records from a county's own HTTP interface that answers in JSON, without losing one when anything breaks.

What was handed out is known by all it says, so an answer may come again whole or in part. A row that cannot be read is
told once and blocks nothing. An interface that is away, overloaded or wrong is asked again after a growing pause; until
then every look says what was wrong, so that it stays visible.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.local.mapping.functions import BEIJING
from adapters.local.mapping.functions.plain import integer
from adapters.local.mapping.functions.times import moment
from adapters.local.mapping.strict import Section
from adapters.local.sources import CURSOR_UNREADABLE, Batch, LocalRecord
from adapters.local.sources.cellvalues import Unfit
from adapters.local.sources.filerows import BEYOND, MOST_ROWS
from adapters.local.sources.json_rows import is_list, tree_of
from adapters.local.sources.nested import NO_ROWS, at_path, record
from adapters.local.sources.web import access
from adapters.local.sources.web.client import NO_JSON, Answer, Client, LaterError
from adapters.local.sources.web.position import Position, mark_of
from adapters.local.sources.web.rules import PullRule, pull_rule
from schemas.errors import YunhuobanError

NOT_MODIFIED: Final = 304
NO_CONTENT: Final = 204
_PAGES_AT_ONCE: Final = 20
_EVERY_SECONDS: Final = 10
_LONGEST_PAUSE_SECONDS: Final = 60.0
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = 253_370_764_800_000  # 9999: no later time can be written
_TAG_PARTS: Final = 3


class HttpSource:
    """A `Source` over one interface."""

    def __init__(
        self, client: Client, rules: Sequence[PullRule], *, every_seconds: float, now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """Ask nothing yet. `now` keeps a row dated in the future from hiding others; `clock` counts seconds."""
        self.name = "http"
        self._client = client
        self._rules = rules
        self._every_seconds = every_seconds
        self._now = now
        self._clock = clock
        self._again_at = 0.0
        self._failed: YunhuobanError | None = None
        self._failures = 0

    @classmethod
    def from_settings(cls, section: Section, location: str, now: Callable[[], datetime]) -> "HttpSource":
        """Read `[source]`; problems are noted in the section. Raises E-SRC-081."""
        section.only("type", "every_seconds", "access", "records")
        client = Client(access.read(section.inner("access"), location))
        rules = [pull_rule(name, inner) for name, inner in section.inner("records").sections()]
        return cls(client, rules, every_seconds=section.number("every_seconds", _EVERY_SECONDS), now=now)

    def poll(self, cursor: str | None, limit: int) -> Batch:
        """Read what is new. Raises E-SRC-001, -061, -075 or E-SRC-081 to -087; then nothing has moved."""
        positions = self._load(cursor)
        if self._clock() < self._again_at:
            if self._failed is not None:
                raise self._failed
            return Batch((), cursor or "")
        records: list[LocalRecord] = []
        failures: list[YunhuobanError] = []
        whole, problem = True, None
        for rule in self._rules:
            try:
                whole &= self._sweep(rule, positions[rule.row.kind], limit, records, failures)
            except YunhuobanError as error:
                problem = error
        if problem is None:
            self._failed, self._failures = None, 0
            self._again_at = self._clock() + self._every_seconds if whole or not records else 0.0
        else:
            self._later(problem)
            if not records and not failures:
                raise problem
            # What the other kinds gave is kept; the next look says what was wrong with this one.
        state = {name: position.dump() for name, position in positions.items()}
        return Batch(records, json.dumps(state, separators=(",", ":")), failures)

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _later(self, error: YunhuobanError) -> None:
        self._failures += 1
        pause = min(2.0 ** min(self._failures - 1, 9), _LONGEST_PAUSE_SECONDS)
        if isinstance(error, LaterError) and error.seconds is not None:
            pause = max(pause, error.seconds)
        self._again_at = self._clock() + pause
        self._failed = error

    def _load(self, cursor: str | None) -> dict[str, Position]:
        try:
            data: dict[str, Any] = dict(json.loads(cursor).items()) if cursor else {}
            kinds = [each.row.kind for each in self._rules]
            return {kind: Position.load(data[kind]) if kind in data else Position() for kind in kinds}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise YunhuobanError(CURSOR_UNREADABLE, place=self.name) from None

    def _sweep(
        self, rule: PullRule, position: Position, limit: int, records: list[LocalRecord], failures: list[YunhuobanError]
    ) -> bool:
        """Read on; say whether the end of what there is now was reached."""
        for _ in range(_PAGES_AT_ONCE):
            alone = not position.at and not position.now
            asked = _question(rule, position)
            answer = self._client.get(rule.path, asked, _conditions(position, asked))
            if answer.status == NOT_MODIFIED:
                self._end(rule, position, position.seen)
                return True
            tree, rows = _rows(rule, answer)
            met = len(position.now)
            if not self._take(rule, tree[1], rows, position, limit, records, failures):
                position.tag = []
                return False
            following = _following(rule, position, tree[0], len(rows))
            if not alone and len(position.now) == met and not rule.is_feed:
                following = ""  # an interface that pays no heed to the page gives the same one for ever
            if not following:
                position.tag = _tag(answer, asked) if alone or rule.is_feed else []
                self._end(rule, position, position.now)
                return True
            position.at, position.tag = following, []
            if rule.is_feed:
                position.seen, position.now = set(), set()
        return False

    def _end(self, rule: PullRule, position: Position, marks: set[str]) -> None:
        """A sweep is over: the next one begins where its rows may still be late."""
        position.seen, position.now = set(marks), set()
        if not rule.is_feed:
            position.at = ""
        if rule.since is not None and position.high is not None:
            position.since = position.high - rule.since.overlap

    def _take(
        self, rule: PullRule, encoding: str, rows: Sequence[Any], position: Position, limit: int,
        records: list[LocalRecord], failures: list[YunhuobanError],
    ) -> bool:  # fmt: skip
        """Hand out what is new of one answer; False when the batch is full before its end."""
        path = ".".join(filter(None, ("$", rule.row.rows)))
        for at, row in enumerate(rows):
            mark = mark_of(row)
            if not position.knows(mark):
                found = record(row, rule.row, encoding, f"接口 {rule.path} 路径 {path}[{at}]")
                if isinstance(found, YunhuobanError):
                    failures.append(found)
                elif len(records) == limit:
                    return False
                else:
                    records.append(found)
                position.now.add(mark)
                if len(position.now) > MOST_ROWS:
                    expected = f"最多 {MOST_ROWS}"
                    raise YunhuobanError(BEYOND, place=f"接口 {rule.path}", found=f"> {MOST_ROWS}", expected=expected)
            self._reach(rule, row, position)
        return True

    def _reach(self, rule: PullRule, row: Any, position: Position) -> None:
        """Note how far this row goes; what is no time and no number goes nowhere."""
        if rule.since is None or not isinstance(row, Mapping):
            return
        values = at_path(row, rule.since.column)
        value = values[0] if len(values) == 1 else None
        if value is None or isinstance(value, Unfit | Mapping):
            return
        try:
            if rule.since.by_time:
                reached = (min(moment(value), self._now()) - _EPOCH) // timedelta(milliseconds=1)
            else:
                reached = integer(value)
        except YunhuobanError:
            return
        position.high = reached if position.high is None else max(position.high, reached)


def _question(rule: PullRule, position: Position) -> dict[str, str]:
    asked = dict(rule.parameters)
    if rule.since is not None and position.since is not None:
        since = max(position.since, 0)
        if rule.since.by_time:
            asked_from = _EPOCH + timedelta(milliseconds=min(since, _LATEST))
            asked[rule.since.parameter] = asked_from.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        else:
            asked[rule.since.parameter] = str(since)
    if rule.page is not None:
        asked[rule.page.parameter] = position.at or str(rule.page.first)
        if rule.page.size_parameter:
            asked[rule.page.size_parameter] = str(rule.page.size)
    if rule.next is not None and position.at:
        asked[rule.next.parameter] = position.at
    return asked


def _rows(rule: PullRule, answer: Answer) -> tuple[tuple[Any, str], Sequence[Any]]:
    """The answer's values with their encoding, and the rows among them. Raises E-SRC-061 or E-SRC-087."""
    place = f"接口 {rule.path}"
    if answer.status == NO_CONTENT:
        return (None, answer.encoding), ()
    try:
        tree, encoding = tree_of(answer.body, answer.encoding)
    except (json.JSONDecodeError, RecursionError) as error:
        raise YunhuobanError(NO_JSON, place=place, found=type(error).__name__) from None
    try:
        rows = at_path(tree, rule.row.rows)
    except YunhuobanError as error:
        error.place = place
        raise
    if not rows and not is_list(tree, rule.row.rows):
        raise YunhuobanError(NO_ROWS, place=place, expected=rule.row.rows or "[ … ]")
    return (tree, encoding), rows


def _following(rule: PullRule, position: Position, tree: Any, rows: int) -> str:
    """What is to be asked for after this answer; empty at the end."""
    if rule.page is not None:
        return str(int(position.at or rule.page.first) + 1) if rows >= rule.page.size else ""
    if rule.next is None:
        return ""
    named = at_path(tree, rule.next.path)
    value = named[0] if len(named) == 1 else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value) if str(value) != position.at else ""


def _digest(asked: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:24]


def _tag(answer: Answer, asked: Mapping[str, str]) -> list[str]:
    etag, modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
    return [_digest(asked), etag, modified] if etag or modified else []


def _conditions(position: Position, asked: Mapping[str, str]) -> dict[str, str]:
    """Ask for nothing new to be said as that, when the same question was answered whole before."""
    if len(position.tag) != _TAG_PARTS or position.tag[0] != _digest(asked) or position.now:
        return {}
    said = {"If-None-Match": position.tag[1], "If-Modified-Since": position.tag[2]}
    return {name: value for name, value in said.items() if value}
