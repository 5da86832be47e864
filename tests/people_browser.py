"""A browser without script at the county's pages: it fills in forms, asks as an open page does, presses buttons."""

import re
import ssl
import uuid

import httpx

from pages.access import Access
from pages.cookies import cookie_name
from tests.people_world import OWN, People

PATIENCE_SECONDS = 60.0
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here is encrypted; httpx would read the system's authorities anew for each browser."""


class Browser:
    """What a person does with the forms."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE_SECONDS, verify=NO_AUTHORITIES
        )

    @property
    def session(self) -> str:
        """The cookie."""
        return self.http.cookies.get(cookie_name(self.port), "")

    def open(self, path: str) -> httpx.Response:
        """Follow wherever it leads."""
        self.page = self.http.get(path, follow_redirects=True)
        return self.page

    def submit(self, **typed: str) -> httpx.Response:
        """Fill in the form of the page that is open and send it."""
        form = re.search(r'<form method="post" action="(/sign-in[^"]*)".*?</form>', self.page.text, re.DOTALL)
        assert form is not None, self.page.text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.group(0)))
        answer = self.http.post(form.group(1), data=hidden | typed)
        self.page = self.open(answer.headers["location"]) if answer.status_code == 303 else answer
        return answer

    def htmx(self, path: str, **headers: str) -> httpx.Response:
        """What a page that is open asks for by itself."""
        return self.http.get(path, headers={"HX-Request": "true"} | headers)

    def act(self, path: str, **form: str) -> httpx.Response:
        """Press a button of the desk."""
        headers = {"HX-Request": "true", "X-CSRF-Token": Access().csrf(self.session)}
        return self.http.post(path, data={"action_id": str(uuid.uuid4())} | form, headers=headers)


def enter(browser: Browser, people: People, account: str = "zhang.san", path: str = "/") -> None:
    """Sign in with an account that has done so before."""
    browser.open(path)
    browser.submit(account=account, password=OWN)
    browser.submit(code=people.code(account))
