"""`/healthz`, compared with a minimal server that uses the same HTTP library."""

import os
import socket
from statistics import median

from context import Context
from figures import ratio, ratio_text
from parts import wait_for
from report import Target, Section
from rounds import turns
from wrk import Load, load

TITLE = "The least that Berth answers, and the least that its HTTP library answers"
CLIENTS = 8
TARGET = 0.95


def measure(context: Context) -> list[Section]:
    servers = {"hello": (start_hello(context), "/"), "berth": (context.main.address, "/healthz")}
    loads = {name: Load() for name in servers}
    for counts, name in turns("healthz", list(servers), context.sizes.slices):
        address, path = servers[name]
        slice = load(address, [path], context.sizes.slice_seconds, CLIENTS)
        if counts:
            loads[name].add(slice)
    names = {"hello": "`HelloServer`: `GET /`", "berth": "**Berth**: `GET /healthz`"}
    base = loads["hello"].rates
    lines = [[names[name], *line(one), ratio_text(one.rates, base)] for name, one in loads.items()]
    target = Target(
        "`/healthz`, compared with `HelloServer`",
        f"≥ {TARGET} × its rate",
        f"{ratio_text(loads['berth'].rates, base)} × ({median(loads['berth'].rates):,.0f}/s)",
        ratio(loads["berth"].rates, base) >= TARGET,
    )
    about = f"`wrk`, {CLIENTS} connections, alternating every {context.sizes.slice_seconds} s. `HelloServer` is a minimal server with the same HTTP library."
    return [Section(TITLE, about, ["server", *HEAD, "rate × hello"], lines, [target])]


HEAD = ["requests/s", "p50 ms", "p99 ms", "max ms"]


def line(load: Load) -> list[str]:
    times = [f"{load.quantile(part) * 1000:.2f}" for part in (0.5, 0.99, 1)]
    return [f"{median(load.rates):,.0f}", *times]


def start_hello(context: Context) -> tuple[str, int]:
    program = context.options.hello
    if not os.access(program, os.X_OK):
        raise RuntimeError(f"there is no program {program}: run swift build -c release --product HelloServer, or set HELLO=…")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    process = context.parts.start("hello", [str(program), f"127.0.0.1:{address[1]}"])
    log = context.parts.directory / "hello.log"
    wait_for("HelloServer", 15, lambda: "ready on " in log.read_text() or process.poll() is not None)
    if process.poll() is not None:
        raise RuntimeError(f"HelloServer ended: {log.read_text().strip()}")
    return address
