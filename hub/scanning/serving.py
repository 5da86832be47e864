"""The public pages as they are served: a port of their own, and a certificate that everybody's telephone trusts.

Unlike the joining page, whose visitors compare a fingerprint, this one is for whoever holds a piece of paper: its
certificate comes from a public authority, as `certs/scanning.pem` and `scanning.key`, or where the settings say.
"""

from typing import Final

from hub import bootstrap
from hub.instants import now
from hub.listening.pagecertificate import PageCertificate
from hub.listening.rates import Rates
from hub.listening.visitors import Visitors
from hub.scanning.answering import Answering
from hub.scanning.counts import Counts
from hub.scanning.endpoint import build_app
from hub.settings import HubSettings
from hub.store import Store
from pages.access import Access
from pages.frame import Frame
from pages.serving import Serving
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

OFF: Final = declare(
    "E-VIEW-004",
    "没有设置扫码核验页面的端口。",
    "请在 hub.toml 的 [scanning] 里写明 port；不对公众开放的，不必启动它。",
)


def certificate(settings: HubSettings) -> PageCertificate:
    """Key and chain of the pages. Raises E-CERT-090."""
    told = settings.scanning
    return PageCertificate(settings.folder / told.certificate, settings.folder / told.key)


def serve(settings: HubSettings, store: Store, shown: PageCertificate, counts: Counts) -> Serving:
    """The public pages, not started yet. Raises E-VIEW-004 or E-PAGE-010."""
    told = settings.scanning
    if told.port is None:
        raise YunhuobanError(OFF, place="hub.toml: scanning.port")
    answering = Answering(
        store=store,
        chains=lambda: bootstrap.chains(settings),
        clock=now,
        frame=Frame(name=_("扫码核验"), access=Access(), packages=["hub.scanning"]),
        counts=counts,
    )
    app = build_app(answering, Rates(), Visitors(told.proxies))
    return Serving(app, port=told.port, host=told.host, tls=lambda: shown.context)
