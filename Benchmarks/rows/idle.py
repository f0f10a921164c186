"""The resources that the server uses while it gets no requests."""

import time
from dataclasses import dataclass

from context import Context
from processes import Process
from report import Target, Section
from rounds import progress
from server import Server

TITLE = "At rest"
MIB = 1 << 20
ONE_HOST_TARGET = 40
FULL_TARGET = 80
CPU_TARGET = 0.003
SAMPLE = 0.1


@dataclass
class Usage:
    """The memory of one server at the end, the shares of a core that it and its ssh used, and the started processes."""

    resident: int
    share: float
    ssh_share: float
    started: set[int]


def measure(context: Context) -> list[Section]:
    idle = context.server("idle").start_connected()
    names = {"one host, no runs": idle, f"one host, {context.sizes.listed:,} finished containers": context.full}
    usages = dict(zip(names, observe(context, list(names.values())), strict=True))
    idle.stop()
    lines = [
        [name, f"{usage.resident / MIB:.1f}", f"{usage.share:.2%}", f"{usage.ssh_share:.2%}", str(len(usage.started))]
        for name, usage in usages.items()
    ]
    about = f"""{context.sizes.idle_seconds} s without requests, for both servers at the same time, each with its host behind SSH. Memory is the resident memory at the end. CPU
time is that of the server's own process and, separately, of its ssh. Started processes are counted during this time."""
    return [Section(TITLE, about, ["server", "memory MiB", "CPU %", "ssh CPU %", "processes started"], lines, targets(usages))]


def targets(usages: dict[str, Usage]) -> list[Target]:
    found = []
    for (name, usage), memory in zip(usages.items(), (ONE_HOST_TARGET, FULL_TARGET), strict=True):
        found.append(Target(f"memory: {name}", f"≤ {memory} MiB", f"{usage.resident / MIB:.1f} MiB", usage.resident <= memory * MIB))
    for name, usage in usages.items():
        found.append(Target(f"CPU at rest: {name}", f"< {CPU_TARGET:.1%} of a core", f"{usage.share:.2%}", usage.share < CPU_TARGET))
        found.append(Target(f"processes started at rest: {name}", "none", str(len(usage.started)), not usage.started))
    return found


def observe(context: Context, servers: list[Server]) -> list[Usage]:
    """Checks for new processes ten times a second, because no ssh connects and ends faster."""
    time.sleep(2)  # until the work of the start is done
    seconds = context.sizes.idle_seconds
    progress("at rest", 0, seconds)
    children = [server.process.descendants() for server in servers]
    before = [[server.process.cpu_seconds(), ssh_seconds(own)] for server, own in zip(servers, children, strict=True)]
    known = [{child.pid for child in own} for own in children]
    begun, seen = time.monotonic(), [set() for _ in servers]
    while time.monotonic() < begun + seconds:
        time.sleep(SAMPLE)
        for server, pids in zip(servers, seen, strict=True):
            pids |= {child.pid for child in server.process.descendants()}
    took = time.monotonic() - begun
    progress("at rest", seconds, seconds)
    return [
        Usage(
            server.process.resident_bytes(),
            (server.process.cpu_seconds() - own) / took,
            (ssh_seconds(of) - ssh) / took,
            pids - there,
        )
        for server, (own, ssh), of, pids, there in zip(servers, before, children, seen, known, strict=True)
    ]


def ssh_seconds(children: list[Process]) -> float:
    return sum(child.cpu_seconds() for child in children if child.name() == "ssh")
