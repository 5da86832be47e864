"""Looks at a file that may be anything, and says what it is; the numbered list is the list of what is looked at.

1 the bytes: a PDF, of a license's size, whole, not nested or inflating without end, not encrypted, nothing active
2 the reader: strict, bounded (`adapters.licenses.pdf_file`); pages of a bearable size
3 the seal's place: one signature, of what is shown, to the end of the file
4 what was done to it afterwards, told apart
5 the lines of `adapters.licenses.verify`: integrity, certificate, chain, time, revocation, certified, identifier
6 the issuer: the seal's owner is the authority that the license names

Whether the county knows better (another face, a newer version, a state that ended) is asked afterwards, of its store
(`adapters.hall.verifying.knowledge`): this runs where there is no store.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature

from adapters.licenses import pdf_file, verify
from adapters.licenses.examining import rawbytes, seals, verdicts
from adapters.licenses.examining.examination import Examination, in_order
from adapters.licenses.verify import LicenseVerification
from certs import keys, policy
from schemas.errors import Code, YunhuobanError

MOST_PAGES: Final = 4
LONGEST_EDGE_POINTS: Final = 2_400  # A1; the largest license is A3
_AHEAD: Final = timedelta(minutes=5)  # as everywhere: clocks differ
_MOST_OBJECTS: Final = 4_000
_NO_SIGNATURE: Final = frozenset({verdicts.UNIVERSAL_FORGERY, verdicts.WRAPPING, verdicts.TRUNCATED})
_HIGHEST_TREE: Final = 16

_FAILED_LINES: Final[dict[str, Code]] = {
    "seal.intact": verdicts.ALTERED,
    "seal.coverage": verdicts.ALTERED,
    "seal.certified": verdicts.NOT_CERTIFIED,
    "seal.usage": verdicts.NOT_A_SEAL,
    "seal.chain": verdicts.OTHER_AUTHORITY,
    "seal.period": verdicts.SEAL_NOT_IN_TIME,
    "seal.not_revoked": verdicts.REVOKED_BEFORE,
    "seal.revocation": verdicts.NO_REVOCATION_DATA,
    "license.identifier": verdicts.IDENTIFIER_WRONG,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """What whoever looks holds in his own hands."""

    anchors: Sequence[bytes]
    """Roots of license seals, DER."""
    crls: Sequence[bytes]
    """Revocation lists of the seal authority, DER; the file brings its own beside."""
    trial: bool
    """Whether trial seals are what is expected here."""
    now: datetime
    journalled_at: datetime | None = None
    """When the hub admitted this very file (by its digest), if the county knows."""


def examine(pdf: bytes, verifier: Verifier) -> Examination:
    """Say what the file is. Raises only for the verifier's own data, as `verify.verify_license` does.

    Runs its own event loop: call it from a thread without one.
    """
    digest = hashlib.sha256(pdf).hexdigest()
    found = dict[Code, str]()
    text = _bytes(pdf, found)  # 1
    if text is None:
        return Examination(sha256=digest, findings=in_order(found))
    try:
        reader = pdf_file.opened(pdf)  # 2
    except YunhuobanError as error:
        _unopened(pdf, text, error, found)
        return Examination(sha256=digest, findings=in_order(found))
    said = _stated(reader)
    pages = _pages(reader, found)
    _active_objects(reader, found)
    every = seals.seals_of(reader)
    if not every:
        _unsealed(pdf, text, said, found, broken=every is None)
        return Examination(sha256=digest, findings=in_order(found), pages=pages, **_plain(said))
    said = _places(pdf, every, found) or said  # 3, 4
    sealed_at = _time(every[0], verifier, found)
    seen = verify.verify_license(
        pdf,
        anchors=verifier.anchors,
        crls=verifier.crls,
        at=sealed_at,
        expected_sha256=bytes.fromhex(digest) if verifier.journalled_at else None,
        trial=verifier.trial,
    )
    _lines(seen, found, verifier)  # 5
    _issuer(every[0], said, found)  # 6
    revoked_at = _instant(seen.line("seal.not_revoked").detail)
    if revoked_at is not None and verdicts.REVOKED_BEFORE not in found and verifier.journalled_at is None:
        found[verdicts.REVOKED_SINCE] = revoked_at.isoformat()
    return Examination(
        sha256=digest,
        findings=in_order(found),
        lines=seen.lines,
        sealed_at=sealed_at,
        time_is_journalled=verifier.journalled_at is not None,
        revoked_at=revoked_at,
        pages=pages,
        **_plain(said),
    )


def _bytes(pdf: bytes, found: dict[Code, str]) -> bytes | None:
    """Point 1; None when the file is not to be opened at all."""
    if not pdf.startswith(b"%PDF-"):
        found[verdicts.NOT_A_PDF] = ""
        return None
    text = rawbytes.outside_streams(pdf)
    if len(pdf) > pdf_file.LARGEST_BYTES:
        found[verdicts.SCAN if rawbytes.only_pictures(text) else verdicts.TOO_LARGE] = f"{len(pdf)} B"
        return None
    found.update(rawbytes.active(text))
    if rawbytes.is_encrypted(text):
        found[verdicts.ENCRYPTED] = "/Encrypt"
    if rawbytes.is_too_deep(text):
        found[verdicts.BOMB] = f"> {rawbytes.DEEPEST}"
    if found.keys() & {verdicts.ENCRYPTED, verdicts.BOMB}:
        return None
    return text


def _unopened(pdf: bytes, text: bytes, error: YunhuobanError, found: dict[Code, str]) -> None:
    """A file that the strict reader refused."""
    if error.code is pdf_file.FILE_HOSTILE and not _calls_itself_sealed(text):
        # Other filters than a license's are what cameras and offices write; what inflates too far is something else.
        ordinary = verdicts.SCAN if rawbytes.only_pictures(text) else verdicts.NOT_OURS
        found[verdicts.BOMB if error.expected else ordinary] = f"{error.place} {error.expected}".strip()
        return
    if error.code is pdf_file.FILE_HOSTILE and error.expected:
        found[verdicts.BOMB] = error.expected
    if rawbytes.ends_short(pdf):
        found[verdicts.TRUNCATED] = ""
    if _calls_itself_sealed(text):
        found.update(dict.fromkeys(seals.without_reader(pdf) or {verdicts.ALTERED}, ""))
    if not found:
        found[verdicts.UNREADABLE] = error.found


def _unsealed(pdf: bytes, text: bytes, said: dict[str, Any], found: dict[Code, str], *, broken: bool) -> None:
    """A file in which no seal was found, or only what calls itself one."""
    if broken or _calls_itself_sealed(text):
        found.update(dict.fromkeys(seals.without_reader(pdf) or {verdicts.UNIVERSAL_FORGERY}, ""))
    elif said:
        found[verdicts.UNSEALED] = ""
    elif rawbytes.only_pictures(text):
        found[verdicts.SCAN] = ""
    else:
        found[verdicts.NOT_OURS] = ""


def _calls_itself_sealed(text: bytes) -> bool:
    return any(name in text for name in (b"/ByteRange", b"/ETSI.CAdES.detached", b"/adbe.pkcs7", b"/Sig "))


def _places(pdf: bytes, every: Sequence[EmbeddedPdfSignature], found: dict[Code, str]) -> dict[str, Any]:
    """Points 3 and 4; what the sealed part states, where something was appended to it."""
    if len(every) > 1:
        found[verdicts.SECOND_SIGNATURE] = str(len(every))
    place = seals.place_of(every[0])
    problem = seals.place_problem(pdf, place)
    if problem is not None or place is None:
        found[problem or verdicts.UNIVERSAL_FORGERY] = ""
        return {}
    found.update(dict.fromkeys(seals.after(pdf, place), ""))
    try:
        return _stated(pdf_file.opened(pdf[: place[2] + place[3]]))
    except YunhuobanError:
        return {}


def _instant(text: str) -> datetime | None:
    """A line's detail as a time; where reading stumbled it is something else."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _time(seal: EmbeddedPdfSignature, verifier: Verifier, found: dict[Code, str]) -> datetime:
    """The journal's time, else the seal's own word, else now."""
    if verifier.journalled_at is not None:
        return verifier.journalled_at
    try:
        claimed = seal.self_reported_timestamp
    except Exception:  # noqa: BLE001 - a parser of hostile bytes promises nothing
        claimed = None
    if claimed is None or claimed.tzinfo is None or claimed > verifier.now + _AHEAD:
        found[verdicts.TIME_WRONG] = claimed.isoformat() if claimed else ""
        return verifier.now
    return claimed.astimezone(UTC)


