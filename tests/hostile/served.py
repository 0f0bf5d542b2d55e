"""A server of raw bytes on this machine, at an address that stands for the public internet."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from threading import Thread
from typing import Final

from duomo.guard.connect import Address, is_public

HERE: Final = "127.0.0.9"  # what the rules of these cases let pass besides the public internet

Answer = Callable[[], Iterator[bytes]]


def allowed(address: Address) -> bool:
    """The public internet, and the server of these cases."""
    return is_public(address) or address == ip_address(HERE)


class Server:
    """Answers every request with the same bytes, as they come, until the other side hangs up."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._listener = socket.create_server((HERE, 0))
        self.port: int = self._listener.getsockname()[1]
        self.asked: list[bytes] = []
        Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        """Of a picture there."""
        return f"http://{HERE}:{self.port}/a.jpg"

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            Thread(target=self._reply, args=(connection,), daemon=True).start()

    def _reply(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self.asked.append(connection.recv(65536))
            for piece in self._answer():
                connection.sendall(piece)


def head(*lines: str, status: str = "200 OK") -> bytes:
    """The beginning of an answer."""
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1")


PICTURE: Final = head("Content-Type: image/jpeg", "Connection: close")


def once(*pieces: bytes) -> Answer:
    """An answer that comes to its end."""
    return lambda: iter(pieces)


def leads(to: str) -> Answer:
    """A redirect."""
    return once(head(f"Location: {to}", "Content-Length: 0", status="302 Found"))


def for_ever(start: bytes, piece: bytes) -> Answer:
    """An answer that never comes to its end."""

    def answer() -> Iterator[bytes]:
        yield start
        while True:
            yield piece

    return answer
