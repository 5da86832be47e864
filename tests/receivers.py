"""Real receivers of notices: an SMTP server and an HTTP one, each with the address that leads to it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from tests.brokers import free_port


class Post:
    """A real SMTP server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.recipients: list[list[str]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        """Take it."""
        self.mails.append(envelope.content)
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"

    def said(self) -> list[str]:
        """Subject and text of each mail."""
        read = [message_from_bytes(mail, policy=policy.default) for mail in self.mails]
        return [f"{each['Subject']}\n{each.get_body(('plain', 'html')).get_content()}" for each in read]  # type: ignore[union-attr]


@contextmanager
def mailbox() -> Iterator[tuple[Post, str]]:
    """The server and an address that leads to it."""
    taken, port = Post(), free_port()
    controller = Controller(taken, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield taken, f"mailto://127.0.0.1:{port}?from=node@county.example&to=li@county.example&mode=insecure"
    finally:
        controller.stop()


@contextmanager
def hook(status: int = 200) -> Iterator[tuple[list[dict[str, Any]], str]]:
    """A real HTTP receiver."""
    taken: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Be quiet."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05), daemon=True)
    thread.start()
    try:
        yield taken, f"json://user:secret@127.0.0.1:{server.server_address[1]}/hook"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
