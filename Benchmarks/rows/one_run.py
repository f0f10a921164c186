"""One container, from the call until it runs."""

import time
from statistics import median

from contestants import KeptOpen, Way, raw, scripts
from figures import MILLISECONDS_HEAD, milliseconds, quantile, ratio, ratio_text
from ground import SETTLE, Ground
from rounds import turns
from table import Aim, Section

TITLE = "One container, from the call until it runs"
RAW_AIM = 1.03
SCRIPT_AIM = 2.5


def measure(ground: Ground) -> list[Section]:
    ways: dict[str, Way] = raw(ground.parts, ground.labels)
    ways["berth"] = ground.berth(ground.main)
    ways["docker_py"] = KeptOpen(ground.peer, ground.labels)
    ways |= scripts(ground.parts, ground.labels)
    taken = times(ways, ground)
    ways["berth"].forget()
    return [Section(TITLE, about(ground), ["way", *MILLISECONDS_HEAD, "× raw", "p99 × raw"], lines(ways, taken), aims(taken))]


def times(ways: dict[str, Way], ground: Ground) -> dict[str, list[float]]:
    connections = {name: way.connect() for name, way in ways.items()}
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for counts, name in turns("one run", list(ways), ground.sizes.rounds):
        begun = time.perf_counter()
        container = ways[name].run(connections[name])
        took = time.perf_counter() - begun
        ground.remove(container)
        time.sleep(SETTLE)
        if counts:
            taken[name].append(took)
    return taken


def about(ground: Ground) -> str:
    return f"""{ground.sizes.rounds} rounds, each way once in each round. `busybox` `sleep 1000`, image there already, all over one SSH server on
loopback. In brackets: where the ratio of the medians lies with 95 % confidence (bootstrap over the rounds)."""


def lines(ways: dict[str, Way], taken: dict[str, list[float]]) -> list[list[str]]:
    base = taken["raw"]
    return [
        [way.name, *milliseconds(taken[name]), ratio_text(taken[name], base), f"{quantile(taken[name], 0.99) / quantile(base, 0.99):.2f}"]
        for name, way in ways.items()
    ]


def aims(taken: dict[str, list[float]]) -> list[Aim]:
    berth = taken["berth"]
    above = Aim(
        "a run over SSH, from the call until it runs",
        f"≤ {RAW_AIM} × raw create and start at the socket",
        f"{ratio_text(berth, taken['raw'])} × ({median(berth) * 1000:.0f} ms)",
        ratio(berth, taken["raw"]) <= RAW_AIM,
    )
    scripted = {"ssh": "`ssh host docker run`", "docker": "`DOCKER_HOST=ssh://… docker run`"}
    return [above] + [
        Aim(f"a run against {name}", f"≥ {SCRIPT_AIM} × as fast", f"{ratio_text(taken[role], berth)} ×", ratio(taken[role], berth) >= SCRIPT_AIM)
        for role, name in scripted.items()
    ]
