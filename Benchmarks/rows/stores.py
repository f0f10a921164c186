"""The time that a run spends in the database."""

import contextlib
import os
import secrets
import time
import urllib.parse
from statistics import median

from context import SETTLE, Context
from figures import MILLISECONDS_HEAD, milliseconds
from methods import Berth
from parts import output
from report import Target, Section
from rounds import turns
from server import Server

TITLE = "What the database adds to a run"
NAMES = {
    "sqlite": "SQLite, a file (`synchronous=FULL`)",
    "mariadb": "MariaDB on loopback, TLS",
    "mariadb-plain": "MariaDB on loopback, `tls=off`",
}
TARGETS = {"sqlite": 3, "mariadb": 5, "mariadb-plain": 5}


def measure(context: Context) -> list[Section]:
    with contextlib.ExitStack() as stack:
        servers = {"sqlite": context.main, **on_mariadb(context, stack)}
        methods = {name: context.berth(server) for name, server in servers.items()}
        in_store, whole = times(methods, context)
        for method in methods.values():
            method.delete_app()
    lines = [
        [NAMES[name], *milliseconds(durations, 2), f"{median(whole[name]) * 1000:.1f}", f"{median(durations) / median(whole[name]):.1%}"]
        for name, durations in in_store.items()
    ]
    about = f"""{context.sizes.rounds} runs each, alternating, with one server for each database: the time of `store` in `Server-Timing`. It consists of one read and
two transactions, each on disk before the run continues."""
    return [Section(TITLE, about, ["database", *MILLISECONDS_HEAD, "whole run ms", "share %"], lines, [target(name, in_store[name]) for name in NAMES])]


def target(name: str, durations: list[float]) -> Target:
    middle = median(durations) * 1000
    return Target(f"what the database adds: {NAMES[name]}", f"≤ {TARGETS[name]} ms", f"{middle:.2f} ms", middle <= TARGETS[name])


def times(methods: dict[str, Berth], context: Context) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """The seconds in the database, and of the whole call."""
    connections = {name: method.connect() for name, method in methods.items()}
    in_store: dict[str, list[float]] = {name: [] for name in methods}
    whole: dict[str, list[float]] = {name: [] for name in methods}
    for counts, name in turns("stores", list(methods), context.sizes.rounds):
        begun = time.perf_counter()
        container = methods[name].run(connections[name])
        took = time.perf_counter() - begun
        context.remove(container)
        time.sleep(SETTLE)
        if counts:
            in_store[name].append(connections[name].layer("store"))
            whole[name].append(took)
    return in_store, whole


def on_mariadb(context: Context, stack: contextlib.ExitStack) -> dict[str, Server]:
    """Two servers that differ only in TLS. Each has its own database, which is dropped when the server has ended."""
    servers = {}
    for name, query in (("mariadb", ""), ("mariadb-plain", "?tls=off")):
        database = f"berth_bench_{secrets.token_hex(4)}"
        sql(f"CREATE DATABASE {database}")
        stack.callback(sql, f"DROP DATABASE {database}")
        servers[name] = context.server(name, database=f"{os.environ['LAB_MARIADB_URL']}{database}{query}").start_connected()
        stack.callback(servers[name].stop)
    return servers


def sql(statement: str) -> None:
    url = urllib.parse.urlsplit(os.environ["LAB_MARIADB_URL"])
    environment = os.environ | {"MYSQL_PWD": urllib.parse.unquote(url.password or "")}
    command = ["mariadb", "--no-defaults", f"--host={url.hostname}", f"--port={url.port}", f"--user={url.username}"]
    output([*command, "--execute", statement], environment)
