"""`adapter verify`: good is 0, bad is 1, no file is 2; two lines apart; Chinese before English; JSON for programs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.cli import app
from adapters.hall.verifying import checking
from adapters.licenses.examining.examine import examine
from certs import keys
from certs.authority import Authority
from schemas.errors import YunhuobanError
from tests.unit.adapters.licenses.examining import attacks
from tests.unit.adapters.licenses.license_parties import SealParty


@pytest.fixture(scope="module")
def anchors(party: SealParty, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the seal authority's root, its issuing certificate, and its lists."""
    folder = tmp_path_factory.mktemp("anchors")
    keys.save_certificates([party.authority.root, party.authority.issuing], folder / "seals.pem")
    for at, each in enumerate(party.crls()):
        (folder / f"{at}.crl").write_bytes(each)
    return folder


def ask(file: Path, *options: str) -> tuple[int, str]:
    """Exit code and what was said, on a machine without a county's folder."""
    result = CliRunner().invoke(app, ["verify", str(file), "-d", str(file.parent / "nowhere"), *options])
    if isinstance(result.exception, YunhuobanError):
        raise result.exception
    return result.exit_code, result.output


def test_a_genuine_file(sealed, anchors, tmp_path):
    """0; sealed validly by its own word; its state unknown and never inferred from the seal."""
    file = tmp_path / "license.pdf"
    file.write_bytes(sealed)
    code, said = ask(file, "--anchors", str(anchors))
    assert code == 0
    assert said.index("文件真实") < said.index("Genuine")
    sealed_line, state_line = said.splitlines()[2:4]
    assert sealed_line.startswith("盖章：盖章有效")
    assert "本县没有存证" in sealed_line
    assert state_line.startswith("现在：不知道")
    assert "永济市行政审批服务管理局" in said
    assert "䶮建国" not in said


def test_an_altered_file_for_programs(sealed, anchors, tmp_path, monkeypatch):
    """1; the code, and each check by its id; no face in it. The jail is in the test above."""
    monkeypatch.setattr(checking, "examined", lambda file, verifier: examine(file.read(), verifier))
    file = tmp_path / "license.pdf"
    file.write_bytes(attacks.altered(sealed))
    code, said = ask(file, "--anchors", str(anchors), "--json")
    told = json.loads(said)
    assert code == 1
    assert told["verdict"] == "E-VERIFY-127"
    assert not told["good"]
    assert not told["sealed"]["validly"]
    assert told["state_now"] is None
    assert {each["id"]: each["standing"] for each in told["lines"]}["seal.intact"] == "failed"
    assert "face" not in told


def test_what_there_is_nothing_to_check_with(sealed, tmp_path):
    """2 for a file that is not there; a sentence where no anchors are."""
    assert ask(tmp_path / "none.pdf")[0] == 2
    file = tmp_path / "license.pdf"
    file.write_bytes(sealed)
    with pytest.raises(YunhuobanError, match="E-PAGE-132"):
        ask(file, "--anchors", str(tmp_path))


def test_in_the_folder_of_a_county_that_has_not_run_yet(sealed, party, tmp_path, monkeypatch):
    """The county's seal roots are used and never the transport's; looking makes no store."""
    monkeypatch.setattr(checking, "examined", lambda file, verifier: examine(file.read(), verifier))
    file, certs = tmp_path / "license.pdf", tmp_path / "county" / "certs"
    file.write_bytes(sealed)
    certs.mkdir(parents=True)
    (tmp_path / "county" / "county.toml").write_text(
        'division_code = "140881"\nname = "永济市"\nmapping = "."\nlocal_read = ""\nlocal_write = ""\n'
        '[hub]\nurls = ["127.0.0.1:1"]\n[authority]\nname = "局"\ncode = "11140881MB0000000U"\n'
    )
    keys.save_certificates([party.authority.root], certs / "anchors.pem")
    transport = Authority.create(tmp_path / "ca", kind="transport", trial=True, now=party.now, name="T")
    for roots, code in (([party.authority.root], 0), ([transport.root], 1)):
        keys.save_certificates(roots, certs / "seal-anchors.pem")
        assert CliRunner().invoke(app, ["verify", str(file), "-d", str(tmp_path / "county")]).exit_code == code
    assert {each.name for each in (tmp_path / "county").iterdir()} == {"county.toml", "certs"}
