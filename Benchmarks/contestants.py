"""The ways to start one container that are compared. Each takes one call from the wish to the running container."""

import os
from typing import Protocol

from connection import Connection
from parts import Parts, output
from peer import DockerPy
from server import Server

IMAGE = "busybox"
COMMAND = "sleep 1000"


class Way(Protocol):
    name: str

    def connect(self) -> Connection | None: ...

    def run(self, connection: Connection | None) -> str:
        """The id or name of the container, which runs."""


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

    def __init__(self, server: Server, app: str, command: str):
        self.server = server
        self.app = app
        with server.connection() as connection:
            connection.request("POST", "/apps/", {"name": app, "image": IMAGE, "command": command})

    def connect(self) -> Connection:
        return Connection(self.server.address)

    def forget(self) -> None:
        """Removes its containers as well. On a fresh connection: the server closes those that are idle for long."""
        with self.server.connection() as connection:
            connection.request("DELETE", f"/apps/{self.app}?force=true")

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


class KeptOpen:
    """docker-py in a process that keeps running."""

    name = "docker-py over SSH (paramiko), kept open: `containers.run(detach=True)`"

    def __init__(self, peer: DockerPy, labels: dict[str, str]):
        self.peer = peer
        self.labels = labels

    def connect(self) -> None:
        return None

    def run(self, connection: None) -> str:
        return self.peer.run(IMAGE, COMMAND.split(), self.labels)


def raw(parts: Parts, labels: dict[str, str]) -> dict[str, Raw]:
    return {
        "raw": Raw("raw: create and start at the engine's own socket", parts.engine_socket, labels),
        "tunnel": Raw("raw, but through an SSH tunnel that stays open", parts.tunnel_socket, labels),
    }


def scripts(parts: Parts, labels: dict[str, str]) -> dict[str, Script]:
    run = ["docker", "run", "--detach", *(f"--label={name}={value}" for name, value in labels.items()), IMAGE, *COMMAND.split()]
    plain, shared = parts.plain_config, parts.shared_config
    return {
        "ssh": Script("`ssh host docker run -d …`", [*parts.ssh(plain), *run]),
        "shared_ssh": Script("the same, SSH connection shared (`ControlMaster`)", [*parts.ssh(shared), *run]),
        "docker": Script("`DOCKER_HOST=ssh://host docker run -d …`", run, docker_environment(parts, "plain")),
        "shared_docker": Script("the same, SSH connection shared (`ControlMaster`)", run, docker_environment(parts, "shared")),
    }


def docker_environment(parts: Parts, config: str) -> dict[str, str]:
    """The docker command starts the `ssh` of its PATH and cannot be told of another configuration; this one hands it over."""
    directory = parts.directory / f"path-{config}"
    directory.mkdir(exist_ok=True)
    wrapper = directory / "ssh"
    wrapper.write_text(f'#!/bin/sh\nexec {output(["which", "ssh"])} -F {parts.directory}/{config}.conf "$@"\n')
    wrapper.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOCKER_")}
    environment["PATH"] = f"{directory}:{environment['PATH']}"
    environment["DOCKER_HOST"] = parts.ssh_endpoint
    environment["DOCKER_CONFIG"] = str(directory)
    return environment
