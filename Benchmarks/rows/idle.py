"""What the server takes while nothing is asked of it."""

import time
from dataclasses import dataclass

from ground import Ground
from processes import Process
from rounds import say
from server import Server
from table import Aim, Section

TITLE = "At rest"
MIB = 1 << 20
ONE_HOST_AIM = 40
FULL_AIM = 80
PROCESSOR_AIM = 0.003
SAMPLE = 0.1


@dataclass
class Rest:
    """Of one server: bytes at the end, and the shares of a core that it and its ssh took."""

    resident: int
    share: float
    ssh_share: float
    started: set[int]


def measure(ground: Ground) -> list[Section]:
    idle = ground.server("idle").start_connected()
    names = {"one host, nothing ever run": idle, f"one host, {ground.sizes.listed:,} finished containers": ground.full}
    rests = dict(zip(names, watched(ground, list(names.values())), strict=True))
    idle.stop()
    lines = [
        [name, f"{rest.resident / MIB:.1f}", f"{rest.share:.2%}", f"{rest.ssh_share:.2%}", str(len(rest.started))]
        for name, rest in rests.items()
    ]
    about = f"""{ground.sizes.idle_seconds} s in which nobody asks for anything, both servers at the same time, each with its host behind SSH. Memory is resident memory at the end; the
processor's time is that of the server's own process and, apart, of its ssh; processes are those that it has started in that time."""
    return [Section(TITLE, about, ["server", "memory MiB", "processor %", "ssh %", "processes started"], lines, aims(rests))]


def aims(rests: dict[str, Rest]) -> list[Aim]:
    found = []
    for (name, rest), memory in zip(rests.items(), (ONE_HOST_AIM, FULL_AIM), strict=True):
        found.append(Aim(f"memory: {name}", f"≤ {memory} MiB", f"{rest.resident / MIB:.1f} MiB", rest.resident <= memory * MIB))
    for name, rest in rests.items():
        found.append(Aim(f"processor at rest: {name}", f"< {PROCESSOR_AIM:.1%} of a core", f"{rest.share:.2%}", rest.share < PROCESSOR_AIM))
        found.append(Aim(f"processes started at rest: {name}", "none", str(len(rest.started)), not rest.started))
    return found


def watched(ground: Ground, servers: list[Server]) -> list[Rest]:
    """Processes are looked for ten times a second: no ssh connects and ends faster."""
    time.sleep(2)  # what the start has left to do
    seconds = ground.sizes.idle_seconds
    say("at rest", 0, seconds)
    children = [server.process.descendants() for server in servers]
    before = [[server.process.processor_seconds(), ssh_seconds(own)] for server, own in zip(servers, children, strict=True)]
    known = [{child.pid for child in own} for own in children]
    begun, seen = time.monotonic(), [set() for _ in servers]
    while time.monotonic() < begun + seconds:
        time.sleep(SAMPLE)
        for server, pids in zip(servers, seen, strict=True):
            pids |= {child.pid for child in server.process.descendants()}
    took = time.monotonic() - begun
    say("at rest", seconds, seconds)
    return [
        Rest(
            server.process.resident_bytes(),
            (server.process.processor_seconds() - own) / took,
            (ssh_seconds(of) - ssh) / took,
            pids - there,
        )
        for server, (own, ssh), of, pids, there in zip(servers, before, children, seen, known, strict=True)
    ]


def ssh_seconds(children: list[Process]) -> float:
    return sum(child.processor_seconds() for child in children if child.name() == "ssh")
