"""A window clerk at the print desk's own page, over HTTP, with nothing but what the page offers."""

import re
import uuid
from collections.abc import Callable
from typing import Final

import httpx

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

    def close(self) -> None:
        """Leave."""
        self._client.close()

    def _press(self, authorisation_no: str, button: str, **fields: str) -> None:
        answer = self._client.post(
            f"/authorisations/{authorisation_no}/{button}",
            data={"action_id": str(uuid.uuid4()), **fields},
            headers={"X-CSRF-Token": self._csrf, "HX-Request": "true"},
        )
        answer.raise_for_status()


def _still_in(answer: httpx.Response) -> None:
    """Being led to the sign-in is being out: the page's process was replaced, and what its address opened is gone."""
    if answer.headers.get("location", "").startswith("/sign-in"):
        raise httpx.HTTPStatusError("not signed in any more", request=answer.request, response=answer)
