"""A window clerk at the print desk's own page, over HTTP, with nothing but what the page offers."""

import re
import uuid
from collections.abc import Callable
from typing import Any, Final

import httpx

_TYPED: Final = {
    "applicant.kind": "natural_person",
    "applicant.name": "欧阳𠮷",
    "applicant.document_kind": "111",
    "applicant.document_no": "130928198501010014",
    "applicant.mobile": "",
    "identity.method": "card_reader",
    "registration.enterprise_name": "永济市𠮷祥商贸有限公司",
    "registration.enterprise_kind": "有限责任公司（自然人独资）",
    "registration.legal_representative": "欧阳𠮷",
    "registration.legal_representative_document_no": "130928198501010014",
    "registration.registered_capital_fen": "100万元",
    "registration.address": "永济市电机大街18号",
    "registration.business_scope": "日用百货零售。",
    "m.x1.name": "公司章程",
    "m.x1.taken_as": "original",
    "m.x1.copies": "1",
    "m.x1.trust": "B",
}
"""What the clerk types for an invented company; the scan is of its only material, compared with the original."""
_CSRF: Final = re.compile(r'"X-CSRF-Token": "([^"]+)"')


class Clerk:
    """Signs in with the one-time address and presses the page's buttons."""

    def __init__(self, address: str, *, serials: Callable[[], str]) -> None:
        """`serials` gives the number of the next sheet in the tray."""
        base, _, _ = address.partition("/?")
        self._client = httpx.Client(
            base_url=base, follow_redirects=True, timeout=30, trust_env=False, event_hooks={"response": [_still_in]}
        )
        page = self._client.get(address)
        page.raise_for_status()
        found = _CSRF.search(page.text)
        if found is None:
            raise RuntimeError("the desk's page gave no token for its buttons")
        self._csrf = found[1]
        self._serials = serials

    def open_authorisations(self) -> list[str]:
        """Numbers that the page's list shows."""
        text = self._client.get("/authorisations").text
        return list(
            dict.fromkeys(re.findall(r"/authorisations/([0-9]{6}-[0-9]{8}-[0-9]{6}-[0-9A-Z]-[DO][0-9]+-[0-9]+)", text))
        )

    def press_print(self, authorisation_no: str) -> None:
        """打印."""
        self._press(authorisation_no, "print")

    def sheet_is_out(self, authorisation_no: str) -> bool:
        """Whether the page says that the printer has put the sheet out."""
        return "已出纸" in self._client.get(f"/authorisations/{authorisation_no}").text

    def confirm(self, authorisation_no: str) -> str:
        """确认合格; returns the stock number given."""
        serial = self._serials()
        self._press(authorisation_no, "confirm", stock_serial=serial)
        return serial

    def take(self, county: str, service_item: str, scan: bytes) -> str:
        """收件: an application at another county's item, with one scan of a PDF; returns the place of its page."""
        draft = self.send(f"/take/items/{county}/{service_item}/start").headers["HX-Redirect"]
        self.fill(draft, scan)
        return self.send(f"{draft}/submit", data={"attempt": "1"}).headers["HX-Redirect"]

    def fill(self, draft: str, scan: bytes) -> None:
        """Everything that the form asks for, and its one material with a scan."""
        self.send(f"{draft}/rows")
        self.send(f"{draft}/scans/x1", files={"file": ("scan.pdf", scan)})
        self.send(f"{draft}/fields", data=_TYPED)

    def page(self, path: str) -> str:
        """What a page shows."""
        answer = self._client.get(path)
        answer.raise_for_status()
        return answer.text

    def close(self) -> None:
        """Leave."""
        self._client.close()

    def _press(self, authorisation_no: str, button: str, **fields: str) -> None:
        self.send(f"/authorisations/{authorisation_no}/{button}", data={"action_id": str(uuid.uuid4()), **fields})

    def send(self, path: str, **body: Any) -> httpx.Response:
        """Press a button of a page."""
        answer = self._client.post(path, headers={"X-CSRF-Token": self._csrf, "HX-Request": "true"}, **body)
        answer.raise_for_status()
        return answer


def _still_in(answer: httpx.Response) -> None:
    """Being led to the sign-in is being out: the page's process was replaced, and what its address opened is gone."""
    if answer.headers.get("location", "").startswith("/sign-in"):
        raise httpx.HTTPStatusError("not signed in any more", request=answer.request, response=answer)
