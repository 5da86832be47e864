"""Each known way to cheat with a license has its own name, and only the genuine file is called genuine."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic

from adapters.licenses.examining import verdicts
from adapters.licenses.examining.examination import Examination
from adapters.licenses.examining.examine import Verifier, examine
from adapters.licenses.render import Renderer
from adapters.licenses.template import Template
from schemas import errors
from tests.hostile import COSTLY, damaged, refusal
from tests.unit.adapters.licenses.examining import attacks
from tests.unit.adapters.licenses.license_parties import SealParty, make_face, make_party


def look(pdf: bytes, party: SealParty, **changes: object) -> Examination:
    """Examine with what a county holds, as if the file came from the street."""
    given_: dict[str, object] = {
        "anchors": party.anchors, "crls": party.crls(), "trial": party.trial, "now": datetime.now(UTC), **changes,
    }  # fmt: skip
    return examine(pdf, Verifier(**given_))  # type: ignore[arg-type]


def verdict(pdf: bytes, party: SealParty, **changes: object) -> str:
    """What the clerk is told first."""
    return look(pdf, party, **changes).verdict.code.code


def test_every_code_has_its_place_in_the_order():
    """A new code that stands in no order would never be told."""
    mine = {code for code in errors.declared().values() if code.code.startswith("E-VERIFY-1")}
    assert sorted(each.code for each in verdicts.ORDER) == sorted(each.code for each in mine)


def test_a_genuine_license_is_genuine(sealed, party):
    """As issued, with nothing known but anchors and lists: genuine, its time the seal's own, its state unknown."""
    seen = look(sealed, party)
    assert seen.verdict.code.code == "E-VERIFY-145"
    assert seen.genuine
    assert not seen.time_is_journalled
    assert seen.sealed_at is not None
    assert abs(seen.sealed_at - party.now) < timedelta(minutes=1)
    assert seen.identifier == make_face().identifier
    assert {line.id: line.standing for line in seen.lines}["license.state"] == "unknown"
    assert Examination.from_json(seen.to_json().encode()) == seen


def test_without_own_lists_the_files_own_speak(sealed, party):
    """Offline with nothing but anchors: what the file brings says that its seal was good when it was used."""
    assert look(sealed, party, crls=[]).genuine


