"""A county's own system behind HTTP, as a program of its own is: a real server on loopback that a test scripts."""

import json
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

GOOD = 200


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Said:
    """One answer."""

    body: Any = None
    status: int = GOOD
    headers: dict[str, str] = field(default_factory=dict)

    def data(self) -> bytes:
        """Bytes as they are, anything else as JSON."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False).encode()


class HallInterface:
    """Answers with `answer`, which a test sets; remembers what it was asked."""

    def __init__(self) -> None:
        """Nothing to say yet."""
        self.answer: Callable[[Asked], Said] = lambda _asked: Said([])
        self.asked: list[Asked] = []
        self.address = ""


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[HallInterface]:
    """A server until the end of the block; with the certificate and key of a folder it speaks TLS."""
    hall = HallInterface()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536  # head and body in one packet

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            asked = Asked(
                method=self.command,
                path=parts.path,
                parameters=dict(parse_qsl(parts.query)),
                headers={name.title(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
            )
            hall.asked.append(asked)
            said = hall.answer(asked)
            data = b"" if said.status in (204, 304) else said.data()
            self.send_response(said.status)
            for name, value in ({"Content-Length": str(len(data))} | said.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _serve  # noqa: N815 -- the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "hall.pem", certificate / "hall.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if certificate is None else "https"
    hall.address = f"{scheme}://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hall
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def self_signed(folder: Path) -> Path:
    """A certificate of the hall's own making, for localhost; returns the folder with hall.pem and hall.key."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    files = ["-keyout", str(folder / "hall.key"), "-out", str(folder / "hall.pem")]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return folder
