"""The list of many containers."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from connection import Connection, prepared
from contestants import docker_environment
from figures import ratio, ratio_text, short
from ground import Ground
from parts import output
from rounds import turns
from rows.healthz import HEAD, line
from table import Aim, Section
from wrk import Load, load

TITLE = "The list of all containers"
CLIENTS = 8
ENGINE_AIM = 1000
HEALTHZ_AIM = 0.5
TAIL_AIM = 0.005
ENGINE_LIST = "/containers/json?all=1"
NAMES = {
    "engine": f"raw: `GET {ENGINE_LIST}`, {CLIENTS} connections",
    "healthz": f"`GET /healthz` of the same server, {CLIENTS} connections",
    "berth": f"**Berth** over SSH: `GET /apps/containers`, {CLIENTS} connections",
    "docker_py": "docker-py over SSH, kept open: `containers.list(all=True, sparse=True)`",
    "ssh": "`ssh host docker ps -a`",
    "docker": "`DOCKER_HOST=ssh://host docker ps -a`",
}


def measure(ground: Ground) -> list[Section]:
    loads = taken(ground)
    base = loads["engine"].rates
    lines = [[NAMES[name], *line(one), ratio_text(one.rates, base)] for name, one in loads.items()]
    about = f"""{ground.sizes.listed:,} containers that Berth has run, all of them finished (a list is as long for it). Turns of {ground.sizes.slice_seconds} s: `wrk` for what speaks TCP,
{CLIENTS} threads for the engine's socket; the three last ones list once in each round."""
    return [Section(TITLE, about, ["list", *HEAD, "rate × engine"], lines, aims(ground, loads))]


def taken(ground: Ground) -> dict[str, Load]:
    address, seconds = ground.full.address, ground.sizes.slice_seconds
    plain = ground.parts.plain_config
    environment = docker_environment(ground.parts, "plain")
    ways: dict[str, Callable[[], Load]] = {
        "engine": lambda: engine_load(ground, seconds),
        "healthz": lambda: load(address, ["/healthz"], seconds, CLIENTS),
        "berth": lambda: load(address, ["/apps/containers"], seconds, CLIENTS),
        "docker_py": lambda: once(ground.peer.count),
        "ssh": lambda: once(lambda: output([*ground.parts.ssh(plain), "docker", "ps", "-a"])),
        "docker": lambda: once(lambda: output(["docker", "ps", "-a"], environment)),
    }
    loads = {name: Load() for name in ways}
    for counts, name in turns("lists", list(ways), ground.sizes.slices):
        slice = ways[name]()
        if counts:
            loads[name].add(slice)
    return loads


def once(call: Callable[[], object]) -> Load:
    begun = time.perf_counter()
    call()
    took = time.perf_counter() - begun
    found = Load([1 / took])
    found.latencies[round(took * 1e6)] += 1
    return found


def engine_load(ground: Ground, seconds: float) -> Load:
    """wrk knows no unix sockets. A list takes the engine so long that Python's threads are not what limits."""
    deadline = time.perf_counter() + seconds
    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as threads:
        each = list(threads.map(lambda _: listed_until(deadline, ground.parts.engine_socket), range(CLIENTS)))
    found = Load()
    for latency in (one for many in each for one in many):
        found.latencies[round(latency * 1e6)] += 1
    found.rates.append(found.latencies.total() / (time.perf_counter() - begun))
    return found


def listed_until(deadline: float, socket: str) -> list[float]:
    """At least once."""
    connection, request, latencies = Connection(socket), prepared("GET", ENGINE_LIST), []
    while not latencies or time.perf_counter() < deadline:
        begun = time.perf_counter()
        connection.exchange(request)
        latencies.append(time.perf_counter() - begun)
    connection.close()
    return latencies


def aims(ground: Ground, loads: dict[str, Load]) -> list[Aim]:
    ours, what = loads["berth"], f"the list of {ground.sizes.listed:,} containers"
    engine, healthz = ratio(ours.rates, loads["engine"].rates), ratio(ours.rates, loads["healthz"].rates)
    late = ours.quantile(0.99)
    rate = f"{median(ours.rates):,.0f}/s against {short(median(loads['engine'].rates))}/s"
    return [
        Aim(what, f"≥ {ENGINE_AIM:,} × the engine's rate", f"{ratio_text(ours.rates, loads['engine'].rates)} × ({rate})", engine >= ENGINE_AIM),
        Aim(what, f"≥ {HEALTHZ_AIM} × this server's `/healthz`", f"{ratio_text(ours.rates, loads['healthz'].rates)} ×", healthz >= HEALTHZ_AIM),
        Aim(what, f"p99 < {TAIL_AIM * 1000:.0f} ms with {CLIENTS} clients", f"{late * 1000:.2f} ms", late < TAIL_AIM),
    ]
