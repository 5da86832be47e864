"""What people do to sealed licenses, done for real to one: each function gives the bytes of one such file.

The names are those of the literature: "1 Trillion Dollar Refund" (CCS 2019) and "Shadow Attacks" (NDSS 2021).
"""

import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import typst
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from tests.unit.adapters.licenses.license_parties import SealParty

Change = Callable[[IncrementalPdfFileWriter], None]
_GAP = re.compile(rb"/Contents <([0-9a-fA-F]+)>")
_RANGE = re.compile(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]\s*")


def name(text: str) -> NameObject:
    """A name object."""
    return NameObject(text)


def dictionary(**entries: Any) -> DictionaryObject:
    """A dictionary with those names."""
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in entries.items()})


def updated(pdf: bytes, change: Change) -> bytes:
    """The file with one more revision."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def first_page(writer: IncrementalPdfFileWriter) -> tuple[Any, Any]:
    """Reference and dictionary of the first page."""
    reference, _ = writer.find_page_for_modification(0)
    return reference, reference.get_object()


# Before sealing: what whoever prepares a file puts in.


def with_form(page: bytes) -> bytes:
    """A page with one text field."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        reference, holder = first_page(writer)
        field = writer.add_object(
            dictionary(
                Type=name("/Annot"), Subtype=name("/Widget"), FT=name("/Tx"), T=generic.TextStringObject("remark"),
                Rect=ArrayObject([NumberObject(n) for n in (10, 10, 90, 30)]), F=NumberObject(4),
                V=generic.TextStringObject(""), P=generic.IndirectObject(reference.idnum, 0, writer),
            )
        )  # fmt: skip
        holder["/Annots"] = ArrayObject([field])
        writer.mark_update(reference)
        writer.root["/AcroForm"] = writer.add_object(dictionary(Fields=ArrayObject([field])))
        writer.update_root()

    return updated(page, change)


def with_overlay(page: bytes) -> bytes:
    """A page on which a picture hides what stands below it."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        reference, holder = first_page(writer)
        form = StreamObject(
            dictionary(
                Type=name("/XObject"), Subtype=name("/Form"),
                BBox=ArrayObject([NumberObject(n) for n in (0, 0, 900, 1200)]),
            ),
            stream_data=b"1 1 1 rg 100 100 200 40 re f",
        )  # fmt: skip
        form_reference = writer.add_object(form)
        resources = holder["/Resources"]
        resources["/XObject"] = dictionary(Shade=form_reference)
        writer.update_container(resources)
        draw = writer.add_object(StreamObject(stream_data=b"q /Shade Do Q"))
        holder["/Contents"] = ArrayObject([holder.raw_get("/Contents"), draw])
        writer.mark_update(reference)

    return updated(page, change)


def with_hidden_page(page: bytes) -> bytes:
    """A file in which a second page lies ready that nothing refers to."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        content = writer.add_object(StreamObject(stream_data=b"0 0 0 rg 50 50 500 500 re f"))
        _, shown = first_page(writer)
        hidden = writer.add_object(
            dictionary(
                Type=name("/Page"), Contents=content, MediaBox=shown["/MediaBox"], Marker=name("/Hidden"),
                Parent=writer.root.raw_get("/Pages"),
            )
        )  # fmt: skip
        writer.add_object(dictionary(Keeps=hidden))

    return updated(page, change)


def with_in_catalogue(page: bytes, **entries: Any) -> bytes:
    """A page whose catalogue has these entries."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        for key, value in entries.items():
            writer.root[f"/{key}"] = value
        writer.update_root()

    return updated(page, change)


def javascript() -> DictionaryObject:
    """An action that runs a script."""
    return dictionary(S=name("/JavaScript"), JS=generic.TextStringObject("app.alert(1)"))


def launch() -> DictionaryObject:
    """An action that starts a program."""
    return dictionary(S=name("/Launch"), F=generic.TextStringObject("calc.exe"))


def link() -> DictionaryObject:
    """An action that opens an address."""
    return dictionary(S=name("/URI"), URI=generic.TextStringObject("http://attacker.example/"))


def embedded() -> DictionaryObject:
    """A tree of embedded files."""
    return dictionary(
        EmbeddedFiles=dictionary(
            Names=ArrayObject([generic.TextStringObject("a.exe"), dictionary(Type=name("/Filespec"), EF=dictionary())])
        )
    )


# After sealing: honest and dishonest revisions.


def fill_form(sealed: bytes) -> bytes:
    """Somebody fills in the field of `with_form`."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        for at in range(len(writer.root["/AcroForm"]["/Fields"])):
            reference = writer.root["/AcroForm"]["/Fields"].raw_get(at)
            field = reference.get_object()
            if field.get("/FT") == "/Tx":
                field["/V"] = generic.TextStringObject("amended")
                writer.mark_update(reference)

    return updated(sealed, change)


