"""Every way to cheat with a sealed license that we know of ends in a failed line, and a good one in none."""

import asyncio
import hashlib
import io
import logging
import random
import re
import time
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from adapters.licenses.render import Renderer
from adapters.licenses.template import Template
from adapters.licenses.verify import SENTENCES, LicenseVerification, StateNow, verify_license
from certs import keys
from certs.profiles import Role
from tests.unit.adapters.licenses.license_parties import SealParty, make_face, make_party, statement_of_copy

MOST_SECONDS = 5.0  # promised: a couple of seconds; the machines that run this are shared


def look(pdf: bytes, party: SealParty, **changes: object) -> LicenseVerification:
    """Verify without a journalled digest, as the hardest case, unless the test gives one."""
    arguments: dict[str, object] = {
        "anchors": party.anchors,
        "crls": party.crls(),
        "at": party.now,
        "expected_sha256": None,
        "trial": True,
        **changes,
    }
    started = time.perf_counter()
    verification = verify_license(pdf, **arguments)  # type: ignore[arg-type]
    assert time.perf_counter() - started < MOST_SECONDS
    assert [line.id for line in verification.lines] == list(SENTENCES)
    return verification


def append(sealed: bytes, change: object) -> bytes:
    """An incremental update made after sealing."""
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed), strict=False)
    change(writer)  # type: ignore[operator]
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def test_good_license_has_only_good_lines(sealed, party, original):
    """A license as issued, with everything known, has no failed and no unknown line."""
    seen = look(
        sealed,
        party,
        expected_sha256=hashlib.sha256(sealed).digest(),
        expected_statement=statement_of_copy(make_face(), original),
        state=StateNow(state="valid", age_seconds=30),
    )
    assert seen.with_standing("failed") == ()
    assert seen.with_standing("unknown") == ()


def test_unknown_is_neither_good_nor_bad(sealed, party):
    """Without journal, message, own lists and state those lines are unknown, and so is `sealed validly at`."""
    seen = look(sealed, party, crls=[])
    assert seen.with_standing("failed") == ()
    assert set(seen.with_standing("unknown")) == {
        "file.digest", "license.face", "seal.not_revoked", "license.sealed_at", "license.state"
    }  # fmt: skip


def test_state_now_is_another_line_than_sealed_at(sealed, party):
    """A revoked license was still sealed validly: neither line follows from the other."""
    seen = look(
        sealed,
        party,
        expected_sha256=hashlib.sha256(sealed).digest(),
        state=StateNow(state="revoked", age_seconds=5),
    )
    assert seen.line("license.sealed_at").standing == "ok"
    assert seen.line("license.state").standing == "failed"
    assert seen.line("license.state").detail == "revoked 5 s"


def test_flipped_bytes(sealed, party):
    """One changed bit anywhere is seen, without a journal."""
    chance = random.Random(7)
    for position in [chance.randrange(20, len(sealed)) for _ in range(25)]:
        changed = bytearray(sealed)
        changed[position] ^= 1
        assert look(bytes(changed), party).line("license.sealed_at").standing == "failed", position


def test_nothing_hides_in_the_padding(sealed, party):
    """The place kept for the signature is covered by no signature: it may hold nothing but zeros after it."""
    gap = re.search(rb"/Contents <([0-9a-fA-F]+)>", sealed)
    assert gap
    for position, character in ((gap.end(1) - 2, b"1"), (gap.end(1) - 1, b" "), (gap.end(1) - 1, b">")):
        changed = sealed[:position] + character + sealed[position + 1 :]
        assert look(changed, party).line("license.sealed_at").standing == "failed", character


def test_incremental_update(sealed, party):
    """Anything appended after sealing leaves the seal not covering the entire file."""
    seen = look(append(sealed, lambda writer: writer.add_object(generic.TextStringObject("later"))), party)
    assert seen.line("seal.coverage").standing == "failed"
    assert seen.line("seal.validated").standing == "failed"
    seen = look(sealed + b"\n% appended\n%%EOF\n", party)
    assert seen.line("license.sealed_at").standing == "failed"


