"""The county's own sample files again, as another program might write them: encodings, marks, columns, copies.

Each form goes through the real source in a folder of its own. What comes out are the same records, or a refusal with a
code; never other records, and never fewer without a word.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from adapters.countyit.conformance.edges import RARE, UNKNOWN_COLUMN
from adapters.countyit.conformance.judging import CRASHED, LOST, MAPPED, REFUSED, SOURCE, Judged
from adapters.local.mapping import CountyMapping
from adapters.local.sources import Batch
from adapters.local.sources.fileforms import FORMS
from adapters.local.sources.opening import open_source
from schemas.errors import YunhuobanError

_MOST: Final = 10_000
_TEXT: Final = ("csv", "json", "xml")
_OURS: Final = ("records.json", "expected.json")
_UTF8_MARK: Final = "utf-8-sig"
_DECLARED: Final = re.compile(r"<\?xml[^>]*encoding=[\"']([\w-]+)[\"'][^>]*\?>")

Rows = Mapping[str, Mapping[str, object]]
Change = Callable[[str], str | None]
"""What another program would have written instead; None where it does not apply to this file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    kind: str
    change: Change = str
    encoding: str = ""
    """In which it is written; empty: in its own."""
    refusable: bool = True
    good: Callable[[Rows], Rows] = dict


def tried(mapping: CountyMapping, folder: Path, scratch: Path) -> Iterator[Judged]:
    """All forms of all sample files; nothing when the county has none."""
    source = mapping.rules.source
    samples = folder / "samples" / str(source.get("folder", "."))
    form = str(source.get("type"))
    if form not in FORMS or not samples.is_dir():
        return
    files = sorted(path for path in samples.iterdir() if path.is_file() and path.name not in _OURS)
    own = _own(mapping)
    for at, file in enumerate(files):
        place = scratch / f"file-{at}"
        inner = place / str(source.get("folder", "."))
        inner.mkdir(parents=True)
        shutil.copy(file, inner / file.name)
        before = _poll(mapping, place)
        if not isinstance(before, Batch) or not before.records:
            continue
        yield _copied(mapping, place, inner / file.name, before)
        if form in _TEXT:
            text = _text(file.read_bytes(), own)
            for each in _forms(form, own, _columns(mapping, file.name)):
                yield from _form(mapping, place, inner / file.name, text, each, before)


