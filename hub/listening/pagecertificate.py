"""The certificate of a page for strangers, taken up anew when its files change: public ones live for weeks."""

from pathlib import Path
from typing import Final

import structlog

from certs import contexts
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
RENEWED: Final = "page.certificate_renewed"


class PageCertificate:
    """Key and chain of a page, and the TLS context that connections are made with."""

    def __init__(self, chain: Path, key: Path) -> None:
        """Read them. Raises E-CERT-090 naming the chain's file."""
        self._chain, self._key = chain, key
        self._seen = self._changed_at()
        self.context = contexts.server_context(chain, key)

    def look(self) -> None:
        """Take up what has changed, for connections to come; what does not fit together yet is looked at again."""
        now = self._changed_at()
        if now == self._seen:
            return
        try:
            contexts.server_context(self._chain, self._key)
        except YunhuobanError as error:
            _log.warning("page.certificate_unusable", code=error.code)
            self._seen = now  # said once; another change is looked at again
            return
        self.context.load_cert_chain(self._chain, self._key)
        self._seen = now
        _log.info(RENEWED)

    def _changed_at(self) -> tuple[int, ...]:
        return tuple(each.stat().st_mtime_ns if each.exists() else 0 for each in (self._chain, self._key))
