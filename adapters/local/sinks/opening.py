"""Makes a county's sink from the `[sink]` table of its mapping and the place where its local system is."""

from adapters.local.mapping import CountyMapping, MappingFailed
from adapters.local.mapping.strict import Problems, Section
from adapters.local.sinks import Sink
from adapters.local.sinks.fileforms import FORMS, from_settings
from adapters.local.sinks.sql import SqlSink


def open_sink(mapping: CountyMapping, location: str) -> Sink:
    """Open a database URL, a folder, an SFTP or an HTTP address for writing.

    Raises MappingFailed, or E-SRC-011, -015, -071 or -081 for an address that is none.
    """
    section = Section(mapping.rules.sink, f"{mapping.place} sink", Problems())
    built: Sink | None = None
    kind = section.text("type")
    if section.problems.known(kind, ("sql", "http", *FORMS), section.place):
        if kind == "sql":
            built = SqlSink.from_settings(section, location)
        elif kind == "http":
            from adapters.local.sinks.web import HttpSink  # noqa: PLC0415 -- httpx: who needs none waits for none

            built = HttpSink.from_settings(section, location)
        else:
            built = from_settings(kind, section, location)
    if built is None or section.problems.found:
        raise MappingFailed(section.problems.found, place=section.place)
    return built
