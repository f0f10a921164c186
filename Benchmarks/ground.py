"""What the rows share: the parts, the marks on containers, and servers that more than one of them looks at."""

import argparse
import contextlib
import functools
import json
import os
import secrets
import urllib.parse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from connection import Connection, Refused
from contestants import COMMAND, IMAGE, Berth
from parts import Parts
from peer import DockerPy
from rounds import say
from server import Server

SETTLE = 0.1
"""Seconds after each container, in which the engine ends what it does behind its answer."""

RUNS_A_CALL = 100


class Ground:
    """What is left of an interrupted measurement is removed `afterwards`, when the parts have ended and start no more."""

    def __init__(self, parts: Parts, options: argparse.Namespace, afterwards: contextlib.ExitStack):
        self.parts = parts
        self.options = options
        self.sizes = options.sizes
        self.mark = f"bench-{secrets.token_hex(4)}"
        name, _, value = os.environ["LAB_LABEL"].partition("=")
        self.labels = {"berth.benchmark": self.mark, name: value}
        self.apps: list[str] = []
        afterwards.callback(self.remove_all)
        self.engine = Connection(parts.engine_socket)
        self.engine.get(f"/images/{IMAGE}/json")

    def server(
        self, name: str, hosts: dict[str, str] | None = None, database: str | None = None, options: Sequence[str] = ()
    ) -> Server:
        """Not started yet. Its only host is the engine behind SSH, where nothing else is said."""
        over_ssh = {"lab": f"{self.parts.ssh_endpoint}{self.parts.engine_socket}"}
        return Server(self.parts, self.options.berth, name, over_ssh if hosts is None else hosts, database, options)

    @functools.cached_property
    def main(self) -> Server:
        return self.server("main").start_connected()

    @functools.cached_property
    def peer(self) -> DockerPy:
        return DockerPy(self.parts, self.options.python)

    @functools.cached_property
    def full(self) -> Server:
        """A server with many finished runs, whose containers are all there."""
        server = self.server("full").start_connected()
        app = self.berth(server, command="true").app
        count = self.sizes.listed
        with server.connection() as connection:
            for made in range(0, count, RUNS_A_CALL):
                say("containers to be listed", made, count)
                part = min(RUNS_A_CALL, count - made)
                connection.request("POST", f"/v1/apps/{app}/runs", {"count": part, "wait": "started"})
            say("containers to be listed", count, count)
            listed = len(connection.get("/apps/containers"))
        if listed != count:
            raise RuntimeError(f"GET /apps/containers has {listed} containers and not the {count} that were run")
        return server

    def berth(self, server: Server, command: str = COMMAND) -> Berth:
        """An app of its own each time: what a row that failed has left shall not be in the way of the next."""
        self.apps.append(f"{self.mark}-{len(self.apps)}")
        return Berth(server, self.apps[-1], command)

    def remove(self, container: str) -> None:
        self.engine.request("DELETE", f"/containers/{container}?force=1&v=1")

    def remove_all(self) -> None:
        """On connections of its own: an interrupt may have left half an answer on the other one."""
        marked = [f"berth.benchmark={self.mark}", *(f"berth.app={app}" for app in self.apps)]
        with ThreadPoolExecutor(8) as threads:
            for mark in marked:
                filters = urllib.parse.quote(json.dumps({"label": [mark]}))
                containers = Connection(self.parts.engine_socket).get(f"/containers/json?all=1&filters={filters}")
                list(threads.map(self.remove_one, [container["Id"] for container in containers]))

    def remove_one(self, container: str) -> None:
        engine = Connection(self.parts.engine_socket)
        with contextlib.suppress(Refused):  # its removal goes on already
            engine.request("DELETE", f"/containers/{container}?force=1&v=1")
        engine.close()
