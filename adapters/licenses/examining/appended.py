"""What was done to a file after it was sealed: the kinds of changes that a later revision makes.

The sealed part is read by itself, the whole file beside it. Nothing here makes a change harmless: any at all is refused
(`verdicts`); it is told apart so that a clerk knows whether somebody saved the file or forged it.
"""

import io
import re
from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from adapters.licenses.examining import verdicts
from schemas.errors import Code

_MOST_PAGES: Final = 50
_MOST_CHANGES: Final = 2_000
_BODIES: Final = re.compile(rb"\bobj\b|\bxref\b|\btrailer\b|\bstartxref\b")
_LOOKS: Final = ("/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate")
_FONT_TYPES: Final = frozenset({"/Font", "/FontDescriptor", "/CMap"})
_FONT_STREAMS: Final = frozenset({"/Type1C", "/CIDFontType0C", "/OpenType"})


def kinds(pdf: bytes, covered: int) -> set[Code]:
    """The kinds of changes beyond the first `covered` bytes, which are a sealed file. Never empty, raises nothing."""
    if not _BODIES.search(pdf, covered):
        return {verdicts.APPENDED}  # blanks, comments or noise: no reader shows any of it
    found = set[Code]()
    try:
        before = PdfFileReader(io.BytesIO(pdf[:covered]), strict=False)
        after = PdfFileReader(io.BytesIO(pdf), strict=False)
        for code in _kinds(before, after, covered):
            found.add(code)
    except Exception:  # noqa: BLE001 - a parser of hostile bytes promises nothing
        found.add(verdicts.INCREMENTAL_SAVING)
    return _most_telling(found) or {verdicts.INCREMENTAL_SAVING}


def _most_telling(found: set[Code]) -> set[Code]:
    """Whatever else was changed, properties were, too: they are told only where they are all there is."""
    if found - {verdicts.APPENDED, verdicts.METADATA_CHANGED}:
        return found - {verdicts.APPENDED, verdicts.METADATA_CHANGED}
    return found - {verdicts.METADATA_CHANGED} if verdicts.APPENDED in found else found


def _kinds(before: Any, after: Any, covered: int) -> Iterator[Code]:
    first = before.total_revisions
    if after.total_revisions <= first:
        yield verdicts.INCREMENTAL_SAVING  # bodies that no table names: lenient readers find them all the same
        return
    changed: set[Any] = set()
    for revision in range(first, after.total_revisions):
        refs = after.xrefs.explicit_refs_in_revision(revision)
        changed |= refs
        if len(changed) > _MOST_CHANGES:
            break
        places = [after.xrefs.get_historical_ref(ref, revision) for ref in refs]
        if any(isinstance(place, int) and place < covered for place in places):
            yield verdicts.SHADOW_HIDE_AND_REPLACE  # the new table names what lay hidden in the sealed part
        if after.xrefs.refs_freed_in_revision(revision):
            yield verdicts.SHADOW_HIDE
    if _name(after.root_ref) != _name(before.root_ref):
        yield verdicts.SHADOW_HIDE_AND_REPLACE
    if len(after.embedded_signatures) > len(before.embedded_signatures):
        yield verdicts.SECOND_SIGNATURE
    yield from _pages(before, after, changed)
    fonts = set(_font_streams(before))
    told = [code for ref in changed for code in _object(ref, before, after, fonts)]
    yield from told
    if len(changed) > told.count(verdicts.METADATA_CHANGED):
        yield verdicts.APPENDED  # beside the properties something else was written; what, is said by the others


def _pages(before: Any, after: Any, changed: set[Any]) -> Iterator[Code]:
    old, new = list(_leaves(before)), list(_leaves(after))
    if new[: len(old)] == old:
        if len(new) > len(old):
            yield verdicts.PAGE_ADDED
    else:
        yield verdicts.PAGE_ADDED if set(old) < set(new) else verdicts.SHADOW_HIDE_AND_REPLACE
    for ref in old:
        page: Any = generic.Reference(ref[0], ref[1], after).get_object()
        earlier: Any = generic.Reference(ref[0], ref[1], before).get_object()
        if any(_written(earlier, key) != _written(page, key) for key in _LOOKS):
            yield verdicts.SHADOW_HIDE
        if _refs(page, "/Contents") & {_name(each) for each in changed}:
            yield verdicts.SHADOW_HIDE
        if len(page.get("/Annots", [])) > len(earlier.get("/Annots", [])):
            yield verdicts.ANNOTATED


