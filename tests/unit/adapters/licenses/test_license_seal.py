"""A page is sealed only with a usable seal, only on a decision, and by a process that alone holds the key."""

import base64
import io
import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from adapters.licenses.seal_process import SealProcess, SealRequest
from adapters.licenses.verify import verify_license
from certs import keys
from certs.profiles import Role
from schemas.errors import YunhuobanError
from tests.unit.adapters.licenses.license_parties import NUMBER, make_face, make_party

GRANTED = SealRequest(
    decision_no="永审批决〔2026〕17号", outcome="granted", approver="张审批", approver_no="A017", license_number=NUMBER
)


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """Where the process below puts each use on record."""
    return tmp_path_factory.mktemp("register") / "uses.jsonl"


@pytest.fixture(scope="module")
def process(party, register):
    """A seal process with a register of its own, which serves one test after the other."""
    with SealProcess(
        plugin=party.plugin, anchors=party.anchors, crls=party.crls, register=register, trial=True
    ) as started:
        yield started


def uses(register: Path) -> list[str]:
    """The lines of the register."""
    return register.read_text().splitlines() if register.exists() else []


def changed(**changes: str) -> SealRequest:
    """The granted request, changed."""
    fields = {name: getattr(GRANTED, name) for name in SealRequest.__dataclass_fields__}
    return SealRequest(**{**fields, **changes})


def test_one_revision(page, sealed):
    """The sealed file is the rendered page and one revision after it, which holds seal and revocation data."""
    assert sealed.startswith(page)
    assert sealed.count(b"%%EOF") == page.count(b"%%EOF") + 1
    assert len(sealed) < 786_432
    assert len(PdfFileReader(io.BytesIO(sealed)).root["/DSS"]["/CRLs"]) == 2


def test_process_seals_a_decision(process, page, party, register):
    """What the child seals verifies, and the use is on record: decision, approver's number, digests, no name."""
    before = uses(register)
    sealed = process.seal(page, GRANTED)
    seen = verify_license(
        sealed, anchors=party.anchors, crls=party.crls(), at=datetime.now(UTC), expected_sha256=None, trial=True
    )
    assert seen.with_standing("failed") == ()
    assert uses(register)[:-1] == before
    use = json.loads(uses(register)[-1])
    assert (use["decision_no"], use["approver_no"]) == (GRANTED.decision_no, GRANTED.approver_no)
    assert GRANTED.approver not in register.read_text()
    assert stat.S_IMODE(register.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"decision_no": ""}, "decision_no"),
        ({"decision_no": "  "}, "decision_no"),
        ({"approver": ""}, "approver"),
        ({"approver_no": ""}, "approver_no"),
        ({"license_number": ""}, "license_number"),
        ({"outcome": "denied"}, "outcome"),
        ({"outcome": ""}, "outcome"),
    ],
)
def test_no_seal_without_a_decision(changes, place, process, page, register):
    """Without number, approver or a granting outcome the child refuses, and nothing is on record."""
    before = uses(register)
    with pytest.raises(YunhuobanError) as caught:
        process.seal(page, changed(**changes))
    assert (caught.value.code.code, caught.value.place) == ("E-LIC-024", place)
    assert uses(register) == before


def test_page_must_be_the_decisions(process, page, renderer, original):
    """A page with another number, a real page in a trial, and what is no page at all are not sealed."""
    real = renderer.render_complete(make_face(trial=False), original)
    cases = ((page, changed(license_number="91140881MA0000001X"), "E-LIC-025"), (real, GRANTED, "E-LIC-025"))
    for pdf, request, code in (*cases, (b"nothing", GRANTED, "E-LIC-040")):
        with pytest.raises(YunhuobanError) as caught:
            process.seal(pdf, request)
        assert caught.value.code.code == code


SEARCH = """
import sys
from pathlib import Path
from adapters.licenses.seal import FileSeal
from adapters.licenses.seal_process import SealProcess, SealRequest


def holds(veiled):
    # every readable piece of this process, veiled the same way, so that the search holds no copy of what it seeks
    veil = bytes(255 - value for value in range(256))
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps:
            place, rights = line.split()[:2]
            if "rw" not in rights or "[v" in line:
                continue
            start, end = (int(number, 16) for number in place.split("-"))
            memory.seek(start)
            if veiled in memory.read(end - start).translate(veil):
                return True
    return False


if __name__ == "__main__":
    how, folder, page, number, veiled = sys.argv[1:]
    folder, page, veiled = Path(folder), Path(page).read_bytes(), bytes.fromhex(veiled)
    plugin = FileSeal(key_file=folder / "key.pem", chain_file=folder / "chain.pem")
    lists = [(folder / "authority/crl" / name).read_bytes() for name in ("root.crl", "issuing.crl")]
    if how == "child":
        anchor = (folder / "anchor.der").read_bytes()
        process = SealProcess(
            plugin=plugin, anchors=[anchor], crls=lambda: lists, register=folder / "uses.jsonl", trial=True
        )
        request = SealRequest(
            decision_no="1", outcome="granted", approver="a", approver_no="1", license_number=number
        )
        assert process.seal(page, request)
    else:
        signer = plugin.signer()
    print(holds(veiled))
"""


