"""The compared methods to start a container, and the docker command over SSH."""

import os
from typing import Protocol

from connection import Connection
from docker_py import DockerPy
from parts import Parts, output
from server import Server

IMAGE = "busybox"
COMMAND = "sleep 1000"


class Method(Protocol):
    """Starts a container; `run` returns when the container is running."""

    name: str

    def connect(self) -> Connection | None: ...

    def run(self, connection: Connection | None) -> str:
        """Starts a container and returns its id or name."""


class Raw:
    """Create and start on a connection that stays open. No other method can be faster."""

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

    def __init__(self, server: Server, app: str, command: str | list[str]):
        self.server = server
        self.app = app
        with server.connection() as connection:
            connection.request("POST", "/apps/", {"name": app, "image": IMAGE, "command": command})

    def connect(self) -> Connection:
        return Connection(self.server.address, self.server.token)

    def delete_app(self) -> None:
        """Deletes the app and its containers. Uses a new connection, because the server closes idle ones."""
        with self.server.connection() as connection:
            connection.request("DELETE", f"/apps/{self.app}?force=true")

    def run(self, connection: Connection) -> str:
        return connection.request("POST", f"/apps/run/{self.app}")["name"]


class Script:
    """Runs one command each time, as common scripts do. Needs no connection."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str] | None = None):
        self.name = name
        self.command = command
        self.environment = environment

    def connect(self) -> None:
        return None

    def run(self, connection: None) -> str:
        return output(self.command, self.environment)


class DockerPyMethod:
    """docker-py, in a process that keeps running."""

    name = "docker-py over SSH (paramiko), connection kept open: `containers.run(detach=True)`"

    def __init__(self, docker_py: DockerPy, labels: dict[str, str]):
        self.docker_py = docker_py
        self.labels = labels

    def connect(self) -> None:
        return None

    def run(self, connection: None) -> str:
        return self.docker_py.run(IMAGE, COMMAND.split(), self.labels)


def raw(parts: Parts, labels: dict[str, str]) -> dict[str, Raw]:
    return {
        "raw": Raw("raw: create and start on the engine's own socket", parts.engine_socket, labels),
        "tunnel": Raw("raw, through an SSH tunnel that stays open", parts.tunnel_socket, labels),
    }


def scripts(parts: Parts, labels: dict[str, str]) -> dict[str, Script]:
    run = ["run", "--detach", *(f"--label={name}={value}" for name, value in labels.items()), IMAGE, *COMMAND.split()]
    return docker_scripts(parts, "run -d …", run)


def docker_scripts(parts: Parts, shown: str, arguments: list[str]) -> dict[str, Script]:
    """A docker command on a host over SSH. `shown` stands for the arguments in the report."""
    command = ["docker", *arguments]
    plain, shared = parts.plain_config, parts.shared_config
    return {
        "ssh": Script(f"`ssh host docker {shown}`", [*parts.ssh(plain), *command]),
        "shared_ssh": Script("the same, SSH connection shared (`ControlMaster`)", [*parts.ssh(shared), *command]),
        "docker": Script(f"`DOCKER_HOST=ssh://host docker {shown}`", command, docker_environment(parts, "plain")),
        "shared_docker": Script("the same, SSH connection shared (`ControlMaster`)", command, docker_environment(parts, "shared")),
    }


def docker_environment(parts: Parts, config: str) -> dict[str, str]:
    """The environment in which the docker command uses this SSH configuration.

    The command has no option for it, but it runs the first `ssh` in its PATH: a wrapper that adds `-F`.
    """
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