def _forms(form: str, own: str, columns: list[str]) -> list[_Form]:
    forms = [_Form(kind="encoding", encoding=each) for each in ("gb18030", _UTF8_MARK, "utf-8")]
    forms.append(_Form(kind="half_written", change=lambda text: text[: len(text) * 2 // 3], good=_none))
    if form == "csv":
        forms.append(_Form(kind="unknown", change=_wider, refusable=False, good=_with_column))
    if columns and form == "csv":
        forms.append(_Form(kind="double_column", change=lambda text: _doubled(text, columns[0]), good=_none))
    if columns and form == "json":
        forms.append(_Form(kind="double_key", change=lambda text: _twice_named(text, columns[0]), good=_none))
    return [each for each in forms if each.encoding != own]


def _form(mapping: CountyMapping, place: Path, file: Path, text: str, form: _Form, before: Batch) -> Iterator[Judged]:
    changed = form.change(text)
    if changed is None:
        return
    encoding = form.encoding or _own(mapping)
    try:
        data = _restated(changed, encoding).encode(encoding)
    except UnicodeEncodeError:
        return  # this file cannot be written so
    file.write_bytes(data)
    found = _poll(mapping, place)
    said = f"{file.name} {form.encoding}".strip()
    if isinstance(found, Exception):
        yield _judged(form.kind, said, found, passed=isinstance(found, YunhuobanError) and form.refusable)
        return
    rows, original = _rows(found), _rows(before)
    wanted = form.good(original)
    refused = " ".join(dict.fromkeys(each.code.code for each in found.failures))
    intact = all(original.get(key) == row for key, row in rows.items())
    if rows == wanted and not refused:
        yield Judged(kind=form.kind, part=SOURCE, place=said, passed=True, outcome=MAPPED)
    elif intact and (refused or not rows):  # nothing else came, and what did not come was told or is waited for
        yield Judged(kind=form.kind, part=SOURCE, place=said, passed=form.refusable, outcome=REFUSED, found=refused)
    else:
        yield Judged(
            kind=form.kind, part=SOURCE, place=said, passed=False, outcome=LOST, expected="同样的记录，或拒收",
            found=f"{len(rows)} / {len(wanted)}",
        )  # fmt: skip


def _copied(mapping: CountyMapping, place: Path, file: Path, before: Batch) -> Judged:
    """The same file under another name brings nothing new."""
    copy = file.with_name(f"{file.stem}_再次{file.suffix}")
    shutil.copy(file, copy)
    try:
        after = open_source(mapping, str(place)).poll(before.cursor, _MOST)
    except Exception as error:  # noqa: BLE001 -- that anything else comes out is what is looked for
        return _judged("twice", copy.name, error, passed=False)
    finally:
        copy.unlink()
    passed = not after.records
    outcome = MAPPED if passed else LOST
    return Judged(kind="twice", part=SOURCE, place=copy.name, passed=passed, outcome=outcome, expected="没有新记录",
                  found=str(len(after.records)))  # fmt: skip


def _judged(kind: str, place: str, error: Exception, *, passed: bool) -> Judged:
    code = error.code.code if isinstance(error, YunhuobanError) else type(error).__name__
    outcome = REFUSED if isinstance(error, YunhuobanError) else CRASHED
    return Judged(
        kind=kind, part=SOURCE, place=place, passed=passed, outcome=outcome, expected="记录或拒收", found=code
    )


def _poll(mapping: CountyMapping, place: Path) -> Batch | Exception:
    try:
        return open_source(mapping, str(place)).poll(None, _MOST)
    except Exception as error:  # noqa: BLE001 -- that anything else comes out is what is looked for
        return error


def _rows(batch: Batch) -> dict[str, Mapping[str, object]]:
    return {each.key: each.row for each in batch.records}


def _none(_: Rows) -> Rows:
    return {}


def _with_column(rows: Rows) -> Rows:
    return {key: {**row, UNKNOWN_COLUMN: RARE} for key, row in rows.items()}


def _own(mapping: CountyMapping) -> str:
    source = mapping.rules.source
    return str(source.get("encoding", "gb18030" if source.get("type") == "csv" else "utf-8"))


def _text(data: bytes, own: str) -> str:
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\x84\x31\x95\x33", "gb18030")):
        if data.startswith(mark):
            return data[len(mark) :].decode(name)
    declared = _DECLARED.search(data[:200].decode("latin-1"))
    return data.decode(declared[1] if declared else own, "replace")


def _restated(text: str, encoding: str) -> str:
    """An XML file says its own encoding."""
    name = "utf-8" if encoding == _UTF8_MARK else encoding
    return _DECLARED.sub(lambda match: match[0].replace(match[1], name), text, count=1)


def _columns(mapping: CountyMapping, name: str) -> list[str]:
    files: Any = mapping.rules.source.get("files", {})
    found: Any = next((each for each in files.values() if fnmatch(name, str(each.get("pattern", "")))), {})
    return list(found.get("columns", ()))


def _wider(text: str) -> str | None:
    """One more column, which nobody knows; only where no cell holds a line break."""
    lines = text.splitlines()
    if any(line.count('"') % 2 for line in lines):
        return None
    return "".join(f"{line},{UNKNOWN_COLUMN if at == 0 else RARE}\r\n" for at, line in enumerate(lines))


def _doubled(text: str, column: str) -> str | None:
    """The same column a second time, with something else in it."""
    wider = _wider(text)
    return None if wider is None else wider.replace(UNKNOWN_COLUMN, column, 1)


def _twice_named(text: str, column: str) -> str | None:
    """The same member a second time in the first object that has it."""
    name = json.dumps(column, ensure_ascii=False)
    at = text.find(f"{name}:")
    return None if at < 0 else f"{text[:at]}{name}: {json.dumps(RARE, ensure_ascii=False)}, {text[at:]}"