@pytest.mark.parametrize(("how", "held"), [("child", "False"), ("self", "True")])
def test_key_is_in_the_child_only(how, held, page, party, tmp_path):
    """After sealing, the secret number of the key is nowhere in the parent's memory.

    The second run, which reads the key itself, shows that the search would find it.
    """
    party.crls()
    (party.folder / "anchor.der").write_bytes(party.anchors[0])
    (tmp_path / "page.pdf").write_bytes(page)
    (tmp_path / "search.py").write_text(SEARCH)
    secret = keys.load_private_key(party.folder / "key.pem").private_numbers().private_value.to_bytes(32, "big")
    veiled = bytes(255 - value for value in secret).hex()
    command = [sys.executable, tmp_path / "search.py", how, party.folder, tmp_path / "page.pdf", NUMBER, veiled]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.stdout.strip() == held, run.stderr


def test_child_that_dies_is_replaced(process, page):
    """A killed child is an error for one request at most; the next gets a new one."""
    process.seal(page, GRANTED)
    first = process.child_id
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert process.seal(page, GRANTED)
    assert process.child_id != first


def test_process_ends(party, page, tmp_path):
    """Closing ends the child."""
    process = SealProcess(
        plugin=party.plugin, anchors=party.anchors, crls=party.crls, register=tmp_path / "uses.jsonl", trial=True
    )
    process.seal(page, GRANTED)
    child = process.child_id
    process.close()
    assert not Path(f"/proc/{child}").exists()


def test_unusable_certificates(page, party, tmp_path):
    """Wrong role, about to end, ended, revoked, trial in production, lists missing: refused before the key is used."""
    now = party.now

    def refusal(other, **changes):
        arguments = {"now": now, **changes}
        with pytest.raises(YunhuobanError) as caught:
            other.seal(page, **arguments)
        return caught.value.code.code, caught.value.place

    def folder(name: str) -> Path:
        (tmp_path / name).mkdir()
        return tmp_path / name

    assert refusal(make_party(folder("role"), role=Role.COUNTY_SIGNING, now=now)) == ("E-LIC-020", "E-CERT-055")
    ending = make_party(folder("ending"), now=now, days=1)
    assert refusal(ending, now=now + timedelta(hours=2))[0] == "E-LIC-021"
    assert refusal(ending, now=now + timedelta(days=2)) == ("E-LIC-020", "E-CERT-052")
    assert refusal(party, crls=[]) == ("E-LIC-020", "E-CERT-054")
    assert refusal(party, crls=party.crls(), now=now + timedelta(days=20)) == ("E-LIC-020", "E-CERT-054")
    revoked = make_party(folder("revoked"), now=now)
    revoked.authority.revoke(revoked.certificate.serial_number, now=now, reason="superseded")
    assert refusal(revoked) == ("E-LIC-020", "E-CERT-053")
    production = make_party(folder("production"), trial=False, now=now)
    mixed = type(production)(production.folder, production.authority, production.certificate, now, trial=True)
    assert refusal(mixed)[0] == "E-LIC-020"


def test_what_is_sealed_is_not_sealed_again(party, sealed):
    """A certified file takes no second seal: whatever the library says is one declared error."""
    with pytest.raises(YunhuobanError, match="E-LIC-023"):
        party.seal(sealed)


@dataclass(frozen=True)
class Crashing:
    """A seal whose driver takes its process with it."""

    def chain(self) -> list[bytes]:
        """Never returns."""
        os._exit(1)

    def signer(self) -> None:
        """Never reached."""


def test_a_seal_that_takes_its_process_with_it_is_told(party, page, tmp_path):
    """The node hears that nobody answers, goes on, and starts another process for the next page."""
    register = tmp_path / "uses.jsonl"
    with SealProcess(
        plugin=Crashing(), anchors=party.anchors, crls=party.crls, register=register, trial=True
    ) as crashing:
        for _ in range(2):
            with pytest.raises(YunhuobanError, match="E-LIC-026"):
                crashing.seal(page, GRANTED)


def test_key_and_certificate_must_be_a_pair(page, party, tmp_path):
    """Another key, or something that is no key, is found out and never quoted."""
    keys.save_certificates(keys.load_certificates(party.folder / "chain.pem"), tmp_path / "chain.pem")
    other = type(party)(tmp_path, party.authority, party.certificate, party.now, trial=True)
    for write in (
        lambda path: keys.save_private_key(keys.generate_key(), path),
        lambda path: path.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
        lambda path: path.write_text("geheim " + base64.b64encode(bytes(99)).decode()),
    ):
        write(tmp_path / "key.pem")
        with pytest.raises(YunhuobanError) as caught:
            other.seal(page)
        assert caught.value.code.code == "E-LIC-022"
        assert "geheim" not in f"{caught.value}{caught.value.found}"
