"""Makes a county's source from the `[source]` table of its mapping and the place where its local system is."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from adapters.local.mapping import CountyMapping, MappingFailed
from adapters.local.mapping.strict import Problems, Section
from adapters.local.sources import Source
from adapters.local.sources.fileforms import FORMS, from_settings
from adapters.local.sources.sql import SqlSource

if TYPE_CHECKING:
    from adapters.local.sources.webhook.shelf import Shelf

KINDS: Final = ("sql", "http", "webhook", *FORMS)
"""What may stand as `type` under `[source]`."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_source(
    mapping: CountyMapping, location: str, now: Callable[[], datetime] = _utc_now, shelf: "Shelf | None" = None
) -> Source:
    """Open a database URL, a folder, an SFTP or an HTTP address for reading.

    Raises MappingFailed, or E-SRC-011, -015, -071 or -081 for an address that is none.

    `now` returns an aware time; it keeps a row dated in the future from hiding the rows after it. What is pushed lies
    on the `shelf` of a node's own store; without one, that source raises E-SRC-091.
    """
    section = Section(mapping.rules.source, f"{mapping.place} source", Problems())
    built: Source | None = None
    kind = section.text("type")
    if section.problems.known(kind, KINDS, section.place):
        if kind == "sql":
            built = SqlSource.from_settings(section, location, now)
        elif kind == "http":
            from adapters.local.sources.web.pull import HttpSource  # noqa: PLC0415 -- httpx: who needs none waits for none

            built = HttpSource.from_settings(section, location, now)
        elif kind == "webhook":
            from adapters.local.sources.webhook.source import WebhookSource  # noqa: PLC0415 -- the same for the server

            built = WebhookSource.from_settings(section, location, now, shelf)
        else:
            built = from_settings(kind, section, location)
    if built is None or section.problems.found:
        raise MappingFailed(section.problems.found, place=section.place)
    return built