def annotate(sealed: bytes) -> bytes:
    """Somebody puts a stamp on the page."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        reference, holder = first_page(writer)
        stamp = writer.add_object(
            dictionary(
                Type=name("/Annot"), Subtype=name("/Stamp"), Rect=ArrayObject([NumberObject(n) for n in (9, 9, 99, 99)])
            )
        )  # fmt: skip
        holder["/Annots"] = ArrayObject([*(holder.get("/Annots", [])), stamp])
        writer.mark_update(reference)

    return updated(sealed, change)


def add_page(sealed: bytes) -> bytes:
    """Somebody adds a page."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        _, shown = first_page(writer)
        pages = writer.root["/Pages"]
        new = writer.add_object(
            dictionary(Type=name("/Page"), MediaBox=shown["/MediaBox"], Parent=writer.root.raw_get("/Pages"))
        )
        pages["/Kids"] = ArrayObject([pages["/Kids"].raw_get(0), new])
        pages["/Count"] = NumberObject(2)
        writer.update_container(pages)

    return updated(sealed, change)


def new_metadata(sealed: bytes) -> bytes:
    """Somebody's reader saves the file with its own properties."""
    return updated(
        sealed, lambda writer: writer.set_info(dictionary(Producer=generic.TextStringObject("Another reader")))
    )


def hide(sealed: bytes) -> bytes:
    """Shadow attack, hide: the overlay of `with_overlay` is emptied."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        _, holder = first_page(writer)
        reference = holder["/Resources"]["/XObject"].raw_get("/Shade")
        form = reference.get_object()
        form._data, form._encoded_data = b"", None
        writer.mark_update(reference)

    return updated(sealed, change)


def cover(sealed: bytes) -> bytes:
    """Shadow attack, hide, the other way round: something is drawn over the page."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        reference, holder = first_page(writer)
        white = writer.add_object(StreamObject(stream_data=b"1 1 1 rg 0 0 2000 2000 re f"))
        holder["/Contents"] = ArrayObject([holder.raw_get("/Contents"), white])
        writer.mark_update(reference)

    return updated(sealed, change)


def replace_font(sealed: bytes) -> bytes:
    """Shadow attack, replace: the font draws other glyphs for the same characters."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        _, holder = first_page(writer)
        fonts = holder["/Resources"]["/Font"]
        descendant = fonts[next(iter(fonts))]["/DescendantFonts"][0]
        reference = descendant.raw_get("/FontDescriptor")
        descriptor = reference.get_object()
        descriptor["/ItalicAngle"] = NumberObject(1)
        descriptor["/FontFile3"] = writer.add_object(
            StreamObject(dictionary(Subtype=name("/CIDFontType0C")), stream_data=b"another font")
        )
        writer.mark_update(reference)

    return updated(sealed, change)


def hide_and_replace(sealed: bytes) -> bytes:
    """Shadow attack, hide-and-replace: the page tree is led to the page of `with_hidden_page`."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        hidden = next(number for number in range(1, 500) if _marker(writer, number))
        pages = writer.root["/Pages"]
        pages["/Kids"] = ArrayObject([generic.IndirectObject(hidden, 0, writer)])
        writer.update_container(pages)

    return updated(sealed, change)


def with_hidden_twin(page: bytes) -> bytes:
    """A file in which a stream holds the text of another first page, under the first page's own number."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        reference, shown = first_page(writer)
        box = b" ".join(b"%d" % int(each) for each in shown["/MediaBox"])
        pages = writer.root.raw_get("/Pages").idnum
        twin = b"%d 0 obj\n<</Marker/Twin/Type/Page/MediaBox[%b]/Parent %d 0 R>>\nendobj\n"
        writer.add_object(StreamObject(stream_data=twin % (reference.idnum, box, pages)))

    return updated(page, change)


def hide_and_replace_by_table(sealed: bytes) -> bytes:
    """Hide-and-replace with nothing but a new table: the first page's entry is led to bytes that the seal covers."""
    twin = re.search(rb"(\d+) 0 obj\n<</Marker/Twin", sealed)
    assert twin
    previous = int(re.findall(rb"startxref\s+(\d+)", sealed)[-1])
    trailer = re.findall(rb"trailer\s*<<(.*?)>>\s*startxref", sealed, re.DOTALL)[-1]
    trailer = re.sub(rb"/Prev \d+", b"/Prev %d" % previous, trailer)
    entry = b"%d 1\n%010d 00000 n \n" % (int(twin[1]), twin.start())
    table = b"xref\n0 1\n0000000000 65535 f \n%btrailer\n<<%b>>\n" % (entry, trailer)
    return sealed + table + b"startxref\n%d\n%%%%EOF\n" % len(sealed)


