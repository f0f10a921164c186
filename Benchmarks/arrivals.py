"""Receives data on thousands of streams, and records when each piece arrived.

The data is parsed only after the measurement: parsing the pieces of 1,000 streams takes Python longer than the times
that are measured.
"""

import os
import select
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    at: float
    """Seconds since 1970."""
    stream: str
    data: bytes


class Arrivals:
    def __init__(self) -> None:
        self.poll = select.epoll()
        self.names: dict[int, str] = {}
        self.pieces: list[Piece] = []

    def add(self, name: str, descriptor: int) -> None:
        self.names[descriptor] = name
        self.poll.register(descriptor, select.EPOLLIN)

    def remove(self, descriptor: int) -> None:
        """Stops reading the stream. Does nothing if the stream has ended."""
        if self.names.pop(descriptor, None):
            self.poll.unregister(descriptor)

    def gather(self, seconds: float) -> None:
        """Receives data for this time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            for descriptor, _ in self.poll.poll(left):
                data = os.read(descriptor, 1 << 18)
                self.pieces.append(Piece(time.time(), self.names[descriptor], data))
                if not data:
                    self.remove(descriptor)

    def take(self) -> list[Piece]:
        """Returns the pieces received since the last call, and forgets them."""
        pieces, self.pieces = self.pieces, []
        return pieces


def lines(pieces: list[Piece]) -> dict[str, list[tuple[float, bytes]]]:
    """The complete lines of each stream, with the time at which the end of each line arrived."""
    rests: dict[str, bytes] = {}
    found: dict[str, list[tuple[float, bytes]]] = {}
    for piece in pieces:
        *whole, rests[piece.stream] = (rests.get(piece.stream, b"") + piece.data).split(b"\n")
        found.setdefault(piece.stream, []).extend((piece.at, line) for line in whole)
    return found
