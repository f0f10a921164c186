"""The measurements. Contestants take turns in each round, so that a slow moment of the machine hits all of them."""

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from connection import Connection, prepared
from contestants import Berth, Field, Raw

AT_ONCE = 8
LISTED = 20
SETTLE = 0.1
SLICE = 0.25
ENGINE_LIST = "/containers/json?all=1"


@dataclass
class Results:
    """Seconds per contestant, by their name; for `requests`, requests per second. The nth of each are of the same round."""

    rounds: int
    one_run: dict[str, list[float]] = field(default_factory=dict)
    at_once: dict[str, list[float]] = field(default_factory=dict)
    listing: dict[str, list[float]] = field(default_factory=dict)
    requests: dict[str, list[float]] = field(default_factory=dict)
    ending: dict[str, list[float]] = field(default_factory=dict)
    in_store: dict[str, list[float]] = field(default_factory=dict)
    with_store: dict[str, list[float]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def measure(contestants: Field, rounds: int) -> Results:
    results = Results(rounds)
    for role in ("raw", "tunnel", "berth", "ssh", "shared_ssh", "docker", "shared_docker"):
        results.names[role] = getattr(contestants, role).name
    contestants.berth.define()
    one_run(contestants, rounds, results)
    at_once(contestants, rounds, results)
    contestants.berth.forget()
    contestants.berth.define()
    twenty_listed(contestants, rounds, results)
    contestants.berth.forget()
    contestants.berth.define()
    endings(contestants, rounds, results)
    contestants.berth.forget()
    stores(contestants, rounds, results)
    return results


def one_run(contestants: Field, rounds: int, results: Results) -> None:
    roles = list(results.names)
    connections = {role: getattr(contestants, role).connect() for role in roles}
    results.one_run = {role: [] for role in roles}
    for turn in range(-1, rounds):  # the first one warms up
        say("one run", turn + 1, rounds)
        for role in rotated(roles, turn):
            begun = time.perf_counter()
            container = getattr(contestants, role).run(connections[role])
            took = time.perf_counter() - begun
            contestants.remove(container)
            time.sleep(SETTLE)
            if turn >= 0:
                results.one_run[role].append(took)


def at_once(contestants: Field, rounds: int, results: Results) -> None:
    roles = ["raw", "tunnel", "berth"]
    connections = {role: [getattr(contestants, role).connect() for _ in range(AT_ONCE)] for role in roles}
    results.at_once = {role: [] for role in roles}
    batches = max(5, rounds // 2)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for turn in range(-1, batches):
            say(f"{AT_ONCE} at once", turn + 1, batches)
            for role in rotated(roles, turn):
                begun = time.perf_counter()
                started = list(threads.map(getattr(contestants, role).run, connections[role]))
                took = time.perf_counter() - begun
                for container in started:
                    contestants.remove(container)
                time.sleep(SETTLE)
                if turn >= 0:
                    results.at_once[role].append(took)


def twenty_listed(contestants: Field, rounds: int, results: Results) -> None:
    """Berth's list of 20 containers, and the engine's of the same ones."""
    berth = contestants.berth.connect()
    started = [contestants.berth.run(berth) for _ in range(LISTED)]
    lists = {
        "raw": (contestants.raw.connect(), prepared("GET", ENGINE_LIST)),
        "berth": (berth, prepared("GET", "/apps/containers")),
    }
    if len(berth.get("/apps/containers")) != LISTED:
        raise RuntimeError(f"GET /apps/containers does not have the {LISTED} containers that run")
    results.listing = {role: [] for role in lists}
    results.requests = {role: [] for role in lists}
    for turn in range(rounds):
        say("lists", turn + 1, rounds)
        for role in rotated(list(lists), turn):
            took = requests_for(SLICE, *lists[role])
            results.listing[role] += took
            results.requests[role].append(len(took) / sum(took))
    for container in started:
        contestants.remove(container)


def requests_for(seconds: float, connection: Connection, request: bytes) -> list[float]:
    took = []
    deadline = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < deadline:
        connection.exchange(request)
        took.append(time.perf_counter() - begun)
    return took


def endings(contestants: Field, rounds: int, results: Results) -> None:
    """From a container's end by the engine's record, on this machine's clock, to the answer that shows it."""
    killer = contestants.raw.connect()
    watches = {"raw": engine_shows_end(contestants.raw), "berth": berth_shows_end(contestants.berth)}
    berth = contestants.berth.connect()
    results.ending = {role: [] for role in watches}
    for turn in range(rounds):
        say("ends", turn + 1, rounds)
        started = [contestants.berth.run(berth) for _ in range(10)]
        time.sleep(SETTLE)
        for number, container in enumerate(started):
            role = ("raw", "berth")[(number + turn) % 2]
            killing = threading.Thread(target=killer.request, args=("POST", f"/containers/{container}/kill"))
            killing.start()
            seen = wait_until_shown(watches[role], container)
            killing.join()
            results.ending[role].append(seen - finished_at(contestants.engine, container))
        for container in started:
            contestants.remove(container)


def stores(contestants: Field, rounds: int, results: Results) -> None:
    """What the server says of the time in its database, for one run each."""
    for berth in contestants.stores.values():
        berth.define()
    connections = {name: berth.connect() for name, berth in contestants.stores.items()}
    results.in_store = {name: [] for name in connections}
    results.with_store = {name: [] for name in connections}
    for turn in range(-1, rounds):
        say("stores", turn + 1, rounds)
        for name in rotated(list(connections), turn):
            begun = time.perf_counter()
            container = contestants.stores[name].run(connections[name])
            took = time.perf_counter() - begun
            in_store = connections[name].layer("store")
            contestants.remove(container)
            time.sleep(SETTLE)
            if turn >= 0:
                results.in_store[name].append(in_store)
                results.with_store[name].append(took)
    for berth in contestants.stores.values():
        berth.forget()


def wait_until_shown(is_shown: Callable[[str], bool], container: str) -> float:
    deadline = time.time() + 30
    while not is_shown(container):
        if time.time() > deadline:
            raise RuntimeError(f"30 s after docker kill {container} is still shown as running")
        time.sleep(0.001)
    return time.time()


def engine_shows_end(raw: Raw) -> Callable[[str], bool]:
    connection = raw.connect()
    return lambda name: any(one["Names"] == [f"/{name}"] and one["State"] == "exited" for one in connection.get(ENGINE_LIST))


def berth_shows_end(berth: Berth) -> Callable[[str], bool]:
    connection = berth.connect()
    return lambda name: any(one["name"] == name and one["Status"] == "F" for one in connection.get("/apps/containers"))


def finished_at(engine: Connection, container: str) -> float:
    stamp = engine.get(f"/containers/{container}/json")["State"]["FinishedAt"]
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")


def rotated(roles: list[str], turn: int) -> list[str]:
    first = turn % len(roles)
    return roles[first:] + roles[:first]


def say(what: str, turn: int, turns: int) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[Kbench: {what} {turn}/{turns}", end="\n" if turn == turns else "", file=sys.stderr, flush=True)
    elif turn in (0, 1) or turn == turns:
        print(f"bench: {what} {turn}/{turns}", file=sys.stderr)