def _lines(seen: LicenseVerification, found: dict[Code, str], verifier: Verifier) -> None:
    """Point 5: what failed, unless something told before is the reason for it."""
    failed = set(seen.with_standing("failed"))
    touched = bool(found.keys() - {verdicts.TIME_WRONG})
    if touched:  # the identifier is that of the last revision, and coverage and the second judgement follow from it
        failed -= {"seal.coverage", "seal.validated", "license.identifier"}
    if found.keys() & _NO_SIGNATURE:
        failed.clear()  # the other lines are about a signature that there is none of
    if "seal.trial" in failed:
        is_trial = seen.line("seal.trial").detail == "trial"
        if is_trial is not verifier.trial:
            found[verdicts.TRIAL_SEAL if is_trial else verdicts.PRODUCTION_SEAL] = seen.line("seal.trial").detail
    if failed & {"seal.chain", "seal.usage", "seal.period"} or verdicts.REVOKED_BEFORE in found:
        failed -= {"seal.revocation", "seal.validated"}
    for line, code in _FAILED_LINES.items():
        if line in failed:
            found.setdefault(code, seen.line(line).detail)
    if "seal.validated" in failed and not found:
        found[verdicts.NOT_VALIDATED] = ""


def _issuer(seal: EmbeddedPdfSignature, said: dict[str, Any], found: dict[Code, str]) -> None:
    """Point 6."""
    try:
        owner = policy.subject_of(keys.certificate_from_der(seal.signer_cert.dump()))
    except Exception:  # noqa: BLE001 - a certificate of a hostile file
        return
    if owner not in (said.get("issuing_authority"), said.get("issuing_authority_code")):
        found.setdefault(verdicts.ISSUER_DIFFERS, "")


