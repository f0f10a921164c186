"""Many clients that follow the output of one run."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from arrivals import Arrivals
from clients import allow_descriptors, first_line
from connection import Connection, encode_request
from context import Context
from rounds import progress
from server import Server

PAUSE = 0.05
"""Seconds between two reads, because this process shares the cores with the server."""

GROUP = 50
"""How many connect at once, because the server reads the earlier output of a run for each of them."""

JOIN_SECONDS = 30
JOINED = b"joined\n"
"""The first line of the run's output. A follower that has read it receives all later lines as they are written."""

FOLLOW_SECONDS = 60
"""How long the followers are given beyond the time that the container should take."""

END = b"\r\n0\r\n\r\n"


@dataclass(frozen=True)
class Following:
    """How many followers have received every line, and what the server used while the container wrote."""

    complete: int
    seconds: float
    cores: float
    memory: int


class Followers:
    def __init__(self, server: Server, run: str, count: int):
        self.arrivals = Arrivals()
        self.connections: list[Connection] = []
        self.received: dict[str, bytearray] = {}
        while (joined := len(self.connections)) < count:
            for number in range(joined, min(joined + GROUP, count)):
                self.connect(server, run, str(number))
            self.wait_for_group()

    def connect(self, server: Server, run: str, name: str) -> None:
        connection = Connection(server.address)
        connection.stream.sendall(encode_request("GET", f"/v1/runs/{run}/logs?follow=true"))
        self.arrivals.add(name, connection.stream.fileno())
        self.connections.append(connection)
        self.received[name] = bytearray()

    def wait_for_group(self) -> None:
        deadline = time.monotonic() + JOIN_SECONDS
        while missing := [response for response in self.received.values() if JOINED not in response]:
            if time.monotonic() > deadline:
                seen = first_line(bytes(missing[0])) or "no response"
                raise RuntimeError(f"{len(missing)} of {len(self.received)} followers received no line within {JOIN_SECONDS} s: {seen}")
            self.receive()

    def receive(self) -> None:
        time.sleep(PAUSE)
        self.arrivals.gather(PAUSE)
        for piece in self.arrivals.take():
            self.received[piece.stream] += piece.data

    def have_ended(self) -> bool:
        """Whether each response is complete or was cut off."""
        connected = set(self.arrivals.names.values())
        return all(name not in connected or response.endswith(END) for name, response in self.received.items())

    def complete(self, output: bytes) -> int:
        """How many have received exactly this output, and its end."""
        return sum(response.endswith(END) and b"".join(chunks(response)) == output for response in self.received.values())

    def close(self) -> None:
        for connection in self.connections:
            self.arrivals.remove(connection.stream.fileno())
            connection.close()


def follow(context: Context, count: int, lines: int, lines_per_second: int) -> Following:
    """The container writes its first line at once, and the others after a signal."""
    allow_descriptors(3 * count)
    server = context.server("followed").start_connected()
    loop = f"i=0; while [ $i -lt {lines} ]; do echo line $i; i=$((i+1)); sleep {1 / lines_per_second}; done"
    app = context.berth(server, command=["sh", "-c", f"trap go=1 USR1; echo {JOINED.decode().strip()}; until [ $go ]; do sleep 0.1; done; {loop}"])
    with server.connection() as connection:
        run = app.run(connection)
    process, before = server.process, server.process.resident_bytes()
    followers = Followers(server, run, count)
    progress("followed log", 0, lines)
    begun, cpu, resident = time.monotonic(), process.cpu_seconds(), process.resident_bytes()
    context.engine.request("POST", f"/containers/{run}/kill?signal=USR1")
    deadline = begun + lines / lines_per_second + FOLLOW_SECONDS
    while not followers.have_ended() and time.monotonic() < deadline:
        followers.receive()
        resident = max(resident, process.resident_bytes())
    seconds = time.monotonic() - begun
    cores = (process.cpu_seconds() - cpu) / seconds
    progress("followed log", lines, lines)
    output = JOINED + b"".join(b"line %d\n" % number for number in range(lines))
    complete = followers.complete(output)
    followers.close()
    app.delete_app()
    server.stop()
    return Following(complete, seconds, cores, resident - before)


def chunks(response: bytearray) -> Iterator[bytes]:
    """The chunks of a complete response."""
    at = response.index(b"\r\n\r\n") + 4
    while True:
        start = response.index(b"\r\n", at) + 2
        size = int(response[at : start - 2], 16)
        if size == 0:
            return
        yield bytes(response[start : start + size])
        at = start + size + 2
