"""Suspended, revoked, and back: what was revoked never comes back, only the county does, with new keys."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

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
