"""The whole check: from a mapping and the two places of the local system to what was found on each way.

Nothing is written into the local system and nothing into the node's store. What neither way can tell without sending a
record, as a county's own HTTP interface, is said to be untested.
"""

from collections.abc import Callable, Iterator
from typing import Final

from adapters.local.localsystem import databases, folders, needed
from adapters.local.localsystem.findings import LocalSystem, Looked, Way
from adapters.local.mapping import CountyMapping, load_mapping
from adapters.local.mapping.strict import Problems, Section
from adapters.local.sinks import folder
from adapters.local.sinks.opening import open_sink
from adapters.local.sources.opening import open_source
from adapters.local.sources.sql import SqlSource
from adapters.settings import CountySettings
from pages.wording import mark as _
from schemas.errors import Code, YunhuobanError

_NOT_ASKED: Final = _("接口没有试：试一次就会读走或送去一条记录")


def check(settings: CountySettings) -> LocalSystem:
    """Look at all that the county's mapping names. Whatever is wrong is found, not raised."""
    try:
        mapping = load_mapping(settings.mapping)
    except YunhuobanError as problem:
        return LocalSystem(looked=[_failed(Way.READ, problem)])
    return LocalSystem(
        looked=[
            *_found(Way.READ, lambda: _read(mapping, settings.local_read)),
            *_found(Way.WRITE, lambda: _written(mapping, settings.local_write)),
        ]
    )


def _found(way: Way, look: Callable[[], Iterator[Looked]]) -> Iterator[Looked]:
    try:
        yield from look()
    except YunhuobanError as problem:
        yield _failed(way, problem)


def _failed(way: Way, problem: YunhuobanError) -> Looked:
    problems = getattr(problem, "problems", None) or [problem]
    return Looked(way=way, what=f"local_{way.value}", problems=problems)


def _read(mapping: CountyMapping, location: str) -> Iterator[Looked]:
    kind = mapping.rules.source.get("type")
    if kind == "webhook":  # it is the node's own door: there is nothing on the other side to look at
        yield Looked(way=Way.READ, what="webhook", untested=_NOT_ASKED)
        return
    source = open_source(mapping, location)
    source.close()
    if isinstance(source, SqlSource):
        yield from databases.look(location, Way.READ, needed.read(mapping.rules, source))
    elif kind == "http":
        yield Looked(way=Way.READ, what="HTTP", untested=_NOT_ASKED)
    else:
        yield folders.read(mapping, location)


def _written(mapping: CountyMapping, location: str) -> Iterator[Looked]:
    open_sink(mapping, location).close()
    kind = mapping.rules.sink.get("type")
    if kind == "sql":
        yield from databases.look(location, Way.WRITE, needed.written(mapping.rules))
    elif kind == "http":
        from adapters.local.sinks import web  # noqa: PLC0415 -- httpx: who needs none waits for none

        yield Looked(way=Way.WRITE, what="HTTP", untested=_NOT_ASKED)
        yield from _unsaid(mapping, "records", web.NO_KIND)
    else:
        yield folders.written(mapping, location)
        yield from _unsaid(mapping, "files", folder.NO_KIND)


def _unsaid(mapping: CountyMapping, part: str, code: Code) -> Iterator[Looked]:
    """What [[write]] writes and [sink] says nothing of: columns that are not there are refused when it is loaded."""
    said = Section(mapping.rules.sink, "sink", Problems()).inner(part).data
    for kind in dict.fromkeys(rule.kind for several in mapping.rules.writes.values() for rule in several):
        if kind not in said:
            problem = YunhuobanError(code, place=f"[sink.{part}]", found=kind, expected="、".join(said), kind=kind)
            yield Looked(way=Way.WRITE, what=kind, problems=[problem])