def _stated(reader: PdfFileReader) -> dict[str, Any]:
    """The statement of the face, with its own text as `text`; empty when there is none."""
    try:
        text = pdf_file.statement_text(reader)
        said = json.loads(text)
        return said | {"text": text} if isinstance(said, dict) and "identifier" in said else {}
    except (YunhuobanError, ValueError, RecursionError):
        return {}


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    """What of the statement may be shown anywhere."""
    if not said:
        return {}
    names = ("identifier", "issuing_authority", "issuing_authority_code")
    return {name: str(said.get(name, ""))[:128] for name in names} | {
        "statement_sha256": hashlib.sha256(said["text"].encode(errors="replace")).hexdigest()
    }


def _pages(reader: Any, found: dict[Code, str]) -> int:
    """How many pages there are; as many or as large ones as no license has are a bomb."""
    try:
        count = int(reader.root["/Pages"]["/Count"])
        edges = [
            edge
            for at in range(max(0, min(count, MOST_PAGES)))
            for edge in _edges(reader.find_page_for_modification(at)[0].get_object())
        ]
    except Exception:  # noqa: BLE001 - a parser of hostile bytes promises nothing
        return 0
    if any(not edge <= LONGEST_EDGE_POINTS for edge in edges):
        found[verdicts.BOMB] = f"> {LONGEST_EDGE_POINTS} pt"
    return count


def _edges(page: Any) -> list[float]:
    """The page's corners in points; the box may be inherited from any node above."""
    unit, node = float(page.get("/UserUnit", 1)), page
    for _ in range(_HIGHEST_TREE):
        if "/MediaBox" in node or "/Parent" not in node:
            break
        node = node["/Parent"]
    return [abs(float(edge)) * unit for edge in node.get("/MediaBox", [])]


def _active_objects(reader: Any, found: dict[Code, str]) -> None:
    """The names again, in the objects as the reader sees them: what no scan of bytes finds in nested streams."""
    try:
        for revision in range(reader.total_revisions):
            for ref in list(reader.xrefs.explicit_refs_in_revision(revision))[:_MOST_OBJECTS]:
                waiting: list[Any] = [reader.get_object(ref, revision=revision)]
                while waiting:
                    here = waiting.pop()
                    if isinstance(here, generic.DictionaryObject):
                        names = [*here, *(each for each in here.values() if isinstance(each, generic.NameObject))]
                        found.update({rawbytes.ACTIVE[name[1:]]: name for name in names if name[1:] in rawbytes.ACTIVE})
                        waiting += [here.raw_get(key) for key in here]
                    elif isinstance(here, generic.ArrayObject):
                        waiting += [here.raw_get(at) for at in range(len(here))]
    except Exception:  # noqa: BLE001 - what cannot be read has failed elsewhere
        return
