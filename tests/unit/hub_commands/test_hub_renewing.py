"""The hub's own certificates are renewed by commands: requests out, chains in, old signers named until their end."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from certs import keys
from certs.cli import app as certs
from deploy.demo import world as demo
from deploy.demo.world import World
from hub.bootstrap import Hub
from hub.cli import app as hub
from hub.registry import directory, trust
from hub.renewing import own
from hub.renewing.own import ROLES, OwnCertificates
from hub.settings import HubSettings
from schemas import directory as form
from schemas.errors import YunhuobanError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Authorities and hub; for copies only."""
    return demo.build(tmp_path_factory.mktemp("own") / "world")


@pytest.fixture
def folder(made: World, tmp_path: Path) -> Path:
    """A world of the test's own."""
    shutil.copytree(made.folder, tmp_path / "world")
    return tmp_path / "world"


def typed(folder: Path, *words: str) -> Result:
    """`hub renew …`."""
    return CliRunner().invoke(hub, ["renew", *words, "-d", str(folder / "hub")], env={"COLUMNS": "200"})


def issued(folder: Path) -> list[str]:
    """Ask, and have the authority type exactly what was printed; returns the chains' files."""
    out = folder / "carried"
    asked = typed(folder, "request", "--out", str(out))
    assert asked.exit_code == 0, asked.output
    chains = []
    for line in asked.output.splitlines():
        words = line.split()[1:]
        words[1] = str(folder / "authority" / "transport")
        for option in ("--request", "--out"):
            at = words.index(option) + 1
            words[at] = str(out / words[at])
        assert CliRunner().invoke(certs, words).exit_code == 0, line
        chains.append(words[-1])
    return chains


def in_use(folder: Path) -> dict[str, bytes]:
    """Thumbprints of the four."""
    certificates = folder / "hub" / "certs"
    return {name: keys.thumbprint(keys.load_certificates(certificates / f"{name}.pem")[0]) for name in ROLES}


def test_all_four_change_and_the_old_signers_stay_named(folder: Path):
    """Request, issue as printed, take: new pairs in use; the next directory names old and new signers."""
    certificates = folder / "hub" / "certs"
    before, watch = in_use(folder), OwnCertificates(certificates)
    with_old = Hub(HubSettings.load(folder / "hub"))
    now = datetime.now(UTC)
    with with_old.store.write() as tx:
        trust.bump(tx)
        directory.publish_if_due(tx, with_old.keys.directory, now)
    with_old.close()
    chains = issued(folder)
    assert len(chains) == len(ROLES)
    assert watch.changed() == frozenset()
    taken = typed(folder, "take", *chains)
    assert taken.exit_code == 0, taken.output
    after = in_use(folder)
    assert all(after[name] != before[name] for name in ROLES)
    assert watch.changed() == frozenset(ROLES)
    assert watch.changed() == frozenset()
    for name in ROLES:
        pair = keys.load_private_key(certificates / f"{name}.key"), keys.load_certificates(certificates / f"{name}.pem")
        assert keys.public_key(pair[1][0]) == pair[0].public_key()
    assert list((certificates / "next").iterdir()) == []
    fresh = Hub(HubSettings.load(folder / "hub"))
    with fresh.store.write() as tx:
        assert not directory.is_due(tx, now)
        directory.bump_if_own_changed(tx, fresh.keys.directory)
        serial = directory.publish_if_due(tx, fresh.keys.directory, now)
        assert serial is not None
        directory.bump_if_own_changed(tx, fresh.keys.directory)
        assert not directory.is_due(tx, now), "only when they changed"
        named = list(directory._stored(tx, (form.HUB_CERTIFICATE,), [""]))
    fresh.close()
    assert len(named) == 4
    assert typed(folder, "list").exit_code == 0


def test_a_wrong_chain_changes_nothing(folder: Path):
    """E-RENEW-040 for a chain of another key and for one that lost a host name; E-CERT-055 for another role."""
    before = in_use(folder)
    chains = issued(folder)
    foreign = str(folder / "hub" / "certs" / "signing.pem")
    wrong = typed(folder, "take", chains[0], foreign)
    assert isinstance(wrong.exception, YunhuobanError)
    assert wrong.exception.code is own.NOT_AS_ASKED
    authority = demo.Authority.open(folder / "authority" / "transport")
    public = keys.load_private_key(folder / "hub" / "certs" / "next" / "broker.key").public_key()
    nameless = authority.issue(ROLES["broker"], "hub", public, now=datetime.now(UTC), dns=["elsewhere.example"])
    keys.save_certificates(authority.chain(nameless), Path(chains[0]))
    wrong = typed(folder, "take", chains[0])
    assert isinstance(wrong.exception, YunhuobanError)
    assert wrong.exception.code is own.NOT_AS_ASKED
    assert in_use(folder) == before


def test_a_change_that_was_cut_short_is_finished_by_the_next_start(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """Between key and certificate the machine dies: `hub up` begins with finishing it."""
    chains = issued(folder)
    certificates = folder / "hub" / "certs"
    real = own.files.write_atomically

    def dying(path: Path, data: bytes, **given: int) -> None:
        if path.name == "connection.pem" and path.parent == certificates:
            raise KeyboardInterrupt
        real(path, data, **given)

    monkeypatch.setattr(own.files, "write_atomically", dying)
    typed(folder, "take", *chains)
    monkeypatch.undo()
    assert own.settle(certificates)
    assert own.settle(certificates) == []
    Hub(HubSettings.load(folder / "hub")).close()
    for name in ROLES:
        key = keys.load_private_key(certificates / f"{name}.key")
        assert keys.public_key(keys.load_certificates(certificates / f"{name}.pem")[0]) == key.public_key()
