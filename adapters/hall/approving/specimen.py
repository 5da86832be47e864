"""The license that a decision would make, as a picture, before anything is decided.

The same code makes it that will make the license, but for the seal: it is drawn as 样张, with a QR code of nothing.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from adapters.hall.desk.preview import first_page_png
from adapters.licenses import choosing
from adapters.licenses.issue import CountyAuthority, PageRenderer, issue_license
from adapters.licenses.seal_process import SealRequest
from adapters.settings import CountySettings
from pages.frame import NOT_THERE
from schemas.errors import YunhuobanError

_TOKEN: Final = bytes(16)
_SERIAL: Final = "000000000"
_KEPT: Final = 16


class _Unsealed:
    """Hands the page back as it was drawn."""

    def seal(self, pdf: bytes, request: SealRequest) -> bytes:  # noqa: ARG002 -- the sealer's signature
        return pdf


class Specimens:
    """Draws specimens and keeps the newest few in memory, each under a name that nobody can guess."""

    def __init__(self, settings: CountySettings, renderer: PageRenderer) -> None:
        self._settings = settings
        self._renderer = renderer
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def draw(self, application: Mapping[str, Any], decision: Mapping[str, Any], now: datetime) -> str:
        """Draw the 副本 and return its name. Raises what `issue_license` and the preview raise."""
        authority = self._settings.authority
        record = issue_license(
            application,
            decision,
            CountyAuthority(
                name=authority.name,
                code=authority.code,
                area_code=self._settings.division_code,
                trial=True,
                type_code=authority.type_code(application["service_item"]),
                complaint_phone=authority.complaint_phone,
            ),
            choosing.templates_for(
                authority.license_by_item, application["service_item"], application["registration"]["enterprise_kind"]
            ),
            now=now,
            serial=_SERIAL,
            host=authority.verify_host,
            token=_TOKEN,
            sealer=_Unsealed(),
            renderer=self._renderer,
        )
        picture = first_page_png(bytes(record["files"][-1]["sealed"]))
        name = secrets.token_urlsafe(16)
        with self._lock:
            self._kept[name] = picture
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return name

    def picture(self, name: str) -> bytes:
        """A specimen that was drawn a moment ago. Raises E-PAGE-005."""
        with self._lock:
            found = self._kept.get(name)
        if found is None:
            raise YunhuobanError(NOT_THERE, place="specimen")
        return found
