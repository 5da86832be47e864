"""Which connection a county's settings describe: the same for the node that runs and for the doctor that looks."""

from adapters.countyit.joining import joined
from adapters.link.messages import LinkParameters
from adapters.settings import CountySettings


def link_parameters(settings: CountySettings) -> LinkParameters:
    """Where and as whom this county connects. Raises E-LINK-001, or E-JOIN-063 before it has joined."""
    joined.require(settings)
    return described(settings)


def described(settings: CountySettings) -> LinkParameters:
    """The same when nothing is opened: a firewall is asked for before joining. Raises E-LINK-001."""
    folder = settings.certificates
    return LinkParameters(
        urls=settings.hub.urls,
        vhost=settings.hub.vhost,
        user=settings.division_code,
        anchors=folder / "anchors.pem",
        chain=folder / "connection.pem",
        key=folder / "connection.key",
        server_hostname=settings.hub.server_hostname,
    )
