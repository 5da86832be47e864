"""Where a Prometheus asks: a port of this machine, or an address in the network of who watches it.

There it is TLS with a certificate that is taken up anew when it changes, under the names that are told, and for who
shows the token of a file. What other machines reach without TLS is not served at all (`pages.serving`).
"""

from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

from certs import files
from hub.listening.pagecertificate import PageCertificate
from hub.metrics.serving import Meter, build_app
from hub.settings import HubSettings
from pages.serving import Serving
from schemas.errors import YunhuobanError, declare

POOR_TOKEN: Final = declare(
    "E-CONF-006",
    "指标的令牌文件里的令牌太短。",
    "请在 hub.toml 的 metrics.token_file 所指的文件里写入至少 32 个随机字符，例如 openssl rand -hex 32 的输出。",
)
_LEAST: Final = 32
"""Characters: nobody who may ask without end guesses them."""


class Measured:
    """The listener, open as long as the block runs; none without a port."""

    def __init__(self, settings: HubSettings, meter: Meter) -> None:
        """Nothing is open yet. Raises E-CONF-006, E-CERT-090, or E-CERT-001 for a token that is not there."""
        self._open = ExitStack()
        self._certificate: PageCertificate | None = None
        self._serving: Serving | None = None
        told = settings.metrics
        if told.port is None:
            return
        if told.address is None or told.token_file is None:
            self._serving = Serving(build_app(meter), port=told.port)
            return
        token = files.read(settings.folder / told.token_file).decode(errors="replace").strip()
        if len(token) < _LEAST:
            found, expected = str(len(token)), f">= {_LEAST}"
            raise YunhuobanError(POOR_TOKEN, place="metrics.token_file", found=found, expected=expected)
        shown = PageCertificate(settings.folder / told.certificate, settings.folder / told.key)
        app = build_app(meter, names=told.names, token=token)
        self._certificate = shown
        self._serving = Serving(
            app, host=str(told.address), port=told.port, tls=lambda: shown.context, names=told.names
        )

    def look(self) -> None:
        """Take up a renewed certificate."""
        if self._certificate is not None:
            self._certificate.look()

    def __enter__(self) -> Self:
        if self._serving is not None:
            self._open.enter_context(self._serving)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._open.close()
