"""The commands of the authority's person, from an empty folder to a revoked certificate."""

import sys

import pytest

from certs import cli, crl, keys
from certs.authority import Authority
from certs.chain import TrustStore
from certs.profiles import Role


@pytest.fixture
def certs(monkeypatch, capsys):
    """Run one command as typed; give its exit status, output and error output."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["certs", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return run


def test_from_an_empty_folder_to_a_revoked_certificate(certs, tmp_path):
    """Init, request, issue, show, revoke, publish: what comes out is what the chain check wants."""
    folder, request, chain_pem = tmp_path / "ca", tmp_path / "r.pem", tmp_path / "chain.pem"
    status, out, _ = certs("ca", "init", folder, "--name", "Demo", "--trial")
    assert status == 0
    assert "root/key.pem" in out
    assert certs("request", "130928", "--key", tmp_path / "k.pem", "--out", request)[0] == 0
    status, out, _ = certs("issue", folder, "county_signing", "130928", "--request", request, "--out", chain_pem)
    assert status == 0
    chain = keys.load_certificates(chain_pem)
    authority = Authority.open(folder)
    lists = [crl.load(folder / "crl" / name) for name in ("root.crl", "issuing.crl")]
    store = TrustStore([authority.root], [authority.issuing], lists, trial=True)
    now = chain[0].not_valid_before_utc + crl.BACKDATED
    assert store.facts(chain, at=now).standing(Role.COUNTY_SIGNING) == "good"
    serial = f"{chain[0].serial_number:x}"
    status, out, _ = certs("ca", "show", folder)
    assert serial in out
    assert "revoked" not in out
    assert certs("revoke", folder, serial, "--reason", "key_compromise")[0] == 0
    assert "key_compromise" in certs("ca", "show", folder)[1]
    assert certs("crl", folder, "--hashed", tmp_path / "hashed")[0] == 0
    assert len(list((tmp_path / "hashed").iterdir())) == 2
    newest = crl.load(folder / "crl" / "issuing.crl")
    assert newest.get_revoked_certificate_by_serial_number(chain[0].serial_number) is not None


def test_mistakes_get_one_sentence(certs, tmp_path):
    """Each mistake is a code, a Chinese sentence and what to do; exit status 1, no traceback, nothing written."""
    folder, request = tmp_path / "ca", tmp_path / "r.pem"
    certs("ca", "init", folder, "--name", "Demo", "--production")
    certs("request", "130928", "--key", tmp_path / "k.pem", "--out", request)
    out = tmp_path / "out.pem"
    mistakes = {
        ("ca", "show", tmp_path / "nowhere"): "E-CERT-031",
        ("ca", "init", folder, "--name", "Demo", "--trial"): "E-CERT-030",
        ("ca", "init", tmp_path / "b", "--name", "名字", "--trial"): "E-CERT-033",
        ("request", "1", "--key", tmp_path / "k.pem", "--out", request): "E-CERT-002",
        ("issue", folder, "county_signing", "140881", "--request", request, "--out", out): "E-CERT-095",
        ("issue", folder, "hub_signing", "130928", "--request", request, "--out", out): "E-CERT-033",
        ("issue", folder, "seal", "130928", "--request", request, "--out", out): "E-CERT-032",
        ("issue", folder, "page", "130928", "--request", tmp_path / "none", "--out", out): "E-CERT-001",
        ("revoke", folder, "zz", "--reason", "superseded"): "E-CERT-096",
        ("revoke", folder, "abc", "--reason", "superseded"): "E-CERT-036",
        ("crl", folder, "--days", "0"): "E-CERT-035",
    }
    for words, code in mistakes.items():
        status, _, err = certs(*words)
        assert (status, err.startswith(code), "Traceback" in err) == (1, True, False), (words, err)
        assert "。" in err
    assert not out.exists()


def test_the_three_certificates_of_a_county_by_one_command(certs, tmp_path):
    """Each in its role; E-CERT-097 and not one certificate when a request is another county's, or a key comes twice."""
    folder, requests = tmp_path / "ca", tmp_path / "requests"
    certs("ca", "init", folder, "--name", "Demo", "--trial")
    requests.mkdir()
    made = {role: keys.generate_key() for role in ("connection", "signing", "encryption")}

    def written(role: str, key: keys.PrivateKey, subject: str = "130928") -> None:
        (requests / f"130928-{role}.csr").write_bytes(keys.make_request(key, subject))

    for role, key in made.items():
        written(role, key)
    for spoilt in (
        lambda: written("signing", made["signing"], "140881"),
        lambda: written("signing", made["connection"]),
    ):
        spoilt()
        status, _, err = certs("county", folder, "130928", requests)
        assert status == 1
        assert err.startswith("E-CERT-097")
    assert not list(requests.glob("*.pem"))
    written("signing", made["signing"])
    assert certs("county", folder, "130928", requests)[0] == 0
    for role, key in made.items():
        chain = keys.load_certificates(requests / f"130928-{role}.pem")
        assert keys.public_key(chain[0]) == key.public_key()
    shown = certs("ca", "show", folder)[1]
    assert all(f"county_{role}" in shown for role in made)


def test_help_speaks_both_languages(certs):
    """Every command has Chinese and English beside it."""
    for words in ([], ["ca"], ["issue"], ["revoke"], ["crl"], ["request"], ["county"]):
        _, out, err = certs(*words, "--help")
        assert " / " in out + err
