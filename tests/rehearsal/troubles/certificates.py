"""Troubles of certificates: nobody has renewed one of the hub's own."""

from datetime import UTC, datetime, timedelta

from certs import keys
from certs.profiles import PROFILES, Role
from tests.rehearsal.stage import Stage
from tests.rehearsal.troubles.trouble import Trouble

_LEFT = timedelta(days=6, hours=1)


def ending(stage: Stage) -> Trouble:
    """The broker's certificate has six days left; then the authority issues the next and it is put in its place."""
    certificate = stage.settings.certificates / "broker.pem"

    def put(began_at: datetime) -> None:
        """As it would be had it been issued then, for the same key and names. The broker reads it anew by itself."""
        present = keys.load_certificates(certificate)[0]
        dns, addresses = keys.hosts(present)
        issued = stage.authority.issue(
            Role.BROKER,
            keys.subject(present),
            keys.public_key(present),
            now=began_at,
            dns=dns,
            addresses=addresses,
        )
        keys.save_certificates(stage.authority.chain(issued), certificate)

    life = timedelta(days=PROFILES[Role.BROKER].validity_days)
    return Trouble(
        name="certificate",
        title="消息服务的证书快到期 / the broker's certificate is about to end",
        kind="certificate",
        place="中枢",
        on_page="中枢自己的 broker 证书还有 6 天到期",
        begin=lambda: put(datetime.now(UTC) + _LEFT - life),
        end=lambda: put(datetime.now(UTC)),
    )