def _object(ref: Any, before: Any, after: Any, fonts: set[tuple[int, int]]) -> Iterator[Code]:
    now = after.get_object(generic.Reference(ref.idnum, ref.generation, after))
    if not isinstance(now, generic.DictionaryObject):
        return
    kind, subtype = str(now.get("/Type", "")), str(now.get("/Subtype", ""))
    known = _known(before, ref)
    properties = kind == "/Metadata" or _name(ref) in {_name(each.trailer.raw_get("/Info")) for each in (before, after)}
    if properties or (kind == "/Catalog" and known is not None and _same_but_properties(known, now)):
        yield verdicts.METADATA_CHANGED
    elif kind in _FONT_TYPES or subtype in _FONT_STREAMS or _name(ref) in fonts:
        yield verdicts.SHADOW_REPLACE
    elif kind == "/Annot" and subtype != "/Widget":
        yield verdicts.ANNOTATED
    elif ("/FT" in now or subtype == "/Widget") and now.get("/FT", "") != "/Sig":
        yield verdicts.FORM_FILLED if known is None or "/V" in now else verdicts.SHADOW_REPLACE
    elif subtype in ("/Form", "/Image") and known is not None:
        yield verdicts.SHADOW_HIDE


def _name(ref: Any) -> tuple[int, int]:
    """Number and generation: what two readers of the same file call the same."""
    return ref.idnum, ref.generation


def _known(before: Any, ref: Any) -> Any:
    try:
        found = before.get_object(generic.Reference(ref.idnum, ref.generation, before))
    except Exception:  # noqa: BLE001 - not there, or not to be read: the same to us
        return None
    return None if isinstance(found, generic.NullObject) else found


def _font_streams(reader: Any) -> Iterator[tuple[int, int]]:
    for revision in range(reader.total_revisions):
        for ref in list(reader.xrefs.explicit_refs_in_revision(revision))[:_MOST_CHANGES]:
            found = _known(reader, ref)
            if isinstance(found, generic.DictionaryObject):
                for key in ("/FontFile", "/FontFile2", "/FontFile3", "/ToUnicode"):
                    yield from _refs(found, key)


def _refs(holder: Any, key: str) -> set[tuple[int, int]]:
    if key not in holder:
        return set()
    raw = holder.raw_get(key)
    refs = [raw.raw_get(at) for at in range(len(raw))] if isinstance(raw, generic.ArrayObject) else [raw]
    return {_name(one) for one in refs if isinstance(one, generic.IndirectObject)}


def _same_but_properties(earlier: Any, now: Any) -> bool:
    names = (set(earlier) | set(now)) - {"/Metadata"}
    return all(_written(earlier, name) == _written(now, name) for name in names)


def _written(holder: Any, key: str) -> bytes:
    """An entry as it would be written: references stay references."""
    if key not in holder:
        return b""
    stream = io.BytesIO()
    holder.raw_get(key).write_to_stream(stream, None)
    return stream.getvalue()


def _leaves(reader: Any) -> Iterator[tuple[int, int]]:
    """The references of all pages in order, of a tree that may have a loop."""
    waiting, seen, count = [reader.root.raw_get("/Pages")], set[tuple[int, int]](), 0
    while waiting and count < _MOST_PAGES:
        here = waiting.pop(0)
        name = _name(here)
        node = here.get_object()
        if name in seen:
            continue
        seen.add(name)
        if "/Kids" in node:
            kids = node["/Kids"]
            waiting = [kids.raw_get(at) for at in range(len(kids))] + waiting
        else:
            count += 1
            yield name
