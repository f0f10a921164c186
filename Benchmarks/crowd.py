"""Many clients of one server: half of them wait for a run's end, half of them read events."""

import json
import threading
import time

from arrivals import Arrivals, Piece, lines
from connection import Connection, prepared
from server import Server

CONNECT_SECONDS = 30
SETTLE_SECONDS = 3
"""In which the requests of those that wait come in, which nothing tells."""

TOLD_SECONDS = 5
NEVER = float("inf")


class Crowd:
    """The engine's own events come in among what the server says, so that one clock and one thread serve both."""

    def __init__(self, server: Server, engine: str, count: int):
        self.process = server.process
        self.address = server.address
        self.count = count
        self.engine = engine
        self.arrivals = Arrivals()
        self.events = Connection(engine)
        self.events.stream.sendall(prepared("GET", "/events"))
        self.arrivals.add("engine", self.events.stream.fileno())
        before = self.process.resident_bytes()
        self.readers = self.connect("events")
        for reader in self.readers:
            reader.stream.sendall(prepared("GET", "/v1/events"))
        self.subscribe()
        self.memory = {"events": (self.process.resident_bytes() - before) / count}

    def connect(self, kind: str) -> list[Connection]:
        connections = [Connection(self.address) for _ in range(self.count)]
        for number, connection in enumerate(connections):
            self.arrivals.add(f"{kind} {number}", connection.stream.fileno())
        return connections

    def subscribe(self) -> None:
        """Until each has the head of its answer: it misses nothing from then on."""
        pieces: list[Piece] = []
        deadline = time.monotonic() + CONNECT_SECONDS
        while (missing := self.count - len(accepted(pieces))) > 0:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{missing} of {self.count} readers of events had no answer within {CONNECT_SECONDS} s")
            self.arrivals.gather(0.5)
            pieces += self.arrivals.taken()

    def wait_for(self, container: str) -> None:
        """On fresh connections: the server closes those that have waited."""
        before = self.process.resident_bytes()
        self.waiters = self.connect("wait")
        request = prepared("GET", f"/v1/runs/{container}/wait?for=finished&timeout=600")
        for waiter in self.waiters:
            waiter.stream.sendall(request)
        self.arrivals.gather(SETTLE_SECONDS)
        early = next((piece for piece in self.arrivals.taken() if piece.stream.startswith("wait")), None)
        if early:
            raise RuntimeError(f"one that waits was answered before the end: {first_line(early.data)}")
        self.memory.setdefault("wait", (self.process.resident_bytes() - before) / self.count)

    def told_of_end(self, container: str) -> dict[str, list[float]]:
        """Ends it, and says how long each took to be told."""
        killer = Connection(self.engine)
        killing = threading.Thread(target=killer.request, args=("POST", f"/containers/{container}/kill"))
        killing.start()
        self.arrivals.gather(TOLD_SECONDS)
        killing.join()
        killer.close()
        self.leave(self.waiters)
        pieces = self.arrivals.taken()
        died_at = end_by_engine(pieces, container)
        waited = last_pieces(pieces, container)
        read = end_by_events(pieces, container)
        return {
            "wait": [waited.get(f"wait {number}", NEVER) - died_at for number in range(self.count)],
            "events": [read.get(f"events {number}", NEVER) - died_at for number in range(self.count)],
        }

    def close(self) -> None:
        self.leave([*self.readers, self.events])

    def leave(self, connections: list[Connection]) -> None:
        for connection in connections:
            self.arrivals.remove(connection.stream.fileno())
            connection.close()


def accepted(pieces: list[Piece]) -> set[str]:
    """The streams of events that have begun. One that was refused is an error."""
    heads = [piece for piece in pieces if piece.stream.startswith("events") and piece.data.startswith(b"HTTP/1.1 ")]
    refused = next((piece.data for piece in heads if not piece.data.startswith(b"HTTP/1.1 200 ")), None)
    if refused:
        raise RuntimeError(f"GET /v1/events was refused: {first_line(refused)}")
    return {piece.stream for piece in heads}


def first_line(answer: bytes) -> str:
    return answer.split(b"\r\n")[0].decode(errors="replace")


def end_by_engine(pieces: list[Piece], container: str) -> float:
    for _, line in lines([piece for piece in pieces if piece.stream == "engine"]).get("engine", []):
        if line.startswith(b"{"):
            event = json.loads(line)
            if event.get("status") == "die" and event["Actor"]["Attributes"]["name"] == container:
                return event["timeNano"] / 1e9
    raise RuntimeError(f"the engine said nothing of the end of {container}")


def last_pieces(pieces: list[Piece], container: str) -> dict[str, float]:
    """When the answer of each that waits was whole. One that was refused was not told."""
    answers: dict[str, bytes] = {}
    at: dict[str, float] = {}
    for piece in pieces:
        if piece.stream.startswith("wait") and piece.data:
            answers[piece.stream] = answers.get(piece.stream, b"") + piece.data
            at[piece.stream] = piece.at
    name = container.encode()
    return {stream: at[stream] for stream, answer in answers.items() if answer.startswith(b"HTTP/1.1 200 ") and name in answer}


def end_by_events(pieces: list[Piece], container: str) -> dict[str, float]:
    name, found = container.encode(), {}
    for stream, taken in lines([piece for piece in pieces if piece.stream.startswith("events")]).items():
        for at, line in taken:
            if line.startswith(b"data:") and name in line and is_end(json.loads(line[5:]), container):
                found.setdefault(stream, at)
    return found


def is_end(run: dict, container: str) -> bool:
    return run.get("name") == container and run.get("state") == "exited"
