"""The joining page as it is served: a port of its own, TLS with the hub's page certificate, little patience.

The certificate is of the role `page`, subject `hub`, and names the host that counties reach: `certs/page.key` and
`page.pem` in the hub's folder. Its chain is judged at the start, because a county would refuse it later.
"""

import ssl
from typing import Final

from certs import contexts, keys
from certs.profiles import Role
from hub import bootstrap
from hub.broker import provision
from hub.instants import now
from hub.joining.answering import issuer
from hub.joining.online.doorstep import Doorstep
from hub.joining.online.endpoint import build_app
from hub.listening.rates import Rates
from hub.listening.visitors import Visitors
from hub.settings import HubSettings
from hub.store import Store
from pages.serving import Serving
from schemas.errors import YunhuobanError, declare

OFF: Final = declare(
    "E-JOIN-043", "没有设置加入页面的端口。", "请在 hub.toml 的 [joining] 里写明 port；不用网络加入的，不必启动它。"
)
HOST_NOT_OURS: Final = declare(
    "E-JOIN-044",
    "加入页面的证书不是发给中枢的 page 证书。",
    "请用 certs issue 签发：用途 page，主体 hub，--dns 写县里用的主机名；放进 certs 文件夹的 page.pem 与 page.key。",
)


def serve(settings: HubSettings, store: Store) -> Serving:
    """The joining page, not started yet. Raises E-JOIN-043, E-JOIN-044, E-PAGE-010 or E-CERT-…."""
    joining = settings.joining
    if joining.port is None:
        raise YunhuobanError(OFF, place="hub.toml: joining.port")
    context, root = prepare(settings)
    step = Doorstep(
        store=store,
        root=root,
        chains=lambda: bootstrap.chains(settings),
        provide=lambda county: provide(settings, county),
        clock=now,
    )
    app = build_app(step, Rates(), Visitors(joining.proxies))
    return Serving(app, port=joining.port, host=joining.host, tls=lambda: context)


def provide(settings: HubSettings, county: str) -> None:
    """Give an active county its user, permissions and queues at the broker, read back. Raises E-BROKER-…."""
    with bootstrap.management(settings) as management:
        provision.admit(management, vhost=settings.broker.vhost, hub_user=bootstrap.HUB_USER, counties=[county])


def prepare(settings: HubSettings) -> tuple[ssl.SSLContext, bytes]:
    """TLS for the page, and the root over its certificate. Raises E-JOIN-044 or E-CERT-…."""
    folder = settings.certificates
    chain = keys.load_certificates(folder / "page.pem")
    bootstrap.chains(settings).facts(chain, at=now()).demand(Role.PAGE)
    if keys.subject(chain[0]) != "hub":
        raise YunhuobanError(HOST_NOT_OURS, place="page.pem", found=keys.subject(chain[0]), expected="hub")
    issuing = issuer(chain[0], keys.load_certificates(folder / "issuing.pem"))
    root = issuer(issuing, keys.load_certificates(folder / "anchors.pem"))
    return contexts.server_context(folder / "page.pem", folder / "page.key"), keys.der(root)