def test_second_signature(sealed, party, monkeypatch):
    """A second signature, even by the same seal, is one too many."""
    monkeypatch.setattr(signers.PdfSigner, "_enforce_certification_constraints", lambda *_: None)

    def sign(writer: IncrementalPdfFileWriter) -> None:
        fields.append_signature_field(writer, fields.SigFieldSpec("Second"))

    output = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(append(sealed, sign)), strict=False)
    metadata = signers.PdfSignatureMetadata(field_name="Second", subfilter=fields.SigSeedSubFilter.PADES)
    signers.PdfSigner(metadata, party.plugin.signer()).sign_pdf(writer, output=output)
    seen = look(output.getvalue(), party)
    assert {"seal.single", "seal.coverage"} <= set(seen.with_standing("failed"))


def test_shadow_attacks(sealed, party):
    """Hide, replace, hide-and-replace: all need a later revision, and a later revision is a failure."""

    def hide(writer: IncrementalPdfFileWriter) -> None:
        reference, _ = writer.find_page_for_modification(0)
        page = reference.get_object()
        cover = writer.add_object(generic.StreamObject(stream_data=b"1 1 1 rg 0 0 2000 2000 re f"))
        page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), cover])
        writer.mark_update(reference)

    def replace(writer: IncrementalPdfFileWriter) -> None:
        reference, _ = writer.find_page_for_modification(0)
        contents = reference.get_object().raw_get("/Contents")
        stream = contents.get_object()
        stream._data = stream.data.replace(b" Tm", b" Tm ")
        stream._encoded_data = None
        writer.mark_update(contents)

    def hide_and_replace(writer: IncrementalPdfFileWriter) -> None:
        box = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 1191, 842)])
        other = writer.add_object(
            generic.DictionaryObject(
                {generic.NameObject("/Type"): generic.NameObject("/Page"), generic.NameObject("/MediaBox"): box}
            )
        )
        pages = writer.root["/Pages"]
        pages["/Kids"] = generic.ArrayObject([other])
        writer.update_container(pages)

    for change in (hide, replace, hide_and_replace):
        seen = look(append(sealed, change), party)
        assert {"seal.coverage", "license.sealed_at"} <= set(seen.with_standing("failed")), change.__name__


def test_universal_forgery_and_wrapping(sealed, party):
    """Byte ranges that cover nothing, or a signature moved elsewhere, do not pass."""
    ranges = re.search(rb"/ByteRange \[[^\]]+\]", sealed)
    assert ranges
    for forged in (
        b"/ByteRange [0 0 0 0]",
        b"/ByteRange [0 10 20 30]",
        b"/ByteRange [-1 9 9 9]",
        b"/ByteRang2 [0 1 2 3]",
    ):
        changed = sealed.replace(ranges[0], forged.ljust(len(ranges[0])))
        assert look(changed, party).line("license.sealed_at").standing == "failed", forged
    gap = re.search(rb"/Contents <([0-9a-fA-F]+)>", sealed)
    assert gap
    empty = sealed.replace(gap[1], b"0" * len(gap[1]))
    assert look(empty, party).line("license.sealed_at").standing == "failed"


def test_unsealed_page(page, party):
    """A page without a seal has no seal, and says so."""
    seen = look(page, party)
    assert seen.line("file.readable").standing == "ok"
    assert seen.line("seal.single").standing == "failed"
    assert seen.line("license.sealed_at").standing == "failed"


