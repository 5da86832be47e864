"""From `[source.records.…]` of a mapping to how one kind of record is pulled, and how its answers hang together.

- `since`: only what changed since a time, or has a higher number, is asked for; an overlap is asked for again, because
  rows are committed out of order.
- `page`: numbered pages, read from the first to the first one that is not full.
- `next`: each answer names the next. Alone it is a feed: the last name is kept, and nothing before it is read again.
- None of them: the whole list each time. Known rows bring nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from adapters.local.mapping.strict import WRONG_VALUE, Section
from adapters.local.sources.filerows import FileRule
from adapters.local.sources.web.access import path_of

_OVERLAP_SECONDS: Final = 600
_FULL_PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """Ask only for what is new."""

    parameter: str
    column: str
    overlap: int
    """In milliseconds for times, else in numbers."""
    by_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Ask page by page."""

    parameter: str
    first: int
    size: int
    size_parameter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """Ask for what the last answer named."""

    parameter: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRule:
    """How one kind of record is asked for and read."""

    row: FileRule
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    since: Since | None = None
    page: Page | None = None
    next: Next | None = None

    @property
    def is_feed(self) -> bool:
        """Whether it goes on for ever instead of beginning anew."""
        return self.next is not None and self.since is None


def row_rule(name: str, section: Section) -> FileRule:
    """What a row of JSON is, with the keys that a file of JSON has, too."""
    children = section.inner("children")
    rule = FileRule(
        kind=name,
        pattern="",
        columns=section.texts("columns"),
        key=section.texts("key"),
        optional=section.texts("optional", []),
        rows=section.text("rows", ""),
        children={each: children.text(each) for each in children.data},
    )
    for what in ("key", "optional"):
        for column in getattr(rule, what):
            section.problems.known(column, rule.columns, f"{section.place}.{what}")
    return rule


def pull_rule(name: str, section: Section) -> PullRule:
    """Read one kind; problems are noted in the section."""
    section.only(
        *("path", "rows", "key", "columns", "optional", "children", "parameters", "since", "page", "next"),
    )
    parameters = section.inner("parameters")
    rule = PullRule(
        row=row_rule(name, section),
        path=path_of(section),
        parameters={each: parameters.text(each) for each in parameters.data},
        since=_since(section) if "since" in section.data else None,
        page=_page(section) if "page" in section.data else None,
        next=_next(section) if "next" in section.data else None,
    )
    if rule.page is not None and rule.next is not None:
        section.problems.add(WRONG_VALUE, section.place, found="page, next", expected="page / next", key="page")
    return rule


def _since(section: Section) -> Since:
    inner = section.inner("since")
    inner.only("parameter", "from", "overlap_seconds", "overlap_numbers")
    column = inner.text("from")
    inner.problems.known(column, section.texts("columns"), f"{inner.place}.from")
    by_time = "overlap_numbers" not in inner.data
    overlap = inner.number("overlap_seconds", _OVERLAP_SECONDS) * 1000 if by_time else inner.number("overlap_numbers")
    return Since(parameter=inner.text("parameter"), column=column, overlap=overlap, by_time=by_time)


def _page(section: Section) -> Page:
    inner = section.inner("page")
    inner.only("parameter", "first", "size", "size_parameter")
    size = inner.number("size", _FULL_PAGE)
    if size == 0:
        inner.problems.add(WRONG_VALUE, f"{inner.place}.size", found="0", expected="1 …", key="size")
    return Page(
        parameter=inner.text("parameter"),
        first=inner.number("first", 1),
        size=size,
        size_parameter=inner.text("size_parameter", ""),
    )


def _next(section: Section) -> Next:
    inner = section.inner("next")
    inner.only("parameter", "from")
    return Next(parameter=inner.text("parameter"), path=inner.text("from"))
