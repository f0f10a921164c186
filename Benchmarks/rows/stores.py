"""What the database adds to a run."""

import contextlib
import os
import secrets
import time
import urllib.parse
from statistics import median

from contestants import Berth
from figures import MILLISECONDS_HEAD, milliseconds
from ground import SETTLE, Ground
from parts import output
from rounds import turns
from server import Server
from table import Aim, Section

TITLE = "What the database adds to a run"
NAMES = {
    "sqlite": "SQLite, a file (`synchronous=FULL`)",
    "mariadb": "MariaDB on loopback, TLS",
    "mariadb-plain": "MariaDB on loopback, `tls=off`",
}
AIMS = {"sqlite": 3, "mariadb": 5, "mariadb-plain": 5}


def measure(ground: Ground) -> list[Section]:
    with contextlib.ExitStack() as stack:
        servers = {"sqlite": ground.main, **on_mariadb(ground, stack)}
        ways = {name: ground.berth(server) for name, server in servers.items()}
        in_store, whole = times(ways, ground)
        for way in ways.values():
            way.forget()
    lines = [
        [NAMES[name], *milliseconds(taken, 2), f"{median(whole[name]) * 1000:.1f}", f"{median(taken) / median(whole[name]):.1%}"]
        for name, taken in in_store.items()
    ]
    about = f"""{ground.sizes.rounds} runs each, one server for each database, in turns: the time in `store` of `Server-Timing`. That is one reading and two
transactions, each on disk before the run goes on."""
    return [Section(TITLE, about, ["database", *MILLISECONDS_HEAD, "whole run ms", "share %"], lines, [aim(name, in_store[name]) for name in NAMES])]


def aim(name: str, taken: list[float]) -> Aim:
    middle = median(taken) * 1000
    return Aim(f"what the database adds: {NAMES[name]}", f"≤ {AIMS[name]} ms", f"{middle:.2f} ms", middle <= AIMS[name])


def times(ways: dict[str, Berth], ground: Ground) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """In the database, and of the whole call."""
    connections = {name: way.connect() for name, way in ways.items()}
    in_store: dict[str, list[float]] = {name: [] for name in ways}
    whole: dict[str, list[float]] = {name: [] for name in ways}
    for counts, name in turns("stores", list(ways), ground.sizes.rounds):
        begun = time.perf_counter()
        container = ways[name].run(connections[name])
        took = time.perf_counter() - begun
        ground.remove(container)
        time.sleep(SETTLE)
        if counts:
            in_store[name].append(connections[name].layer("store"))
            whole[name].append(took)
    return in_store, whole


def on_mariadb(ground: Ground, stack: contextlib.ExitStack) -> dict[str, Server]:
    """Two that differ in TLS alone; each has a database of its own, which is dropped when it has ended."""
    servers = {}
    for name, query in (("mariadb", ""), ("mariadb-plain", "?tls=off")):
        database = f"berth_bench_{secrets.token_hex(4)}"
        sql(f"CREATE DATABASE {database}")
        stack.callback(sql, f"DROP DATABASE {database}")
        servers[name] = ground.server(name, database=f"{os.environ['LAB_MARIADB_URL']}{database}{query}").start_connected()
        stack.callback(servers[name].stop)
    return servers


def sql(statement: str) -> None:
    url = urllib.parse.urlsplit(os.environ["LAB_MARIADB_URL"])
    environment = os.environ | {"MYSQL_PWD": urllib.parse.unquote(url.password or "")}
    command = ["mariadb", "--no-defaults", f"--host={url.hostname}", f"--port={url.port}", f"--user={url.username}"]
    output([*command, "--execute", statement], environment)
