"""Shared by all rows: the parts, the labels of containers, and servers that several rows use."""

import argparse
import contextlib
import functools
import json
import os
import secrets
import urllib.parse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from connection import Connection, RequestFailed
from docker_py import DockerPy
from methods import COMMAND, IMAGE, Berth
from parts import Parts
from rounds import progress
from server import Server

SETTLE = 0.1
"""Seconds of waiting after each container, while the engine completes work that it does after its response."""

RUNS_PER_REQUEST = 100


class Context:
    """Containers of an interrupted measurement are removed `afterwards`, when the parts have ended and start no more."""

    def __init__(self, parts: Parts, options: argparse.Namespace, afterwards: contextlib.ExitStack):
        self.parts = parts
        self.options = options
        self.sizes = options.sizes
        self.id = f"bench-{secrets.token_hex(4)}"
        name, _, value = os.environ["LAB_LABEL"].partition("=")
        self.labels = {"berth.benchmark": self.id, name: value}
        self.apps: list[str] = []
        afterwards.callback(self.remove_all)
        self.engine = Connection(parts.engine_socket)
        self.engine.get(f"/images/{IMAGE}/json")

    def server(
        self,
        name: str,
        hosts: dict[str, str] | None = None,
        database: str | None = None,
        options: Sequence[str] = (),
        needs_token: bool = False,
    ) -> Server:
        """A server that is not started yet. Its default host is the engine behind SSH."""
        over_ssh = {"lab": f"{self.parts.ssh_endpoint}{self.parts.engine_socket}"}
        return Server(self.parts, self.options.berth, name, over_ssh if hosts is None else hosts, database, options, needs_token)

    @functools.cached_property
    def main(self) -> Server:
        return self.server("main").start_connected()

    @functools.cached_property
    def docker_py(self) -> DockerPy:
        return DockerPy(self.parts, self.options.python)

    @functools.cached_property
    def full(self) -> Server:
        """A server with many finished runs, whose containers still exist."""
        server = self.server("full").start_connected()
        app = self.berth(server, command="true").app
        count = self.sizes.listed
        with server.connection() as connection:
            for made in range(0, count, RUNS_PER_REQUEST):
                progress("containers to be listed", made, count)
                part = min(RUNS_PER_REQUEST, count - made)
                connection.request("POST", f"/v1/apps/{app}/runs", {"count": part, "wait": "started"})
            progress("containers to be listed", count, count)
            listed = len(connection.get("/apps/containers"))
        if listed != count:
            raise RuntimeError(f"GET /apps/containers has {listed} containers instead of the {count} that were run")
        return server

    def berth(self, server: Server, command: str | list[str] = COMMAND) -> Berth:
        """Creates a new app each time, so that a failed row does not affect the next one."""
        self.apps.append(f"{self.id}-{len(self.apps)}")
        return Berth(server, self.apps[-1], command)

    def remove(self, container: str) -> None:
        self.engine.request("DELETE", f"/containers/{container}?force=1&v=1")

    def remove_all(self) -> None:
        """Uses new connections, because an interrupt may have left part of a response on the other one."""
        labels = [f"berth.benchmark={self.id}", *(f"berth.app={app}" for app in self.apps)]
        with ThreadPoolExecutor(8) as threads:
            for label in labels:
                filters = urllib.parse.quote(json.dumps({"label": [label]}))
                containers = Connection(self.parts.engine_socket).get(f"/containers/json?all=1&filters={filters}")
                list(threads.map(self.remove_one, [container["Id"] for container in containers]))

    def remove_one(self, container: str) -> None:
        engine = Connection(self.parts.engine_socket)
        with contextlib.suppress(RequestFailed):  # it is already being removed
            engine.request("DELETE", f"/containers/{container}?force=1&v=1")
        engine.close()
