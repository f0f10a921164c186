"""The time from the start of the server until its host is connected and all runs are observed."""

import time
from statistics import median

from connection import Connection, encode_request
from context import Context
from figures import MILLISECONDS_HEAD, milliseconds
from report import Target, Section
from rounds import progress
from rows.listing import ENGINE_LIST

TITLE = "From the start until the host is connected and all its containers are known"
TARGET = 0.300


def measure(context: Context) -> list[Section]:
    serving, connected, lists = times(context)
    beyond = [whole - base for whole, base in zip(connected, lists, strict=True)]
    named = {
        "the server accepts requests": serving,
        "**its host is connected**, all runs observed": connected,
        f"raw: one `GET {ENGINE_LIST}` on an open connection": lists,
        "the second row less the third": beyond,
    }
    lines = [[what, *milliseconds(durations, 0)] for what, durations in named.items()]
    about = f"""The server with the {context.sizes.listed:,} containers, stopped and started {context.sizes.restarts} times, over SSH. The times include connection and login. The engine's list is
requested three times before each start, and the median is used."""
    middle = median(beyond)
    target = Target(
        f"start until ready with {context.sizes.listed:,} containers, over SSH",
        f"≤ {TARGET * 1000:.0f} ms beyond the engine's own list",
        f"{middle * 1000:.0f} ms ({median(connected) * 1000:.0f} ms in all)",
        middle <= TARGET,
    )
    return [Section(TITLE, about, ["until", *MILLISECONDS_HEAD], lines, [target])]


def times(context: Context) -> tuple[list[float], list[float], list[float]]:
    serving, connected, lists = [], [], []
    server, restarts = context.full, context.sizes.restarts
    for turn in range(restarts):
        progress("restarts", turn + 1, restarts)
        server.stop()
        lists.append(median(engine_list(context) for _ in range(3)))
        server.start()
        serving.append(time.perf_counter() - server.started_at)
        connected.append(until_connected(context) - server.started_at)
    return serving, connected, lists


def until_connected(context: Context) -> float:
    with context.full.connection() as connection:
        while connection.get("/v1/hosts")["items"][0]["state"] != "connected":
            if time.perf_counter() > context.full.started_at + 60:
                raise RuntimeError("the host was not connected 60 s after the start")
            time.sleep(0.002)
        connected_at = time.perf_counter()
        observed = connection.get("/v1/runs?limit=1000")["items"]
    unseen = [run["name"] for run in observed if run["stale"] or run["observed_at"] is None]
    if unseen or len(observed) != min(1000, context.sizes.listed):
        raise RuntimeError(f"of {len(observed)} runs {len(unseen)} were not observed when the host was connected")
    return connected_at


def engine_list(context: Context) -> float:
    connection = Connection(context.parts.engine_socket)
    connection.exchange(encode_request("GET", "/_ping"))
    begun = time.perf_counter()
    connection.exchange(encode_request("GET", ENGINE_LIST))
    took = time.perf_counter() - begun
    connection.close()
    return took
