"""The ways to run one container that are compared. Each takes one call from the wish to the running container."""

import contextlib
import json
import os
import secrets
import urllib.parse

from connection import Connection, Refused
from parts import Parts, output

IMAGE = "busybox"
COMMAND = "sleep 1000"


class Raw:
    """The limit: create and start on a connection that stays open."""

    def __init__(self, name: str, socket: str, labels: dict[str, str]):
        self.name = name
        self.socket = socket
        self.settings = {"Image": IMAGE, "Cmd": COMMAND.split(), "Labels": labels}

    def connect(self) -> Connection:
        return Connection(self.socket)

    def run(self, connection: Connection) -> str:
        container = connection.request("POST", "/containers/create", self.settings)["Id"]
        connection.request("POST", f"/containers/{container}/start")
        return container


class Berth:
    name = "**Berth** over SSH: `POST /apps/run/{app}`"

    def __init__(self, address: tuple[str, int], app: str):
        self.address = address
        self.app = app

    def connect(self) -> Connection:
        return Connection(self.address)

    def define(self) -> None:
        self.request("POST", "/apps/", {"name": self.app, "image": IMAGE, "command": COMMAND})

    def forget(self) -> None:
        self.request("DELETE", f"/apps/{self.app}?force=true")

    def request(self, method: str, path: str, body: object = None) -> None:
        """On a connection of its own, since the server closes those that are idle for long."""
        connection = self.connect()
        connection.request(method, path, body)
        connection.close()

    def run(self, connection: Connection) -> str:
        return connection.request("POST", f"/apps/run/{self.app}")["name"]


class Script:
    """A command per container, as people script it. It needs no connection of ours."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str] | None = None):
        self.name = name
        self.command = command
        self.environment = environment

    def connect(self) -> None:
        return None

    def run(self, connection: None) -> str:
        return output(self.command, self.environment)


class Field:
    """All contestants, and what clears up behind them by the engine's API, outside of what is timed.

    What is left of an interrupted measurement is removed `afterwards`, when the parts have ended and start no more.
    """

    def __init__(self, parts: Parts, afterwards: contextlib.ExitStack):
        mark = f"bench-{secrets.token_hex(4)}"
        name, _, value = os.environ["LAB_LABEL"].partition("=")
        labels = {"berth.benchmark": mark, name: value}
        self.engine = Connection(parts.engine_socket)
        self.marks = [f"berth.benchmark={mark}", f"berth.app={mark}"]
        afterwards.callback(self.remove_all)
        self.engine.get(f"/images/{IMAGE}/json")
        self.raw = Raw("raw: create and start at the engine's own socket", parts.engine_socket, labels)
        self.tunnel = Raw("raw, but through an SSH tunnel that stays open", parts.tunnel_socket, labels)
        self.berth = Berth(parts.berth_address, mark)
        self.stores = {name: Berth(address, mark) for name, address in parts.databases.items()}
        self.ssh, self.shared_ssh, self.docker, self.shared_docker = scripts(parts, labels)

    def remove(self, container: str) -> None:
        self.engine.request("DELETE", f"/containers/{container}?force=1&v=1")

    def remove_all(self) -> None:
        """On a connection of its own: an interrupt may have left half an answer on the other one."""
        engine = Connection(self.engine.address)
        for mark in self.marks:
            filters = urllib.parse.quote(json.dumps({"label": [mark]}))
            for container in engine.get(f"/containers/json?all=1&filters={filters}"):
                with contextlib.suppress(Refused):  # its removal goes on already
                    engine.request("DELETE", f"/containers/{container['Id']}?force=1&v=1")


def scripts(parts: Parts, labels: dict[str, str]) -> list[Script]:
    run = ["docker", "run", "--detach", *(f"--label={name}={value}" for name, value in labels.items()), IMAGE, *COMMAND.split()]
    plain, shared = parts.plain_config, parts.shared_config
    return [
        Script("`ssh host docker run -d …`", [*parts.ssh(plain), *run]),
        Script("the same, SSH connection shared (`ControlMaster`)", [*parts.ssh(shared), *run]),
        Script("`DOCKER_HOST=ssh://host docker run -d …`", run, docker_environment(parts, "plain")),
        Script("the same, SSH connection shared (`ControlMaster`)", run, docker_environment(parts, "shared")),
    ]


def docker_environment(parts: Parts, config: str) -> dict[str, str]:
    """The docker command starts the `ssh` of its PATH and cannot be told of another configuration; this one hands it over."""
    directory = parts.directory / f"path-{config}"
    directory.mkdir()
    wrapper = directory / "ssh"
    wrapper.write_text(f'#!/bin/sh\nexec {output(["which", "ssh"])} -F {parts.directory}/{config}.conf "$@"\n')
    wrapper.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")}
    environment["PATH"] = f"{directory}:{environment['PATH']}"
    environment["DOCKER_HOST"] = f"ssh://{parts.ssh_user}@127.0.0.1:{parts.ssh_port}"
    environment["DOCKER_CONFIG"] = str(directory)
    return environment
