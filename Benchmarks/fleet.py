"""Thousands of simulated engines, and a server that has them as its hosts."""

import contextlib
import json
import time
from collections.abc import Iterator, Sequence

import seed
from arrivals import Arrivals, lines
from clients import first_line
from connection import Connection, encode_request
from context import Context
from parts import terminate
from rounds import progress
from sizes import Sizes

START_SECONDS = 300
APP = "simulated"
IN_FLIGHT = 5
"""Changes in the last seconds before the end are not counted, because they may not have been read yet."""

NEVER = float("inf")


class Fleet:
    def __init__(self, context: Context, sizes: Sizes | None = None, name: str = "fleet", options: Sequence[str] = ()):
        self.sizes = sizes or context.sizes
        self.context = context
        self.name = name
        self.options = options
        self.directory = context.parts.directory / name
        self.directory.mkdir()
        self.arrivals = Arrivals()
        self.stack = contextlib.ExitStack()

    def __enter__(self) -> "Fleet":
        """Starts the server once first, because the containers' labels have the id that it creates at its first start."""
        hosts = {f"h{number}": f"unix://{self.directory}/{number}.sock" for number in range(self.sizes.hosts)}
        self.server = self.context.server(self.name, hosts, options=self.options)
        first = self.context.server(self.name, {"h0": hosts["h0"]}).start()
        first.stop()
        self.start_engines(first.instance)
        self.record()
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def start_engines(self, instance: str) -> None:
        """From now on the output of the simulation is read; otherwise the pipe would fill and block it."""
        sizes = self.sizes
        command = [str(self.context.options.simulated_engine), "--directory", str(self.directory), "--engines", str(sizes.hosts)]
        command += ["--containers", str(sizes.containers_per_host), "--events-per-second", str(sizes.events_per_second)]
        command += ["--instance", instance, "--app", APP]
        process = self.engines = self.context.parts.start_piped(f"simulated-{self.name}", command)
        self.stack.callback(terminate, process)
        self.arrivals.add("engines", process.stdout.fileno())
        deadline = time.monotonic() + 60
        output = b""
        while b"ready" not in output.split(b"\n"):
            if process.poll() is not None or time.monotonic() > deadline:
                log = (self.context.parts.directory / f"simulated-{self.name}.log").read_text()
                raise RuntimeError(f"the simulated engines were not ready: {log.strip()[-500:]}")
            self.arrivals.gather(0.1)
            output += b"".join(piece.data for piece in self.arrivals.take())

    def record(self) -> None:
        """Writes the containers to the database, as runs that the server has started. Adopting them would take minutes."""
        seed.write(self.server.file, APP, "nginx:latest", self.records())

    def records(self) -> Iterator[seed.Record]:
        for number in range(self.sizes.hosts):
            connection = Connection(f"{self.directory}/{number}.sock")
            for container in connection.get("/containers/json?all=1"):
                created = container["Created"] * 1000
                run, name = container["Labels"]["berth.run"], container["Names"][0].lstrip("/")
                yield seed.Record(run, name, f"h{number}", container["State"], created, created + 400, container_id=container["Id"])
            connection.close()

    def connect(self) -> None:
        """Starts the server, and waits until it has compared every host with its records."""
        begun = time.monotonic()
        self.stack.callback(self.stop_server)
        self.server.start(120)
        while (known := self.known()) < self.sizes.hosts:
            if time.monotonic() > begun + START_SECONDS:
                raise RuntimeError(f"after {START_SECONDS} s {known} of {self.sizes.hosts} hosts are connected")
            progress("simulated hosts connected", known, self.sizes.hosts)
            self.arrivals.gather(0.2)
            self.arrivals.take()
        self.connected_in = time.monotonic() - begun

    def stop_server(self) -> None:
        """Does nothing if the server was not started, because `start` may have failed."""
        if hasattr(self.server, "popen"):
            self.server.stop()

    def known(self) -> int:
        with self.server.connection() as connection:
            hosts = connection.get("/v1/hosts?limit=1000")["items"]
        return sum(host["state"] == "connected" for host in hosts)

    def subscribe(self) -> None:
        """Starts to read events. Then starts the changes of containers."""
        self.reader = Connection(self.server.address)
        self.reader.stream.sendall(encode_request("GET", "/v1/events"))
        self.arrivals.add("events", self.reader.stream.fileno())
        self.arrivals.gather(3)
        first = b"".join(piece.data for piece in self.arrivals.take() if piece.stream == "events")
        if not first.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"GET /v1/events was rejected: {first_line(first)}")
        self.engines.stdin.write(b"go\n")
        self.engines.stdin.flush()

    def freshness(self) -> list[float]:
        """The seconds from each change until it was read, or `NEVER`."""
        self.arrivals.gather(IN_FLIGHT)
        received = lines(self.arrivals.take())
        changes = [change(line) for _, line in received.get("engines", [])]
        read = shown(received.get("events", []))
        self.has_lagged = any(line.strip() == b"event: lagged" for _, line in received.get("events", []))
        end = time.time() - IN_FLIGHT
        return [first_after(read.get((name, state), []), at) - at for name, state, at in changes if at < end]


def change(line: bytes) -> tuple[str, str, float]:
    name, state, nanoseconds = line.decode().split(" ")
    return name, state, int(nanoseconds) / 1e9


def shown(events: list[tuple[float, bytes]]) -> dict[tuple[str, str], list[float]]:
    """The times at which each run was reported in each state."""
    found: dict[tuple[str, str], list[float]] = {}
    for at, line in events:
        if line.startswith(b"data:"):
            run = json.loads(line[5:])
            if "name" in run and "state" in run:
                found.setdefault((run["name"], run["state"]), []).append(at)
    return found


def first_after(times: list[float], at: float) -> float:
    return next((time for time in times if time >= at), NEVER)