def seal_regardless(pdf: bytes, party: SealParty) -> bytes:
    """What somebody with another key and pyHanko would make: our own door refuses to."""
    from asn1crypto import x509
    from asn1crypto.crl import CertificateList
    from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(
        trust_roots=[x509.Certificate.load(one) for one in party.anchors],
        other_certs=[x509.Certificate.load(keys.der(party.authority.issuing))],
        crls=[CertificateList.load(one) for one in party.crls()],
        allow_fetching=False,
        revocation_mode="require",
        moment=party.now,
    )
    placement = SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
    metadata = signers.PdfSignatureMetadata(
        field_name="Seal", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES, embed_validation_info=True, validation_context=context,
        signer_key_usage={"digital_signature"} if party.authority.kind == "transport" else {"non_repudiation"},
        dss_settings=DSSContentSettings(include_vri=False, placement=placement),
    )  # fmt: skip
    output = io.BytesIO()
    signers.PdfSigner(metadata, party.plugin.signer()).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf)), output=output
    )
    return output.getvalue()


def test_message_signing_certificate_is_no_seal(page, party, tmp_path):
    """A county's message-signing key cannot seal, even where its authority is wrongly among the anchors."""
    signing = make_party(tmp_path, role=Role.COUNTY_SIGNING, now=party.now)
    forged = seal_regardless(page, signing)
    seen = look(forged, party, anchors=[*party.anchors, *signing.anchors], crls=signing.crls())
    assert {"seal.usage", "seal.validated"} <= set(seen.with_standing("failed"))
    seen = look(forged, party)
    assert {"seal.usage", "seal.chain", "seal.validated"} <= set(seen.with_standing("failed"))


def test_other_authority(page, party, tmp_path):
    """A seal under another authority of the same name is not under ours."""
    other = make_party(tmp_path, now=party.now)
    seen = look(other.seal(page), party)
    assert {"seal.chain", "seal.validated"} <= set(seen.with_standing("failed"))
    assert seen.line("seal.intact").standing == "ok"


def test_revoked_seal(page, tmp_path):
    """Revoked before sealing: failed by the verifier's own lists, though the file brings an older, fresh list.

    Revoked after sealing: sealed validly all the same.
    """
    party = make_party(tmp_path)
    forged = party.seal(page, crls=party.crls())
    party.authority.revoke(
        party.certificate.serial_number, now=party.now - timedelta(seconds=30), reason="key_compromise"
    )
    seen = look(forged, party, expected_sha256=hashlib.sha256(forged).digest())
    assert seen.with_standing("failed") == ("seal.not_revoked", "license.sealed_at")
    seen = look(forged, party, expected_sha256=hashlib.sha256(forged).digest(), at=party.now - timedelta(seconds=40))
    assert seen.line("seal.not_revoked").standing == "ok"
    assert seen.line("license.sealed_at").standing == "ok"


def test_revocation_list_expired_at_the_time(sealed, party):
    """Lists in the file that ended before the journalled time say nothing for it."""
    seen = look(sealed, party, at=party.now + timedelta(days=20))
    assert {"seal.revocation", "seal.validated", "license.sealed_at"} <= set(seen.with_standing("failed"))
    assert seen.line("seal.not_revoked").standing == "unknown"
    assert seen.line("seal.period").standing == "ok"


def test_certificate_not_valid_at_the_time(sealed, party):
    """Before its certificate began, and after it ended, a seal is not valid."""
    for days in (-30, 1200):
        seen = look(sealed, party, at=party.now + timedelta(days=days))
        assert {"seal.period", "license.sealed_at"} <= set(seen.with_standing("failed"))


def test_license_of_another_case(renderer: Renderer, original: Template, party: SealParty, sealed: bytes):
    """Somebody else's genuine license fails by its digest, and by its face."""
    swapped = party.seal(renderer.render_complete(make_face(名称="另一家公司", serial="20261122000002"), original))
    seen = look(
        swapped,
        party,
        expected_sha256=hashlib.sha256(sealed).digest(),
        expected_statement=statement_of_copy(make_face(), original),
    )
    assert seen.with_standing("failed") == ("file.digest", "license.face", "license.sealed_at")


def test_trial_and_production_never_mix(page, sealed, party, tmp_path):
    """A trial root in production is refused, and a production root in a trial, whatever the anchors say."""
    seen = look(sealed, party, trial=False)
    assert {"seal.trial", "license.sealed_at"} <= set(seen.with_standing("failed"))
    production = make_party(tmp_path, trial=False, now=party.now)
    real = production.seal(page)
    assert look(real, production, trial=False).with_standing("failed") == ()
    assert "seal.trial" in look(real, production).with_standing("failed")


