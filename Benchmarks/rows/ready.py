"""From the start of the server until it knows all that its host has."""

import time
from statistics import median

from connection import Connection, prepared
from figures import MILLISECONDS_HEAD, milliseconds
from ground import Ground
from rounds import say
from rows.listing import ENGINE_LIST
from table import Aim, Section

TITLE = "From the start until the host is connected and all its containers are known"
AIM = 0.300


def measure(ground: Ground) -> list[Section]:
    serving, connected, lists = times(ground)
    beyond = [whole - base for whole, base in zip(connected, lists, strict=True)]
    named = {
        "the process serves": serving,
        "**its host is connected**, all runs observed": connected,
        f"raw: one `GET {ENGINE_LIST}` on an open connection": lists,
        "the second less the third": beyond,
    }
    lines = [[what, *milliseconds(taken, 0)] for what, taken in named.items()]
    about = f"""The server of the {ground.sizes.listed:,} containers, ended and started {ground.sizes.restarts} times, over SSH: connection and log-in are in it. The engine's list is taken just
before each start, three times, of which the middle one counts."""
    middle = median(beyond)
    aim = Aim(
        f"start until ready with {ground.sizes.listed:,} containers, over SSH",
        f"≤ {AIM * 1000:.0f} ms beyond the engine's own list",
        f"{middle * 1000:.0f} ms ({median(connected) * 1000:.0f} ms in all)",
        middle <= AIM,
    )
    return [Section(TITLE, about, ["until", *MILLISECONDS_HEAD], lines, [aim])]


def times(ground: Ground) -> tuple[list[float], list[float], list[float]]:
    serving, connected, lists = [], [], []
    server, restarts = ground.full, ground.sizes.restarts
    for turn in range(restarts):
        say("restarts", turn + 1, restarts)
        server.stop()
        lists.append(median(engine_list(ground) for _ in range(3)))
        server.start()
        serving.append(time.perf_counter() - server.started_at)
        connected.append(until_connected(ground) - server.started_at)
    return serving, connected, lists


def until_connected(ground: Ground) -> float:
    with ground.full.connection() as connection:
        while connection.get("/v1/hosts")["items"][0]["state"] != "connected":
            if time.perf_counter() > ground.full.started_at + 60:
                raise RuntimeError("the host was not connected 60 s after the start")
            time.sleep(0.002)
        connected_at = time.perf_counter()
        observed = connection.get("/v1/runs?limit=1000")["items"]
    unseen = [run["name"] for run in observed if run["stale"] or run["observed_at"] is None]
    if unseen or len(observed) != min(1000, ground.sizes.listed):
        raise RuntimeError(f"of {len(observed)} runs {len(unseen)} were not observed when the host was connected")
    return connected_at


def engine_list(ground: Ground) -> float:
    connection = Connection(ground.parts.engine_socket)
    connection.exchange(prepared("GET", "/_ping"))
    begun = time.perf_counter()
    connection.exchange(prepared("GET", ENGINE_LIST))
    took = time.perf_counter() - begun
    connection.close()
    return took
