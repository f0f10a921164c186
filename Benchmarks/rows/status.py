"""The status of one run, with few and with many runs in the database."""

import secrets
import time
from statistics import median

import seed
from context import Context
from figures import ratio, ratio_text
from report import Target, Section
from rounds import turns
from rows.healthz import HEAD, line
from server import Server
from wrk import Load, load

TITLE = "One run's status"
FEW = 10
ASKED = 1000
CLIENTS = 8
TARGET = 0.9
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def measure(context: Context) -> list[Section]:
    servers = {count: seeded(context, count) for count in (FEW, context.sizes.many_runs)}
    try:
        loads = measure_loads(context, servers)
    finally:
        for server, _ in servers.values():
            server.stop()
    lines = []
    for (count, what), one in loads.items():
        lines.append([f"{what}, {count:,} runs", *line(one), ratio_text(one.rates, loads[count, "healthz"].rates)])
    about = f"""Each server has this number of finished runs without containers in its database. `wrk` requests up to {ASKED:,} of them one after the other on
{CLIENTS} connections, alternating every {context.sizes.slice_seconds} s. The ratio is to `/healthz` of the same server."""
    return [Section(TITLE, about, ["request", *HEAD, "rate × healthz"], lines, targets(context, loads))]


def measure_loads(context: Context, servers: dict[int, tuple[Server, list[str]]]) -> dict[tuple[int, str], Load]:
    candidates = {f"{what} {count}": (count, what) for count in servers for what in ("healthz", "status")}
    loads = {key: Load() for key in candidates.values()}
    for counts, candidate in turns("status", list(candidates), context.sizes.slices):
        count, what = candidates[candidate]
        server, names = servers[count]
        paths = ["/healthz"] if what == "healthz" else [f"/v1/runs/{name}" for name in names]
        slice = load(server.address, paths, context.sizes.slice_seconds, CLIENTS)
        if counts:
            loads[count, what].add(slice)
    return loads


def targets(context: Context, loads: dict[tuple[int, str], Load]) -> list[Target]:
    few, many = FEW, context.sizes.many_runs
    found = []
    for count in (few, many):
        ours, base = loads[count, "status"].rates, loads[count, "healthz"].rates
        measured = f"{ratio_text(ours, base)} × ({median(ours):,.0f}/s)"
        found.append(Target(f"one run's status, {count:,} runs", f"≥ {TARGET} × `/healthz`", measured, ratio(ours, base) >= TARGET))
    ours, base = loads[many, "status"].rates, loads[few, "status"].rates
    same = Target(f"one run's status, {many:,} runs compared with {few}", f"≥ {TARGET} × its rate", f"{ratio_text(ours, base)} ×", ratio(ours, base) >= TARGET)
    return [*found, same]


def seeded(context: Context, count: int) -> tuple[Server, list[str]]:
    """A server with finished runs, and the names of some of them.

    The first start creates the schema; the second one reads the runs.
    """
    host = {"lab": f"unix://{context.parts.engine_socket}"}
    server = context.server(f"seeded-{count}", host).start_connected()
    server.stop()
    app = f"{context.id}-seed"
    records = [record(app, number) for number in range(count)]
    seed.write(server.file, app, "busybox", records)
    server.start_connected()
    with server.connection() as connection:
        connection.get(f"/v1/runs/{records[-1].name}")
    return server, [one.name for one in records[:: max(1, count // ASKED)]]


def record(app: str, number: int) -> seed.Record:
    created = int(time.time() * 1000) - 1000
    suffix = "".join(LETTERS[number >> 5 * place & 31] for place in range(5, -1, -1))
    run = "".join(secrets.choice(LETTERS[:16]) for _ in range(26))
    return seed.Record(run, f"{app}-{suffix}", "lab", "removed", created, created + 100, created + 200, exit_code=0)
