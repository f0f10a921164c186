"""The status of one run: with few runs in the database and with many."""

import secrets
import time
from statistics import median

import seed
from figures import ratio, ratio_text
from ground import Ground
from rounds import turns
from rows.healthz import HEAD, line
from server import Server
from table import Aim, Section
from wrk import Load, load

TITLE = "One run's status"
FEW = 10
ASKED = 1000
CLIENTS = 8
AIM = 0.9
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def measure(ground: Ground) -> list[Section]:
    servers = {count: seeded(ground, count) for count in (FEW, ground.sizes.many_runs)}
    try:
        loads = taken(ground, servers)
    finally:
        for server, _ in servers.values():
            server.stop()
    lines = []
    for (count, what), one in loads.items():
        lines.append([f"{what}, {count:,} runs", *line(one), ratio_text(one.rates, loads[count, "healthz"].rates)])
    about = f"""Each server has this many finished runs, without containers, in its database. `wrk`, {CLIENTS} connections, asks for up to {ASKED:,} of them in turn;
turns of {ground.sizes.slice_seconds} s. The ratio is to `/healthz` of the same server."""
    return [Section(TITLE, about, ["request", *HEAD, "rate × healthz"], lines, aims(ground, loads))]


def taken(ground: Ground, servers: dict[int, tuple[Server, list[str]]]) -> dict[tuple[int, str], Load]:
    contestants = {f"{what} {count}": (count, what) for count in servers for what in ("healthz", "status")}
    loads = {key: Load() for key in contestants.values()}
    for counts, contestant in turns("status", list(contestants), ground.sizes.slices):
        count, what = contestants[contestant]
        server, names = servers[count]
        paths = ["/healthz"] if what == "healthz" else [f"/v1/runs/{name}" for name in names]
        slice = load(server.address, paths, ground.sizes.slice_seconds, CLIENTS)
        if counts:
            loads[count, what].add(slice)
    return loads


def aims(ground: Ground, loads: dict[tuple[int, str], Load]) -> list[Aim]:
    few, many = FEW, ground.sizes.many_runs
    found = []
    for count in (few, many):
        ours, base = loads[count, "status"].rates, loads[count, "healthz"].rates
        measured = f"{ratio_text(ours, base)} × ({median(ours):,.0f}/s)"
        found.append(Aim(f"one run's status, {count:,} runs", f"≥ {AIM} × `/healthz`", measured, ratio(ours, base) >= AIM))
    ours, base = loads[many, "status"].rates, loads[few, "status"].rates
    same = Aim(f"one run's status, {many:,} runs against {few}", f"≥ {AIM} × its rate", f"{ratio_text(ours, base)} ×", ratio(ours, base) >= AIM)
    return [*found, same]


def seeded(ground: Ground, count: int) -> tuple[Server, list[str]]:
    """A server with finished runs, and the names of some. It makes its schema itself, and finds them at its next start."""
    host = {"lab": f"unix://{ground.parts.engine_socket}"}
    server = ground.server(f"seeded-{count}", host).start_connected()
    server.stop()
    app = f"{ground.mark}-seed"
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
