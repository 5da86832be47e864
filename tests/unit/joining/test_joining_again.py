"""Suspended, revoked, and back: what was revoked never comes back, only the county does, with new keys."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

from adapters.cli import app as adapter
from certs import keys
from certs.authority import Authority
from certs.cli import app as certs
from certs.profiles import Role
from deploy.demo.world import publish_lists
from hub import bootstrap
from hub.settings import HubSettings
from tests.joining_world import COUNTY, Joining, code_of, done


def revoke_certificates(joining: Joining, paths: list[Path]) -> None:
    """The authority's person revokes what these files hold and carries the lists to the hub."""
    authority = joining.world.folder / "authority" / "transport"
    for path in paths:
        serial = f"{keys.load_certificates(path)[0].serial_number:x}"
        done(CliRunner().invoke(certs, ["revoke", str(authority), serial, "--reason", "key_compromise"]))
    publish_lists(joining.world, Authority.open(authority))


def hub_says(joining: Joining, path: Path) -> str:
    """What the hub thinks of a signing certificate now."""
    hub = bootstrap.Hub(HubSettings.load(joining.world.hub))
    chain = keys.load_certificates(path)
    standing = hub.chains().facts(chain, at=datetime.now(UTC)).standing(Role.COUNTY_SIGNING)
    hub.close()
    return standing


def joined(joining: Joining) -> None:
    """To its end."""
    joining.accept()
    done(joining.at_hub("add", str(joining.card)))


def test_resuming_never_revives_a_revoked_certificate(answered: Joining):
    """Suspended and active again: the certificate that was revoked meanwhile stays so, and its card is refused."""
    joined(answered)
    signing = answered.county / "certs" / "signing.pem"
    assert hub_says(answered, signing) == "good"
    done(answered.at_hub("state", COUNTY, "suspended"))
    revoke_certificates(answered, [signing])
    done(answered.at_hub("state", COUNTY, "active"))
    assert hub_says(answered, signing) == "refused"
    assert code_of(answered.at_hub("add", str(answered.card))) == "E-CERT-053"


def test_a_revoked_county_comes_back_by_a_new_invitation_only(answered: Joining):
    """E-JOIN-036 for every short cut; E-JOIN-037 until its old certificates are revoked; then with new keys."""
    joined(answered)
    done(answered.at_hub("state", COUNTY, "revoked"))
    for state in ("active", "suspended"):
        assert code_of(answered.at_hub("state", COUNTY, state)) == "E-JOIN-036"
    done(answered.at_hub("add", str(answered.card)))
    assert "revoked" in done(answered.at_hub("list"))
    old = answered.world.folder / "old"
    shutil.move(answered.county / "certs", old)
    shutil.rmtree(answered.world.folder / "carried")
    answered.until_approved()
    chains = answered.certify()
    assert code_of(answered.at_hub("certificates", COUNTY, *chains)) == "E-JOIN-037"
    revoke_certificates(answered, [old / "connection.pem", old / "signing.pem"])
    done(answered.at_hub("certificates", COUNTY, *chains))
    answered.answer()
    joined(answered)
    assert "active" in done(answered.at_hub("list"))
    assert hub_says(answered, answered.county / "certs" / "signing.pem") == "good"
    assert hub_says(answered, old / "signing.pem") == "refused"


def renewed(joining: Joining, *, same_key: bool = False) -> Path:
    """The authority issues the county another signing certificate; returns the folder with what it replaces."""
    folder, old = joining.county / "certs", joining.world.folder / "before"
    shutil.copytree(folder, old)
    key = keys.load_private_key(old / "signing.key") if same_key else keys.generate_key()
    authority = Authority.open(joining.world.folder / "authority" / "transport")
    certificate = authority.issue(Role.COUNTY_SIGNING, COUNTY, key.public_key(), now=datetime.now(UTC))
    keys.save_private_key(key, folder / "signing.key")
    keys.save_certificates(authority.chain(certificate), folder / "signing.pem")
    return old


def card(joining: Joining, *words: str) -> str:
    """`adapter card`, and with which code the hub takes it; empty when it does."""
    done(CliRunner().invoke(adapter, ["card", "-d", str(joining.county), "-o", str(joining.card), *words]))
    result = joining.at_hub("add", str(joining.card))
    return code_of(result) if result.exception is not None else done(result)[:0]


def test_a_new_signing_key_is_signed_for_by_the_old_one(answered: Joining):
    """E-JOIN-038 without it, and with another county's; the authority's certificate alone is not enough."""
    joined(answered)
    old = renewed(answered)
    assert card(answered) == "E-JOIN-038"
    assert card(answered, "--renews", str(answered.world.county("140881") / "certs")) == "E-JOIN-038"
    assert card(answered, "--renews", str(answered.county / "certs")) == "E-JOIN-038"
    assert card(answered, "--renews", str(old)) == ""
    assert card(answered) == ""


def test_a_new_certificate_for_the_enrolled_key_needs_nobody_else(answered: Joining):
    """The statement is signed by that key."""
    joined(answered)
    renewed(answered, same_key=True)
    assert card(answered) == ""


def test_after_a_burn_nothing_but_a_new_invitation_helps(answered: Joining):
    """E-JOIN-038: a revoked key signs for no successor and does not come back under a new certificate."""
    joined(answered)
    old = renewed(answered, same_key=True)
    revoke_certificates(answered, [old / "signing.pem"])
    assert card(answered) == "E-JOIN-038"
    shutil.rmtree(answered.county / "certs")
    shutil.copytree(old, answered.county / "certs")
    shutil.rmtree(old)
    burnt = renewed(answered)
    assert card(answered, "--renews", str(burnt)) == "E-JOIN-038"
    shutil.rmtree(answered.county / "certs")
    shutil.rmtree(answered.world.folder / "carried")
    answered.until_answered()
    joined(answered)
    assert hub_says(answered, answered.county / "certs" / "signing.pem") == "good"
    assert card(answered) == ""
