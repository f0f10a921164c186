"""`/healthz`, beside the HTTP library's own hello."""

import os
import socket
from statistics import median

from figures import ratio, ratio_text
from ground import Ground
from parts import wait_for
from rounds import turns
from table import Aim, Section
from wrk import Load, load

TITLE = "The least that Berth answers, and the least that its HTTP library answers"
CLIENTS = 8
AIM = 0.95


def measure(ground: Ground) -> list[Section]:
    servers = {"hello": (start_hello(ground), "/"), "berth": (ground.main.address, "/healthz")}
    loads = {name: Load() for name in servers}
    for counts, name in turns("healthz", list(servers), ground.sizes.slices):
        address, path = servers[name]
        slice = load(address, [path], ground.sizes.slice_seconds, CLIENTS)
        if counts:
            loads[name].add(slice)
    names = {"hello": "the HTTP library's hello: `GET /`", "berth": "**Berth**: `GET /healthz`"}
    base = loads["hello"].rates
    lines = [[names[name], *line(one), ratio_text(one.rates, base)] for name, one in loads.items()]
    aim = Aim(
        "`/healthz` against the HTTP library's own hello",
        f"≥ {AIM} × its rate",
        f"{ratio_text(loads['berth'].rates, base)} × ({median(loads['berth'].rates):,.0f}/s)",
        ratio(loads["berth"].rates, base) >= AIM,
    )
    about = f"`wrk`, {CLIENTS} connections, in turns of {ground.sizes.slice_seconds} s."
    return [Section(TITLE, about, ["server", *HEAD, "rate × hello"], lines, [aim])]


HEAD = ["requests/s", "p50 ms", "p99 ms", "max ms"]


def line(load: Load) -> list[str]:
    times = [f"{load.quantile(part) * 1000:.2f}" for part in (0.5, 0.99, 1)]
    return [f"{median(load.rates):,.0f}", *times]


def start_hello(ground: Ground) -> tuple[str, int]:
    program = ground.options.hello
    if not os.access(program, os.X_OK):
        raise RuntimeError(f"there is no {program}: swift build -c release --product HelloServer, or name one with HELLO=…")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    process = ground.parts.start("hello", [str(program), f"127.0.0.1:{address[1]}"])
    log = ground.parts.directory / "hello.log"
    wait_for("HelloServer", 15, lambda: "ready on " in log.read_text() or process.poll() is not None)
    if process.poll() is not None:
        raise RuntimeError(f"HelloServer ended: {log.read_text().strip()}")
    return address