def test_what_is_no_license_file(sealed, party):
    """Truncated, empty, garbage, text, bombs: the file's line fails quickly, and nothing is raised."""
    bomb = zlib.compress(bytes(64 * 1024 * 1024), 9)
    nested = b"1 0 obj <</Filter [/FlateDecode /FlateDecode] /Length 9>> stream\n" + bomb + b"\nendstream endobj"
    deep = (
        b"%PDF-1.7\n1 0 obj "
        + b"[" * 100_000
        + b"]" * 100_000
        + b" endobj\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF"
    )
    cases = {
        "half": sealed[: len(sealed) // 2],
        "one byte short": sealed[:-1],
        "empty": b"",
        "garbage": random.Random(1).randbytes(10_000_000),
        "garbage with a header": b"%PDF-1.7\n" + random.Random(1).randbytes(500_000),
        "text": "这不是 PDF".encode(),
        "bomb": b"%PDF-1.7\n1 0 obj <</Filter/FlateDecode/Length 9>> stream\n" + bomb + b"\nendstream endobj",
        "nested bomb": b"%PDF-1.7\n" + nested,
        "deep": deep,
        "loop": b"%PDF-1.7\nxref\n0 0\ntrailer <</Size 1/Prev 9>>\nstartxref\n9\n%%EOF",
    }
    for name, data in cases.items():
        seen = look(data, party, expected_sha256=hashlib.sha256(sealed).digest())
        assert seen.line("license.sealed_at").standing == "failed", name
        assert seen.line("file.digest").standing == "failed", name
        if name != "one byte short":
            assert seen.line("file.readable").standing == "failed", name


def test_mutations_raise_nothing(sealed, party):
    """Cuts, copies and runs of noise anywhere end in lines, never in an exception."""
    chance = random.Random(20261122)
    for _ in range(60):
        data = bytearray(sealed)
        start, length = chance.randrange(len(data)), chance.randrange(1, 400)
        kind = chance.randrange(3)
        if kind == 0:
            del data[start : start + length]
        elif kind == 1:
            data[start : start + length] = chance.randbytes(length)
        else:
            data[start:start] = data[chance.randrange(len(data)) :][:length]
        look(bytes(data), party, expected_sha256=hashlib.sha256(sealed).digest())


def test_nothing_is_logged(sealed, party, caplog):
    """PyHanko's own words, which hold names and tracebacks, reach no log."""
    with caplog.at_level(logging.DEBUG):
        look(sealed[: len(sealed) // 2], party)
        look(append(sealed, lambda writer: writer.add_object(generic.TextStringObject("later"))), party)
        look(sealed, party, at=party.now + timedelta(days=2000))
    assert [record for record in caplog.records if record.name != "asyncio"] == []


def test_an_event_loop_is_not_blocked(sealed, party):
    """Called where an event loop runs, it says so at once instead of reporting a good seal as bad."""

    async def page_handler() -> None:
        look(sealed, party)

    with pytest.raises(RuntimeError, match="thread"):
        asyncio.run(page_handler())


def test_no_library_is_imported_twice_over():
    """PyHanko's door is this package's alone; the trust facts come from `certs`."""
    source = Path(__file__).parents[4] / "adapters" / "licenses"
    for file in source.glob("*.py"):
        assert "import cryptography" not in file.read_text(), file.name


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"identifier": "1.2.3"}', '{"identifier": 5}'])
def test_identifier_of_the_file(text, page, party):
    """A file without a right identifier fails that line."""

    def restate(writer: IncrementalPdfFileWriter) -> None:
        writer.set_info(generic.DictionaryObject({generic.NameObject("/Subject"): generic.TextStringObject(text)}))

    seen = look(party.seal(append(page, restate)), party)
    assert seen.line("license.identifier").standing == "failed"
