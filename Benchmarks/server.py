"""A `berth serve` process of the benchmark."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connection import Connection
from parts import Parts, terminate, wait_for
from processes import Process


class Server:
    """Keeps its state directory and database when it is stopped, so that it can be started again."""

    def __init__(
        self,
        parts: Parts,
        berth: Path,
        name: str,
        hosts: dict[str, str],
        database: str | None = None,
        options: Sequence[str] = (),
        needs_token: bool = False,
    ):
        self.parts = parts
        self.name = name
        self.state = parts.directory / f"state-{name}"
        self.file = parts.directory / f"{name}.db"
        self.log = parts.directory / f"berth-{name}.log"
        self.needs_token = needs_token
        self.command = [str(berth), "serve", "--listen", "127.0.0.1:0", "--log-level", "warning"]
        self.command += [] if needs_token else ["--no-auth"]
        self.command += ["--state-dir", str(self.state), "--database", database or f"sqlite:{self.file}"]
        self.command += ["--ssh-config", str(parts.plain_config)]
        self.command += options
        for host, endpoint in hosts.items():
            self.command += ["--host", f"{host}={endpoint}"]

    def start(self, seconds: float = 30) -> "Server":
        """Waits until the server accepts requests. Its hosts may not be connected yet."""
        self.started_at = time.perf_counter()
        self.popen = self.parts.start(f"berth-{self.name}", self.command)
        wait_for("berth serve", seconds, lambda: "berth is ready on " in self.log.read_text() or self.has_ended(), 0.002)
        if self.has_ended():
            raise RuntimeError(f"berth serve ended: {self.log.read_text().strip()[-500:]}")
        port = self.log.read_text().split("berth is ready on http://127.0.0.1:", 1)[1].split(",")[0]
        self.address = ("127.0.0.1", int(port))
        self.process = Process(self.popen.pid)
        return self

    def start_connected(self) -> "Server":
        self.start()
        with self.connection() as connection:
            is_connected = lambda: all(host["state"] == "connected" for host in connection.get("/v1/hosts")["items"])
            wait_for("Berth's host", 30, is_connected, 0.002)
        return self

    def has_ended(self) -> bool:
        return self.popen.poll() is not None

    def stop(self) -> None:
        terminate(self.popen)

    @property
    def instance(self) -> str:
        return (self.state / "instance").read_text().strip()

    @property
    def token(self) -> str | None:
        """The administrator's; None if the server needs none."""
        return (self.state / "admin-token").read_text().strip() if self.needs_token else None

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        connection = Connection(self.address, self.token)
        try:
            yield connection
        finally:
            connection.close()
