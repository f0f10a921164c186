"""Many clients of one server: half of them wait for the end of a run, the other half read events."""

import json
import resource
import threading
import time

from arrivals import Arrivals, Piece, lines
from connection import Connection, encode_request
from server import Server

CONNECT_SECONDS = 30
REQUEST_SECONDS = 3
"""Time for the requests of the waiting clients to arrive. The server does not acknowledge them."""

NOTIFY_SECONDS = 5
"""How long the clients are given to receive the end of a run."""

NEVER = float("inf")


class Clients:
    """Reads the engine's own events on the same thread as the clients' connections, so that one clock times both."""

    def __init__(self, server: Server, engine: str, count: int):
        self.process = server.process
        self.address = server.address
        self.count = count
        self.engine = engine
        self.arrivals = Arrivals()
        self.events = Connection(engine)
        self.events.stream.sendall(encode_request("GET", "/events"))
        self.arrivals.add("engine", self.events.stream.fileno())
        before = self.process.resident_bytes()
        self.readers = self.connect("events")
        for reader in self.readers:
            reader.stream.sendall(encode_request("GET", "/v1/events"))
        self.subscribe()
        self.memory = {"events": (self.process.resident_bytes() - before) / count}

    def connect(self, kind: str) -> list[Connection]:
        connections = [Connection(self.address) for _ in range(self.count)]
        for number, connection in enumerate(connections):
            self.arrivals.add(f"{kind} {number}", connection.stream.fileno())
        return connections

    def subscribe(self) -> None:
        """Waits until each reader has the head of its response. It receives all later events."""
        pieces: list[Piece] = []
        deadline = time.monotonic() + CONNECT_SECONDS
        while (missing := self.count - len(accepted(pieces))) > 0:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{missing} of {self.count} readers of events got no response within {CONNECT_SECONDS} s")
            self.arrivals.gather(0.5)
            pieces += self.arrivals.take()

    def wait_for(self, container: str) -> None:
        """Starts the waits, on new connections, because the server closes a connection after a wait."""
        before = self.process.resident_bytes()
        self.waiters = self.connect("wait")
        request = encode_request("GET", f"/v1/runs/{container}/wait?for=finished&timeout=600")
        for waiter in self.waiters:
            waiter.stream.sendall(request)
        self.arrivals.gather(REQUEST_SECONDS)
        early = next((piece for piece in self.arrivals.take() if piece.stream.startswith("wait")), None)
        if early:
            raise RuntimeError(f"a wait returned before the end of the run: {first_line(early.data)}")
        self.memory.setdefault("wait", (self.process.resident_bytes() - before) / self.count)

    def kill_and_time(self, container: str) -> dict[str, list[float]]:
        """Kills the container. Returns the seconds until each client was notified, or `NEVER`."""
        killer = Connection(self.engine)
        killing = threading.Thread(target=killer.request, args=("POST", f"/containers/{container}/kill"))
        killing.start()
        self.arrivals.gather(NOTIFY_SECONDS)
        killing.join()
        killer.close()
        self.disconnect(self.waiters)
        pieces = self.arrivals.take()
        died_at = end_by_engine(pieces, container)
        waited = last_pieces(pieces, container)
        read = end_by_events(pieces, container)
        return {
            "wait": [waited.get(f"wait {number}", NEVER) - died_at for number in range(self.count)],
            "events": [read.get(f"events {number}", NEVER) - died_at for number in range(self.count)],
        }

    def close(self) -> None:
        self.disconnect([*self.readers, self.events])

    def disconnect(self, connections: list[Connection]) -> None:
        for connection in connections:
            self.arrivals.remove(connection.stream.fileno())
            connection.close()


def allow_descriptors(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


def accepted(pieces: list[Piece]) -> set[str]:
    """The event streams that have begun. Fails if the server has rejected one."""
    heads = [piece for piece in pieces if piece.stream.startswith("events") and piece.data.startswith(b"HTTP/1.1 ")]
    rejected = next((piece.data for piece in heads if not piece.data.startswith(b"HTTP/1.1 200 ")), None)
    if rejected:
        raise RuntimeError(f"GET /v1/events was rejected: {first_line(rejected)}")
    return {piece.stream for piece in heads}


def first_line(response: bytes) -> str:
    return response.split(b"\r\n")[0].decode(errors="replace")


def end_by_engine(pieces: list[Piece], container: str) -> float:
    for _, line in lines([piece for piece in pieces if piece.stream == "engine"]).get("engine", []):
        if line.startswith(b"{"):
            event = json.loads(line)
            if event.get("status") == "die" and event["Actor"]["Attributes"]["name"] == container:
                return event["timeNano"] / 1e9
    raise RuntimeError(f"the engine did not report the end of {container}")


def last_pieces(pieces: list[Piece], container: str) -> dict[str, float]:
    """When the response to each wait was complete. Responses other than 200 are ignored."""
    responses: dict[str, bytes] = {}
    at: dict[str, float] = {}
    for piece in pieces:
        if piece.stream.startswith("wait") and piece.data:
            responses[piece.stream] = responses.get(piece.stream, b"") + piece.data
            at[piece.stream] = piece.at
    name = container.encode()
    return {stream: at[stream] for stream, response in responses.items() if response.startswith(b"HTTP/1.1 200 ") and name in response}


def end_by_events(pieces: list[Piece], container: str) -> dict[str, float]:
    name, found = container.encode(), {}
    for stream, received in lines([piece for piece in pieces if piece.stream.startswith("events")]).items():
        for at, line in received:
            if line.startswith(b"data:") and name in line and is_end(json.loads(line[5:]), container):
                found.setdefault(stream, at)
    return found


def is_end(run: dict, container: str) -> bool:
    return run.get("name") == container and run.get("state") == "exited"
