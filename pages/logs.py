"""Logging for every process: one JSON line per event, through an allow-list, for our lines and for the libraries'.

structlog's `ProcessorFormatter` sends standard-library records (pika, uvicorn, SQLAlchemy, pyHanko) down the same
pipeline as our own. Safe by construction rather than by search: a field not listed in `schemas.loggable` is dropped
and counted by name; an exception is reduced to code, place, types and frames, without locals (structlog's own
`dict_tracebacks` would write them) and without the text of foreign exceptions, which may quote a citizen; of a
library's record only its constant template is kept, never its arguments. Event names are identifiers such as
`message.admitted`.
"""

import logging
import re
import sys
import threading
import traceback
from collections import Counter
from collections.abc import MutableMapping
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import PurePath
from types import TracebackType
from typing import Any, Final, TextIO
from uuid import UUID

import structlog
from structlog.typing import Processor

from schemas import loggable
from schemas.errors import Code, YunhuobanError, causes, type_name

_EVENT: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_UNNAMED: Final = "log.unnamed"
_FOREIGN: Final = "library.record"
_LONGEST: Final = 200  # characters of one value
_FRAMES: Final = 30  # innermost frames shown of one exception
_LIBRARY_LEVEL: Final = logging.WARNING  # what the libraries say below this is their own affair

_dropped: Final[Counter[str]] = Counter()

Event = MutableMapping[str, Any]


def configure(process: str, *, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Set up logging for this process: JSON lines on the stream (default: stderr), readable lines on a terminal.

    `process` names the process in every line, such as `hub.admission`. Uncaught exceptions of any thread are logged
    the same way instead of being printed with their text. Call once, from a composition root.
    """
    out = stream or sys.stderr
    renderer: Processor = (
        structlog.dev.ConsoleRenderer() if out.isatty() else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    arrived: list[Processor] = [structlog.contextvars.merge_contextvars, _stamp(process), _exceptions]
    structlog.configure(
        processors=[*arrived, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,  # tests and commands configure again
    )
    handler = _Handler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_foreign, *arrived],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, allow, renderer],
            pass_foreign_args=True,
            use_get_message=False,  # the arguments of a foreign record are never formatted
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Ours arrive as structlog's dict; what a library says below a warning is shown only when debugging is asked for.
    library_level = level if level < logging.INFO else _LIBRARY_LEVEL
    handler.addFilter(lambda record: isinstance(record.msg, dict) or record.levelno >= library_level)
    root.filters[:] = []
    logging.captureWarnings(capture=True)
    sys.excepthook = _crashed
    threading.excepthook = lambda args: _crashed(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)


def dropped() -> dict[str, int]:
    """How often each field was dropped since the process began, by name: a metric for whoever wrote the line."""
    return dict(_dropped)


def facts(error: BaseException) -> dict[str, Any]:
    """What may be logged of an exception: type, code and place of ours, frames, and the same of its causes."""
    result: dict[str, Any] = {"error": type_name(error), "frames": _frames(error)}
    if isinstance(error, YunhuobanError):
        result |= {"code": error.code.code, "place": error.place}
    behind = list(causes(error))
    return result | ({"causes": behind} if behind else {})


def kept(error: BaseException) -> dict[str, Any]:
    """What a log line says of an exception, without its frames: never what was found or expected."""
    line = allow(None, "", {"event": "error.told", **facts(error)})
    return {name: value for name, value in line.items() if name not in {"event", "frames"}}


def allow(_logger: object, _method: str, event: Event) -> Event:
    """Keep what `schemas.loggable` lists, as short scrubbed scalars; name what was dropped."""
    kept: dict[str, Any] = {}
    lost: list[str] = []
    for name, value in event.items():
        plain = _plain(value, names=name in {"causes", "frames"})
        if loggable.may_log(name, value) and plain is not _NOTHING:
            kept[name] = plain
        else:
            lost.append(name if _NAME.fullmatch(name) else "?")
    if lost:
        _dropped.update(lost)
        kept["dropped"] = sorted(set(lost))
    if not _EVENT.fullmatch(str(kept.get("event", ""))):
        kept["event"] = _UNNAMED
    return kept


_NOTHING: Final = object()


def _plain(value: object, *, names: bool) -> object:
    """The value as JSON can hold it, or `_NOTHING` for what is not a scalar (lists only of our own making)."""
    match value:
        case None | bool() | float():
            return value
        case Enum():
            return _plain(value.value, names=False)
        case int():
            return value if abs(value) < 10**16 else loggable.scrub(str(value))
        case str():
            return loggable.scrub(value)[:_LONGEST]
        case Code() | UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds") if value.tzinfo else value.isoformat()
        case date():
            return value.isoformat()
        case list() if names:
            return [loggable.scrub(str(part))[:_LONGEST] for part in value]
        case _:
            return _NOTHING


def _stamp(process: str) -> Processor:
    def stamp(_logger: object, method: str, event: Event) -> Event:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event["timestamp"], event["process"] = now, process
        event["level"] = "error" if method == "exception" else method
        return event

    return stamp


def _exceptions(_logger: object, method: str, event: Event) -> Event:
    info = event.pop("exc_info", None) or (method == "exception")
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        for name, value in facts(error).items():
            event.setdefault(name, value)
    event.pop("stack_info", None)
    return event


def _foreign(_logger: object, _method: str, event: Event) -> Event:
    """A library's record: who said it and where in its code, and its template when it had arguments to put in.

    Without arguments the text may already be composed (an f-string), so only the place in the code is kept.
    """
    record: logging.LogRecord = event["_record"]
    template = record.msg if event.pop("positional_args") and str(record.msg).isascii() else None
    event["event"] = _FOREIGN
    event["logger"], event["module"], event["lineno"] = record.name, record.module, record.lineno
    if template:
        event["template"] = str(template)
    return event


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines; a record that cannot be written is announced without its contents."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Python's default would print message and arguments to stderr."""
        self.stream.write(f'{{"event": "log.failed", "level": "error", "lineno": {record.lineno}}}\n')


def _crashed(kind: type[BaseException], error: BaseException, _traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger("process").critical("process.crashed", exc_info=error)


def _frames(error: BaseException) -> list[str]:
    shown = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{'/'.join(PurePath(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}" for frame in shown]
