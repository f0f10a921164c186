"""The time to execute one command in a running container, until its exit code is known."""

import json
import time
from statistics import median

from connection import Connection, encode_request
from context import SETTLE, Context
from figures import MILLISECONDS_HEAD, milliseconds, ratio, ratio_text
from methods import Script, docker_scripts
from report import Target, Section
from rounds import turns
from server import Server

TITLE = "A command in a container, until its exit code"
COMMAND = ["true"]
TARGET = 1.1


class Raw:
    """Creates and starts the command, and reads its exit code. Each start takes a connection of its own."""

    def __init__(self, name: str, socket: str, container: str):
        self.name = name
        self.socket = socket
        self.container = container

    def connect(self) -> Connection:
        return Connection(self.socket)

    def run(self, connection: Connection) -> None:
        settings = {"Cmd": COMMAND, "AttachStdout": True, "AttachStderr": True}
        created = connection.request("POST", f"/containers/{self.container}/exec", settings)["Id"]
        output = Connection(self.socket)
        output.exchange(encode_request("POST", f"/exec/{created}/start", {"Detach": False, "Tty": False}))
        output.close()
        while (state := connection.get(f"/exec/{created}/json"))["Running"]:
            pass
        if state["ExitCode"] != 0:
            raise RuntimeError(f"the command ended with {state['ExitCode']}")


class Berth:
    """Uses a new connection each time, because the server closes it after the response."""

    name = "**Berth** over SSH: `POST /v1/runs/{run}/exec`"

    def __init__(self, server: Server, container: str):
        self.address = server.address
        self.request = encode_request("POST", f"/v1/runs/{container}/exec", {"command": COMMAND})

    def connect(self) -> None:
        return None

    def run(self, _: None) -> None:
        connection = Connection(self.address)
        last = connection.exchange(self.request).splitlines()[-1]
        connection.close()
        if json.loads(last) != {"exit_code": 0}:
            raise RuntimeError(f"the command ended with {last.decode()}")


def measure(context: Context) -> list[Section]:
    app = context.berth(context.main)
    with context.main.connection() as connection:
        container = app.run(connection)
    methods = compared(context, container)
    durations = times(methods, context)
    app.delete_app()
    base = durations["tunnel"]
    lines = [[method.name, *milliseconds(durations[name]), ratio_text(durations[name], base)] for name, method in methods.items()]
    about = f"""{len(base)} rounds of `{" ".join(COMMAND)}` in one running `busybox`. All methods wait for the exit code."""
    target = Target(
        "a command in a container over SSH",
        f"≤ {TARGET} × raw create, start and inspect through a tunnel",
        f"{ratio_text(durations['berth'], base)} × ({median(durations['berth']) * 1000:.0f} ms)",
        ratio(durations["berth"], base) <= TARGET,
    )
    return [Section(TITLE, about, ["method", *MILLISECONDS_HEAD, "× raw through a tunnel"], lines, [target])]


def compared(context: Context, container: str) -> dict[str, Raw | Berth | Script]:
    parts = context.parts
    return {
        "raw": Raw("raw: create, start and inspect on the engine's own socket", parts.engine_socket, container),
        "tunnel": Raw("raw, through an SSH tunnel that stays open", parts.tunnel_socket, container),
        "berth": Berth(context.main, container),
        **docker_scripts(parts, "exec …", ["exec", container, *COMMAND]),
    }


def times(methods: dict[str, Raw | Berth | Script], context: Context) -> dict[str, list[float]]:
    connections = {name: method.connect() for name, method in methods.items()}
    durations: dict[str, list[float]] = {name: [] for name in methods}
    for counts, name in turns("commands", list(methods), context.sizes.rounds):
        begun = time.perf_counter()
        methods[name].run(connections[name])
        took = time.perf_counter() - begun
        time.sleep(SETTLE)
        if counts:
            durations[name].append(took)
    return durations
