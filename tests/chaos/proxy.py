"""A line between a county and the broker that can be cut, stalled or made slow. TCP only: what passes is TLS."""

import contextlib
import socket
import struct
import threading
import time
from typing import Final, Self

_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER with no time: close sends RST, as a line that breaks does
_CHUNK: Final = 65_536
_LOOK_SECONDS: Final = 0.05


class Line:
    """Listens on a port of loopback and passes everything on. A context manager; its threads end with it."""

    def __init__(self, to_port: int) -> None:
        """`to_port` is the broker's port on loopback."""
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = threading.Event()
        self._flows = threading.Event()
        self._flows.set()
        self._delay_seconds = 0.0
        self._ended = threading.Event()
        threading.Thread(target=self._accept, name=f"line-{self.port}", daemon=True).start()

    def cut(self) -> None:
        """Break every connection; new ones are broken at once."""
        self._is_cut.set()
        with self._lock:
            broken, self._open = list(self._open), set()
        for each in broken:
            _break(each)

    def stall(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self._flows.clear()

    def slow(self, delay_seconds: float) -> None:
        """Each piece of data waits so long."""
        self._delay_seconds = delay_seconds

    def heal(self) -> None:
        """Everything passes again, what was stalled first."""
        self._delay_seconds = 0.0
        self._is_cut.clear()
        self._flows.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._flows.set()
        _break(self._listener)
        self.cut()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut.is_set():
                _break(near)
                continue
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._to_port), timeout=5)
        except OSError:
            _break(near)
            return
        far.settimeout(None)
        with self._lock:
            self._open |= {near, far}
        if self._is_cut.is_set():  # meanwhile
            self.cut()
        for pair in ((near, far), (far, near)):
            threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(_CHUNK):
                self._flows.wait()
                if self._delay_seconds:
                    time.sleep(self._delay_seconds)
                sink.sendall(data)
        except OSError:
            pass
        with self._lock:
            self._open -= {source, sink}
        # An orderly end passes on as one; after a cut both are closed already.
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def _break(each: socket.socket) -> None:
    with contextlib.suppress(OSError):
        each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RD)  # wakes whoever reads from it
    each.close()
