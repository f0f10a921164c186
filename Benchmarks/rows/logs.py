"""The output of containers: a large log, the first line of a small one, and many followers."""

import os
import subprocess
import time
from dataclasses import dataclass
from statistics import median

from context import Context
from figures import MILLISECONDS_HEAD, milliseconds, ratio, ratio_text, short
from followers import follow
from methods import Berth, Script, docker_environment, docker_scripts
from report import Target, Section
from rounds import turns

TITLE = "The output of containers"
MIB = 1 << 20
RATE_TARGET = 0.9
FIRST_TARGET = 1.2
CPU_TARGET = 1.0
MEMORY_TARGET = 150

LINE = "0123456789abcdef" * 8
LINES_PER_SECOND = 100
WRITE_SECONDS = 600


@dataclass(frozen=True)
class Reading:
    """The seconds until the first byte and until the end, and the number of bytes."""

    first: float
    whole: float
    size: int


def measure(context: Context) -> list[Section]:
    return [large_log(context), first_line(context), followed_log(context)]


def large_log(context: Context) -> Section:
    size = context.sizes.log_bytes
    readings = read_log(context, f"yes {LINE[:-1]} | head -c {size}", size, context.sizes.log_rounds, "large log")
    rates = {name: [size / MIB / one.whole for one in found] for name, (_, found) in readings.items()}
    base = rates["docker_tunnel"]
    lines = [
        [script.name, f"{median(rates[name]):.1f}", *milliseconds([one.whole for one in found], 0), ratio_text(rates[name], base)]
        for name, (script, found) in readings.items()
    ]
    about = f"""{len(base)} rounds. A finished container has written {size / MIB:.0f} MiB in lines of {len(LINE)} bytes. Each method is one command, which is timed from its start
to the end of its output. The ratio is that of the rates, to `docker logs` through the tunnel."""
    target = Target(
        f"a log of {size / MIB:.0f} MiB over SSH",
        f"≥ {RATE_TARGET} × the rate of `docker logs` through a tunnel",
        f"{ratio_text(rates['berth'], base)} × ({short(median(rates['berth']))} MiB/s)",
        ratio(rates["berth"], base) >= RATE_TARGET,
    )
    return Section(f"A log of {size / MIB:.0f} MiB", about, ["method", "MiB/s", *MILLISECONDS_HEAD, "rate × docker logs"], lines, [target])


def first_line(context: Context) -> Section:
    line = f"{LINE[:-1]}\n"
    readings = read_log(context, f"echo {LINE[:-1]}", len(line), context.sizes.rounds, "first line")
    firsts = {name: [one.first for one in found] for name, (_, found) in readings.items()}
    base = firsts["docker_tunnel"]
    lines = [[script.name, *milliseconds(firsts[name]), ratio_text(firsts[name], base)] for name, (script, _) in readings.items()]
    about = f"""{len(base)} rounds. A finished container has written one line. The times are from the start of the command until its first byte of output, and include
the start of curl or docker."""
    target = Target(
        "the first line of a log over SSH",
        f"≤ {FIRST_TARGET} × `docker logs` through a tunnel",
        f"{ratio_text(firsts['berth'], base)} × ({median(firsts['berth']) * 1000:.0f} ms)",
        ratio(firsts["berth"], base) <= FIRST_TARGET,
    )
    return Section("The first line of a log", about, ["method", *MILLISECONDS_HEAD, "× docker logs"], lines, [target])


def read_log(context: Context, shell: str, size: int, rounds: int, what: str) -> dict[str, tuple[Script, list[Reading]]]:
    """Has a container write its output with a shell command, and reads it with each method in turn."""
    app = context.berth(context.main, command=["sh", "-c", shell])
    methods = compared(context, finished_run(app))
    readings = {name: (script, []) for name, script in methods.items()}
    for counts, name in turns(what, list(methods), rounds):
        reading = read(methods[name])
        if reading.size < size or (name != "raw" and reading.size > size):
            raise RuntimeError(f"{methods[name].name} returned {reading.size} bytes instead of {size}")
        if counts:
            readings[name][1].append(reading)
    app.delete_app()
    return readings


def finished_run(app: Berth) -> str:
    with app.server.connection() as connection:
        connection.stream.settimeout(WRITE_SECONDS)
        return connection.request("POST", f"/v1/apps/{app.app}/runs", {"wait": "finished"})["items"][0]["name"]


def compared(context: Context, container: str) -> dict[str, Script]:
    """The raw response has a header of eight bytes before each line."""
    parts, address = context.parts, "{}:{}".format(*context.main.address)
    curl = ["curl", "-q", "--silent", "--show-error", "--fail", "--no-buffer", "--noproxy", "*"]
    raw = [*curl, "--unix-socket", parts.tunnel_socket, f"http://localhost/containers/{container}/logs?stdout=1&stderr=1"]
    through_tunnel = docker_environment(parts, "plain") | {"DOCKER_HOST": f"unix://{parts.tunnel_socket}"}
    return {
        "raw": Script("raw: curl, through an SSH tunnel that stays open", raw),
        "docker_tunnel": Script("`docker logs`, through the tunnel", ["docker", "logs", container], through_tunnel),
        "berth": Script("**Berth** over SSH: `curl …/v1/runs/{run}/logs`", [*curl, f"http://{address}/v1/runs/{container}/logs"]),
        **docker_scripts(parts, "logs …", ["logs", container]),
    }


def read(script: Script) -> Reading:
    begun = time.perf_counter()
    with subprocess.Popen(
        script.command, env=script.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, pipesize=MIB
    ) as process:
        size, first = 0, 0.0
        while data := os.read(process.stdout.fileno(), MIB):
            first = first or time.perf_counter() - begun
            size += len(data)
        whole = time.perf_counter() - begun
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(script.command)} ended with {process.returncode}")
    return Reading(first, whole, size)


def followed_log(context: Context) -> Section:
    count, lines = context.sizes.followers, LINES_PER_SECOND * context.sizes.followed_seconds
    found = follow(context, count, lines, LINES_PER_SECOND)
    what = f"{count:,} followers of a run that writes {lines / found.seconds:.0f} lines/s"
    about = f"""{count:,} clients of `GET /v1/runs/{{run}}/logs?follow=true` on one server, over SSH. The container wrote {lines:,} lines, with a pause of {1000 / LINES_PER_SECOND:.0f} ms between them. The last
follower had received all of them after {found.seconds:.1f} s. Memory is the maximum resident memory of the server above that before the followers connected."""
    table = [[f"{found.complete:,} of {count:,}", f"{lines / found.seconds:.0f}", f"{found.cores:.2f}", f"{found.memory / MIB:.1f}"]]
    targets = [
        Target(what, "all receive every line", f"{found.complete:,} of {count:,}", found.complete == count),
        Target(what, f"≤ {CPU_TARGET:.0f} core", f"{found.cores:.2f}", found.cores <= CPU_TARGET),
        Target(what, f"≤ {MEMORY_TARGET} MiB of memory", f"{found.memory / MIB:.1f} MiB", found.memory <= MEMORY_TARGET * MIB),
    ]
    return Section(f"{count:,} followers of one run", about, ["followers with every line", "lines/s", "CPU cores", "memory MiB"], table, targets)