def test_what_is_no_license(sealed, page, party):
    """A picture, another PDF, a scan, a copy without seal, half a file: each is called what it is."""
    text = attacks.typeset("#set page(width: 99pt, height: 99pt)\nhello")
    assert verdict(b"\x89PNG\r\n", party) == "E-VERIFY-101"
    assert verdict(b"", party) == "E-VERIFY-101"
    assert verdict(sealed + bytes(800_000), party) == "E-VERIFY-102"
    assert verdict(text, party) == "E-VERIFY-112"
    for edge in (60, 900):
        assert verdict(attacks.scanned(edge), party) == "E-VERIFY-113"
    assert verdict(attacks.scanned(60) + b"(/Font )", party) == "E-VERIFY-112"
    assert verdict(page, party) == "E-VERIFY-114"
    for cut in (700, len(sealed) // 2, len(sealed) - 400):
        assert verdict(sealed[:-cut], party) == "E-VERIFY-104", cut
    assert verdict(b"%PDF-1.7\nnothing\n%%EOF\n", party) == "E-VERIFY-111"


def test_bombs_are_not_opened(page, party):
    """Nested, inflating or endless: called a bomb within a second."""
    for bomb in (attacks.DEEP, attacks.INFLATING, attacks.huge_page(page)):
        assert verdict(bomb, party) == "E-VERIFY-103"


def test_active_content_and_encryption(sealed, page, party):
    """A script, a program, a form that draws itself, a file within the file, a way out: named before anything else."""
    for change, code in (
        ({"OpenAction": attacks.javascript()}, "E-VERIFY-106"),
        ({"OpenAction": attacks.launch()}, "E-VERIFY-107"),
        ({"Names": attacks.embedded()}, "E-VERIFY-108"),
        ({"AcroForm": attacks.dictionary(XFA=generic.TextStringObject("<xdp/>"))}, "E-VERIFY-109"),
        ({"OpenAction": attacks.link()}, "E-VERIFY-110"),
    ):
        assert verdict(attacks.with_in_catalogue(sealed, **change), party) == code
    # Sealed with a script in it, by whoever fooled the authority, and with its name spelt in another way.
    scripted = attacks.with_in_catalogue(page, OpenAction=attacks.javascript())
    assert verdict(party.seal(scripted), party) == "E-VERIFY-106"
    assert (
        verdict(scripted.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS ", b"/#4aS "), party) == "E-VERIFY-106"
    )
    assert verdict(attacks.encrypted(page), party) == "E-VERIFY-105"


def test_what_was_appended_is_told_apart(sealed, page, party):
    """Form, annotation, page, properties, anything else: a later revision is refused and called by its kind."""
    assert verdict(attacks.fill_form(party.seal(attacks.with_form(page))), party) == "E-VERIFY-124"
    assert verdict(attacks.annotate(sealed), party) == "E-VERIFY-123"
    assert verdict(attacks.add_page(sealed), party) == "E-VERIFY-122"
    assert verdict(attacks.new_metadata(sealed), party) == "E-VERIFY-126"
    assert verdict(sealed + b"\n", party) == "E-VERIFY-125"
    note = attacks.updated(sealed, lambda writer: writer.add_object(generic.TextStringObject("later")))
    seen = look(note, party)
    assert seen.verdict.code.code == "E-VERIFY-125"
    assert seen.identifier == make_face().identifier


def test_shadow_attacks_on_a_plain_license(sealed, party):
    """What needs nothing prepared: something drawn over the page, a font exchanged."""
    assert verdict(attacks.cover(sealed), party) == "E-VERIFY-120"
    assert verdict(attacks.replace_font(sealed), party) == "E-VERIFY-119"


@pytest.mark.long
def test_shadow_attacks(page, party):
    """Hide, replace, hide-and-replace: prepared before sealing, sealed as a genuine file, sprung afterwards."""
    prepared = {each: party.seal(each(page)) for each in (
        attacks.with_overlay, attacks.with_hidden_page, attacks.with_hidden_twin
    )}  # fmt: skip
    assert verdict(attacks.hide(prepared[attacks.with_overlay]), party) == "E-VERIFY-120"
    assert verdict(attacks.hide_and_replace(prepared[attacks.with_hidden_page]), party) == "E-VERIFY-118"
    assert verdict(attacks.hide_and_replace_by_table(prepared[attacks.with_hidden_twin]), party) == "E-VERIFY-118"


def test_forged_signatures(sealed, party, monkeypatch):
    """Empty signatures, moved ranges, bodies without a table, one signature too many."""
    for how, forged in attacks.universal_forgeries(sealed).items():
        assert verdict(forged, party) == "E-VERIFY-115", how
    assert verdict(attacks.wrapped(sealed), party) == "E-VERIFY-116"
    assert verdict(attacks.incremental_saving(sealed), party) == "E-VERIFY-121"
    assert verdict(attacks.second_signature(sealed, party, monkeypatch), party) == "E-VERIFY-117"


def test_changed_bytes(sealed, party):
    """One byte anywhere in what the seal covers, or in the padding that it does not."""
    for where in (0.1, 0.8):
        assert verdict(attacks.altered(sealed, where), party) == "E-VERIFY-127"
    padding = sealed.rfind(b"0>", 0, sealed.rfind(b"/ByteRange"))
    padding = padding if padding > 0 else sealed.rfind(b"00>")
    changed = sealed[:padding] + b"1" + sealed[padding + 1 :]
    assert verdict(changed, party) in {"E-VERIFY-127", "E-VERIFY-116"}


def test_another_authoritys_seal(sealed, party, tmp_path):
    """To whoever holds other roots, even of the same name, it is nobody's seal."""
    assert verdict(sealed, make_party(tmp_path, now=party.now)) == "E-VERIFY-131"


@pytest.mark.long
def test_trial_and_production(page, party, tmp_path):
    """A specimen in real operation, a real license in a trial, whatever roots are held."""
    production = make_party(tmp_path / "production", trial=False, now=party.now)
    both = [*party.anchors, *production.anchors]
    assert verdict(production.seal(page), party, anchors=both) == "E-VERIFY-130"
    assert verdict(party.seal(page), production, anchors=both) == "E-VERIFY-129"
    assert verdict(party.seal(page), production) == "E-VERIFY-129"


@pytest.mark.long
def test_a_signature_that_is_no_seal(page, party, tmp_path):
    """A message-signing key, even of an authority that stands among the anchors."""
    from certs.profiles import Role
    from tests.unit.adapters.licenses.test_license_verify import seal_regardless

    signing = make_party(tmp_path, role=Role.COUNTY_SIGNING, now=party.now)
    forged = seal_regardless(page, signing)
    assert verdict(forged, party, anchors=[*party.anchors, *signing.anchors], crls=[]) == "E-VERIFY-128"


def test_the_time_of_sealing(sealed, party):
    """After the seal's life, in the future, beyond what the revocation data inside speak for."""
    late = timedelta(days=1200)
    assert verdict(sealed, party, journalled_at=party.now + late) == "E-VERIFY-132"
    assert verdict(sealed, party, now=party.now - timedelta(days=1)) == "E-VERIFY-136"
    assert verdict(sealed, party, journalled_at=party.now + timedelta(days=20)) == "E-VERIFY-135"
    assert look(sealed, party, now=party.now + late).genuine, "sealed in time, whatever came later"


@pytest.mark.long
def test_revocation(page, tmp_path):
    """Revoked before sealing, or since: by the journal's time where there is one, else it may be backdated."""
    thief = make_party(tmp_path)
    forged, hour = thief.seal(page), timedelta(hours=1)
    thief.authority.revoke(thief.certificate.serial_number, now=thief.now - hour, reason="key_compromise")
    assert verdict(forged, thief) == "E-VERIFY-133"
    later = make_party(tmp_path / "later")
    honest = later.seal(page)
    later.authority.revoke(later.certificate.serial_number, now=later.now + hour, reason="key_compromise")
    lists = later.crls(now=later.now + 2 * hour)
    assert verdict(honest, later, crls=lists, now=later.now + 3 * hour) == "E-VERIFY-134"
    seen = look(honest, later, crls=lists, now=later.now + 3 * hour, journalled_at=later.now + timedelta(minutes=5))
    assert seen.genuine, "the journal says that it was sealed before"
    assert seen.revoked_at is not None


def test_a_seal_that_does_not_say_what_ours_say(page, party, monkeypatch):
    """Not certified against changes; an identifier that is none; an owner who is not the authority named."""
    from pyhanko.sign import signers

    kept = signers.PdfSignatureMetadata
    monkeypatch.setattr(
        "adapters.licenses.seal.signers.PdfSignatureMetadata",
        lambda **each: kept(**{**each, "certify": False, "docmdp_permissions": None} | {}),
    )
    assert verdict(party.seal(page), party) == "E-VERIFY-137"


@pytest.mark.long
def test_the_file_must_name_its_issuer(renderer: Renderer, original: Template, party: SealParty):
    """A true seal under another authority's license is the wrong owner's; a wrong check character is no identifier."""
    from dataclasses import replace

    face = make_face()
    foreign = replace(face, issuing_authority="吴桥县行政审批局", issuing_authority_code="11130928MB0000000X")
    assert verdict(party.seal(renderer.render_complete(foreign, original)), party) == "E-VERIFY-140"
    wrong = replace(face, identifier=face.identifier[:-1] + ("A" if face.identifier[-1] != "A" else "B"))
    assert verdict(party.seal(renderer.render_complete(wrong, original)), party) == "E-VERIFY-139"


def test_two_judges(sealed, party, monkeypatch):
    """When pyHanko and OpenSSL disagree, nobody decides for the clerk."""
    from adapters.licenses import verify

    real = verify._pdf_lines
    monkeypatch.setattr(
        verify, "_pdf_lines", lambda *each: [(a, b if a != "seal.validated" else False, c) for a, b, c in real(*each)]
    )
    assert verdict(sealed, party) == "E-VERIFY-138"


@settings(COSTLY, max_examples=2000 if os.environ.get("LONG") == "1" else 8)
@given(data=st.data())
def test_no_mutation_is_genuine(sealed, party, data):
    """Whatever is done to the bytes of a genuine file: another file is never genuine, and nothing is raised."""
    changed = data.draw(damaged(sealed))
    seen: list[Examination] = []
    assert refusal(lambda: seen.append(look(changed, party))) is None
    assert seen[0].genuine == (changed == sealed)
