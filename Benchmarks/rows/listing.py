"""The list of many containers."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from connection import Connection, encode_request
from context import Context
from figures import ratio, ratio_text, short
from methods import docker_environment
from parts import output
from report import Target, Section
from rounds import turns
from rows.healthz import HEAD, line
from wrk import Load, load

TITLE = "The list of all containers"
CLIENTS = 8
ENGINE_TARGET = 1000
HEALTHZ_TARGET = 0.5
TAIL_TARGET = 0.005
ENGINE_LIST = "/containers/json?all=1"
NAMES = {
    "engine": f"raw: `GET {ENGINE_LIST}`, {CLIENTS} connections",
    "healthz": f"`GET /healthz` of the same server, {CLIENTS} connections",
    "berth": f"**Berth** over SSH: `GET /apps/containers`, {CLIENTS} connections",
    "docker_py": "docker-py over SSH, connection kept open: `containers.list(all=True, sparse=True)`",
    "ssh": "`ssh host docker ps -a`",
    "docker": "`DOCKER_HOST=ssh://host docker ps -a`",
}


def measure(context: Context) -> list[Section]:
    loads = measure_loads(context)
    base = loads["engine"].rates
    lines = [[NAMES[name], *line(one), ratio_text(one.rates, base)] for name, one in loads.items()]
    about = f"""{context.sizes.listed:,} finished containers of Berth (running ones would make the list as long). Alternating every {context.sizes.slice_seconds} s. Load on TCP comes from `wrk`,
on the engine's socket from {CLIENTS} threads. The last three methods list once in each round."""
    return [Section(TITLE, about, ["list", *HEAD, "rate × engine"], lines, targets(context, loads))]


def measure_loads(context: Context) -> dict[str, Load]:
    address, seconds = context.full.address, context.sizes.slice_seconds
    plain = context.parts.plain_config
    environment = docker_environment(context.parts, "plain")
    methods: dict[str, Callable[[], Load]] = {
        "engine": lambda: engine_load(context, seconds),
        "healthz": lambda: load(address, ["/healthz"], seconds, CLIENTS),
        "berth": lambda: load(address, ["/apps/containers"], seconds, CLIENTS),
        "docker_py": lambda: once(context.docker_py.count),
        "ssh": lambda: once(lambda: output([*context.parts.ssh(plain), "docker", "ps", "-a"])),
        "docker": lambda: once(lambda: output(["docker", "ps", "-a"], environment)),
    }
    loads = {name: Load() for name in methods}
    for counts, name in turns("lists", list(methods), context.sizes.slices):
        slice = methods[name]()
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


def engine_load(context: Context, seconds: float) -> Load:
    """Uses threads, because wrk does not support Unix sockets. The engine is so slow that they are not the bottleneck."""
    deadline = time.perf_counter() + seconds
    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as threads:
        each = list(threads.map(lambda _: listed_until(deadline, context.parts.engine_socket), range(CLIENTS)))
    found = Load()
    for latency in (one for many in each for one in many):
        found.latencies[round(latency * 1e6)] += 1
    found.rates.append(found.latencies.total() / (time.perf_counter() - begun))
    return found


def listed_until(deadline: float, socket: str) -> list[float]:
    """Requests the list until the deadline, at least once."""
    connection, request, latencies = Connection(socket), encode_request("GET", ENGINE_LIST), []
    while not latencies or time.perf_counter() < deadline:
        begun = time.perf_counter()
        connection.exchange(request)
        latencies.append(time.perf_counter() - begun)
    connection.close()
    return latencies


def targets(context: Context, loads: dict[str, Load]) -> list[Target]:
    ours, what = loads["berth"], f"the list of {context.sizes.listed:,} containers"
    engine, healthz = ratio(ours.rates, loads["engine"].rates), ratio(ours.rates, loads["healthz"].rates)
    late = ours.quantile(0.99)
    rate = f"{median(ours.rates):,.0f}/s compared with {short(median(loads['engine'].rates))}/s"
    return [
        Target(what, f"≥ {ENGINE_TARGET:,} × the engine's rate", f"{ratio_text(ours.rates, loads['engine'].rates)} × ({rate})", engine >= ENGINE_TARGET),
        Target(what, f"≥ {HEALTHZ_TARGET} × this server's `/healthz`", f"{ratio_text(ours.rates, loads['healthz'].rates)} ×", healthz >= HEALTHZ_TARGET),
        Target(what, f"p99 < {TAIL_TARGET * 1000:.0f} ms with {CLIENTS} clients", f"{late * 1000:.2f} ms", late < TAIL_TARGET),
    ]
