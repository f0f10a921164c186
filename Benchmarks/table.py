"""The page with the results."""

import argparse
import random
from collections.abc import Callable
from datetime import datetime, timezone
from statistics import median

from measures import AT_ONCE, LISTED, Results

RUN_AIM = 1.05
SCRIPT_AIM = 2.5
STORE_AIMS = {"sqlite": 3, "mariadb": 5, "mariadb-plain": 5}
RESAMPLES = 2000


def render(results: Results, facts: dict[str, str], options: argparse.Namespace) -> str:
    title = f"# Benchmark, {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"
    blocks = [title]
    if options.build != "release":
        build = "Debug build" if options.build == "debug" else "Not known to be a release build"
        blocks.append(f"**{build}: these figures say nothing about what Berth costs.**")
    blocks.append(rows(["machine", ""], [[name, value] for name, value in facts.items()]))
    blocks += [one_run(results), at_once(results), listing(results), ending(results), stores(results)]
    return "\n\n".join(blocks) + "\n"


def one_run(results: Results) -> str:
    taken = results.one_run
    lines = []
    for role, name in results.names.items():
        lines.append([name, *milliseconds(taken[role]), ratio(taken, role), ratio(taken, role, tail), run_aim(taken, role)])
    head = ["way", "median ms", "p95 ms", "min ms", "× raw", "p95 × raw", "aim"]
    return f"""## One container, from the call until it runs

{results.rounds} rounds, each way once in each round. `busybox` `sleep 1000`, image there already, all over one SSH server on
loopback. In brackets: where the ratio of the medians lies with 95 % confidence (bootstrap over the rounds).

{rows(head, lines)}"""


def run_aim(taken: dict[str, list[float]], role: str) -> str:
    if role == "berth":
        return verdict(f"≤ {RUN_AIM} × raw", median(taken[role]) / median(taken["raw"]) <= RUN_AIM)
    if role in ("raw", "tunnel"):
        return "–"
    faster = median(taken[role]) / median(taken["berth"])
    told = f"Berth is {faster:.1f} × as fast"
    return told if role.startswith("shared") else verdict(f"{told}; ≥ {SCRIPT_AIM} ×", faster >= SCRIPT_AIM)


def at_once(results: Results) -> str:
    taken = results.at_once
    lines = []
    for role in taken:
        rate = AT_ONCE / median(taken[role])
        lines.append([results.names[role], f"{rate:.1f}", *milliseconds(taken[role]), ratio(taken, role), "–"])
    head = ["way", "runs/s", "median ms", "p95 ms", "min ms", "× raw", "aim"]
    return f"""## {AT_ONCE} at once

{len(taken["raw"])} times {AT_ONCE} runs on {AT_ONCE} connections. The times are until the last of them runs.

{rows(head, lines)}"""


def listing(results: Results) -> str:
    names = {"raw": "raw: `GET /containers/json?all=1`", "berth": "**Berth**: `GET /apps/containers`"}
    lines = []
    for role, name in names.items():
        taken = results.listing[role]
        rate = f"{median(results.requests[role]):.0f}"
        lines.append([name, *milliseconds(taken, 2), rate, f"{median(taken) / median(results.listing['raw']):.2f}", "–"])
    head = ["way", "median ms", "p95 ms", "min ms", "requests/s", "× raw", "aim"]
    return f"""## The list of {LISTED} containers

One after the other on one connection, in turns of a quarter of a second.

{rows(head, lines)}"""


def ending(results: Results) -> str:
    names = {"raw": "raw: `GET /containers/json?all=1`", "berth": "**Berth**: `GET /apps/containers`"}
    lines = []
    for role, name in names.items():
        taken = results.ending[role]
        times = [median(taken), quantile(taken, 0.99), min(taken), max(taken)]
        lines.append([name, *(f"{time * 1000:.1f}" for time in times), ratio(results.ending, role), "–"])
    head = ["way", "p50 ms", "p99 ms", "min ms", "max ms", "× raw", "aim"]
    return f"""## From a container's end until the list shows it

{len(results.ending["raw"])} containers each, ended by the engine's API. From `FinishedAt` of the engine to the answer that shows it, asked
again after 1 ms. What the engine's own list takes is in the first row.

{rows(head, lines)}"""


def stores(results: Results) -> str:
    names = {
        "sqlite": "SQLite, a file (`synchronous=FULL`)",
        "mariadb": "MariaDB on loopback, TLS",
        "mariadb-plain": "MariaDB on loopback, `tls=off`",
    }
    lines = []
    for name, taken in results.in_store.items():
        share = median(taken) / median(results.with_store[name])
        aim = verdict(f"≤ {STORE_AIMS[name]} ms", median(taken) * 1000 <= STORE_AIMS[name])
        lines.append([names[name], *milliseconds(taken, 2), f"{median(results.with_store[name]) * 1000:.1f}", f"{share:.1%}", aim])
    head = ["database", "median ms", "p95 ms", "min ms", "whole run ms", "share", "aim"]
    return f"""## What the database adds to a run

{len(results.in_store["sqlite"])} runs each, one server for each database, in turns: the time in `store` of `Server-Timing`. That is one reading and two
transactions, each on disk before the run goes on.

{rows(head, lines)}"""


def ratio(taken: dict[str, list[float]], role: str, of: Callable[[list[float]], float] = median) -> str:
    value = f"{of(taken[role]) / of(taken['raw']):.2f}"
    if role == "raw" or of is not median:
        return value
    low, high = interval(taken[role], taken["raw"])
    return f"{value} ({low:.2f}–{high:.2f})"


def interval(ours: list[float], raw: list[float]) -> tuple[float, float]:
    """Rounds are drawn together: what slowed one of a round down may have slowed the other."""
    dice = random.Random(1)
    ratios = []
    for _ in range(RESAMPLES):
        drawn = dice.choices(range(len(raw)), k=len(raw))
        ratios.append(median(ours[at] for at in drawn) / median(raw[at] for at in drawn))
    return quantile(ratios, 0.025), quantile(ratios, 0.975)


def milliseconds(taken: list[float], digits: int = 1) -> list[str]:
    return [f"{value * 1000:.{digits}f}" for value in (median(taken), tail(taken), min(taken))]


def tail(taken: list[float]) -> float:
    return quantile(taken, 0.95)


def quantile(values: list[float], part: float) -> float:
    """Linear between the two nearest."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def verdict(aim: str, is_reached: bool) -> str:
    return f"{aim}: {'reached' if is_reached else 'not reached'}"


def rows(head: list[str], lines: list[list[str]]) -> str:
    rule = ["---"] + ["---:" if name.split(" ")[-1] in ("ms", "raw") or "/s" in name else "---" for name in head[1:]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *lines])