def _marker(writer: IncrementalPdfFileWriter, number: int) -> bool:
    found = writer.get_object(generic.Reference(number, 0, writer.prev))
    return isinstance(found, DictionaryObject) and found.get("/Marker") == "/Hidden"


def incremental_saving(sealed: bytes) -> bytes:
    """ISA: bodies without a table behind the end, which lenient readers repair into a new document."""
    return sealed + b"\n1 0 obj\n<</Type/Pages/Count 0/Kids[]>>\nendobj\ntrailer\n<</Root 34 0 R>>\n%%EOF\n"


def second_signature(sealed: bytes, party: SealParty, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Somebody signs again, with the same seal for simplicity."""
    monkeypatch.setattr(signers.PdfSigner, "_enforce_certification_constraints", lambda *_: None)
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed), strict=False)
    fields.append_signature_field(writer, fields.SigFieldSpec("Second"))
    metadata = signers.PdfSignatureMetadata(field_name="Second", subfilter=fields.SigSeedSubFilter.PADES)
    output = io.BytesIO()
    signers.PdfSigner(metadata, party.plugin.signer()).sign_pdf(writer, output=output)
    return output.getvalue()


# Forgeries of the signature itself.


def universal_forgeries(sealed: bytes) -> dict[str, bytes]:
    """USF: the signature is named and says nothing."""
    ranges, gap = _RANGE.search(sealed), _GAP.search(sealed)
    assert ranges
    assert gap
    same = len(ranges[0])
    return {
        "range of zeros": sealed.replace(ranges[0], b"/ByteRange [0 0 0 0]".ljust(same)),
        "negative range": sealed.replace(ranges[0], b"/ByteRange [-1 9 9 9]".ljust(same)),
        "null range": sealed.replace(ranges[0], b"/ByteRange null".ljust(same)),
        "no range": sealed.replace(ranges[0], b"/BiteRange [0 1 2 3]".ljust(same)),
        "contents of zeros": sealed.replace(gap[1], b"0" * len(gap[1])),
        "null contents": sealed.replace(gap[0], b"/Contents null".ljust(len(gap[0]))),
    }


def wrapped(sealed: bytes) -> bytes:
    """SWA: something is put between the two signed parts, and the second range is moved."""
    ranges = _RANGE.search(sealed)
    assert ranges
    first, length, second, rest = (int(number) for number in ranges.groups())
    extra = b"/Evil 1 0 R " * 20
    moved = b"/ByteRange [%d %d %d %d]" % (first, length, second + len(extra), rest)
    changed = sealed.replace(ranges[0], moved.ljust(len(ranges[0])))
    return changed[:second] + extra + changed[second:]


def altered(sealed: bytes, where: float = 0.3) -> bytes:
    """One byte within a stream is another."""
    at = int(len(sealed) * where)
    return sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


# Bombs, and what is no license.

DEEP = b"%PDF-1.7\n1 0 obj " + b"[" * 50_000 + b"]" * 50_000 + b" endobj\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF"
INFLATING = (
    b"%PDF-1.7\n1 0 obj <</Type/ObjStm/Filter/FlateDecode/N 1/First 4/Length 9>> stream\n"
    + zlib.compress(bytes(64 * 1024 * 1024), 9)
    + b"\nendstream endobj\n%%EOF"
)


def huge_page(page: bytes) -> bytes:
    """A page of a kilometre."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        reference, holder = first_page(writer)
        holder["/MediaBox"] = ArrayObject([NumberObject(n) for n in (0, 0, 2_834_645, 2_834_645)])
        writer.mark_update(reference)

    return updated(page, change)


def encrypted(page: bytes) -> bytes:
    """The page under a password."""
    from pyhanko.pdf_utils.crypt import StandardSecurityHandler
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(page)))
    writer.output_version = (2, 0)
    handler = StandardSecurityHandler.build_from_pw("owner", "user")
    writer.security_handler = handler
    writer._encrypt = writer.add_object(handler.as_pdf_object())
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def typeset(text: str) -> bytes:
    """Any PDF at all."""
    made: bytes = typst.compile(text.encode(), format="pdf")
    return made


def scanned(edge: int) -> bytes:
    """A page that is one picture of noise, so that it is as large as scans are."""
    picture = io.BytesIO()
    Image.effect_noise((edge, edge), 90).save(picture, format="PDF", quality=95)
    return picture.getvalue()
