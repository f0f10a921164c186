"""The cost of authentication: requests with a token, and without one to a server that needs none."""

import time
from statistics import median

from context import SETTLE, Context
from figures import ratio, ratio_text
from methods import Berth
from report import Target, Section
from rounds import turns
from rows.healthz import HEAD, line
from server import Server
from wrk import Load, load

TITLE = "What authentication costs"
CLIENTS = 8
RATE_TARGET = 0.97
TIME_TARGET = 1.03
MORE_TURNS = 4
"""Differences of a few per cent need more and shorter turns than other rows."""

SECONDS = 1
RUNS = 10
LIMIT = ["--rate-limit", "1000000"]
"""Requests are counted as usual, and none is refused."""


def measure(context: Context) -> list[Section]:
    servers = {
        "open": context.server("open", options=LIMIT).start_connected(),
        "tokens": context.server("tokens", options=LIMIT, needs_token=True).start_connected(),
    }
    try:
        apps = {name: context.berth(server) for name, server in servers.items()}
        names = {name: [app.run(app.connect()) for _ in range(RUNS)] for name, app in apps.items()}
        loads = rates(context, servers, names)
        durations = times(context, apps)
        for app in apps.values():
            app.delete_app()
    finally:
        for server in servers.values():
            server.stop()
    return [Section(TITLE, about(context), ["request", *HEAD, "× without a token"], lines(loads, durations), targets(loads, durations))]


def rates(context: Context, servers: dict[str, Server], names: dict[str, list[str]]) -> dict[tuple[str, str], Load]:
    paths = {name: {"list": ["/v1/runs"], "run": [f"/v1/runs/{run}" for run in names[name]]} for name in servers}
    candidates = {f"{what} {name}": (what, name) for what in ("list", "run") for name in servers}
    loads = {key: Load() for key in candidates.values()}
    for counts, candidate in turns("authentication", list(candidates), context.sizes.slices * MORE_TURNS):
        what, name = candidates[candidate]
        slice = load(servers[name].address, paths[name][what], SECONDS, CLIENTS, servers[name].token)
        if counts:
            loads[what, name].add(slice)
    return loads


def times(context: Context, apps: dict[str, Berth]) -> dict[str, list[float]]:
    connections = {name: app.connect() for name, app in apps.items()}
    durations: dict[str, list[float]] = {name: [] for name in apps}
    for counts, name in turns("one run with a token", list(apps), context.sizes.rounds):
        begun = time.perf_counter()
        container = apps[name].run(connections[name])
        took = time.perf_counter() - begun
        context.remove(container)
        time.sleep(SETTLE)
        if counts:
            durations[name].append(took)
    return durations


def about(context: Context) -> str:
    return f"""Two servers, one with `--no-auth`. `wrk` on {CLIENTS} connections requests the list of {RUNS} runs, and each of them, alternating every {SECONDS} s. A run
is started through each server in each of {context.sizes.rounds} rounds."""


WHAT = {"list": "`GET /v1/runs`", "run": "`GET /v1/runs/{run}`"}
WHO = {"open": "`--no-auth`", "tokens": "with a token"}


def lines(loads: dict[tuple[str, str], Load], durations: dict[str, list[float]]) -> list[list[str]]:
    rows = [
        [f"{WHAT[what]}, {WHO[name]}", *line(one), ratio_text(one.rates, loads[what, "open"].rates)]
        for (what, name), one in loads.items()
    ]
    for name, own in durations.items():
        cells = [f"{one * 1000:.1f}" for one in (median(own), sorted(own)[-1])]
        rows.append([f"one run, {WHO[name]}", "", cells[0], "", cells[1], ratio_text(own, durations["open"])])
    return rows


def targets(loads: dict[tuple[str, str], Load], durations: dict[str, list[float]]) -> list[Target]:
    found = []
    for what, words in WHAT.items():
        ours, base = loads[what, "tokens"].rates, loads[what, "open"].rates
        measured = f"{ratio_text(ours, base)} × ({median(ours):,.0f}/s)"
        found.append(Target(f"{words} with a token", f"≥ {RATE_TARGET} × the rate without", measured, ratio(ours, base) >= RATE_TARGET))
    ours, base = durations["tokens"], durations["open"]
    measured = f"{ratio_text(ours, base)} × ({median(ours) * 1000:.0f} ms)"
    found.append(Target("a run with a token", f"≤ {TIME_TARGET} × the time without", measured, ratio(ours, base) <= TIME_TARGET))
    return found
