"""The time to start one container, from the call until it is running."""

import time
from statistics import median

from context import SETTLE, Context
from figures import MILLISECONDS_HEAD, milliseconds, quantile, ratio, ratio_text
from methods import DockerPyMethod, Method, raw, scripts
from report import Target, Section
from rounds import turns

TITLE = "One container, from the call until it runs"
RAW_TARGET = 1.03
SCRIPT_TARGET = 2.5


def measure(context: Context) -> list[Section]:
    methods: dict[str, Method] = raw(context.parts, context.labels)
    methods["berth"] = context.berth(context.main)
    methods["docker_py"] = DockerPyMethod(context.docker_py, context.labels)
    methods |= scripts(context.parts, context.labels)
    durations = times(methods, context)
    methods["berth"].delete_app()
    return [Section(TITLE, about(context), ["method", *MILLISECONDS_HEAD, "× raw", "p99 × raw"], lines(methods, durations), targets(durations))]


def times(methods: dict[str, Method], context: Context) -> dict[str, list[float]]:
    connections = {name: method.connect() for name, method in methods.items()}
    durations: dict[str, list[float]] = {name: [] for name in methods}
    for counts, name in turns("one run", list(methods), context.sizes.rounds):
        begun = time.perf_counter()
        container = methods[name].run(connections[name])
        took = time.perf_counter() - begun
        context.remove(container)
        time.sleep(SETTLE)
        if counts:
            durations[name].append(took)
    return durations


def about(context: Context) -> str:
    return f"""{context.sizes.rounds} rounds, each method once in each round. `busybox` `sleep 1000`, with the image on the host, all over one SSH server on
loopback. In brackets: the 95 % confidence interval of the ratio of the medians (bootstrap over the rounds)."""


def lines(methods: dict[str, Method], durations: dict[str, list[float]]) -> list[list[str]]:
    base = durations["raw"]
    return [
        [method.name, *milliseconds(durations[name]), ratio_text(durations[name], base), f"{quantile(durations[name], 0.99) / quantile(base, 0.99):.2f}"]
        for name, method in methods.items()
    ]


def targets(durations: dict[str, list[float]]) -> list[Target]:
    berth = durations["berth"]
    above = Target(
        "a run over SSH, from the call until it is running",
        f"≤ {RAW_TARGET} × raw create and start on the socket",
        f"{ratio_text(berth, durations['raw'])} × ({median(berth) * 1000:.0f} ms)",
        ratio(berth, durations["raw"]) <= RAW_TARGET,
    )
    scripted = {"ssh": "`ssh host docker run`", "docker": "`DOCKER_HOST=ssh://… docker run`"}
    return [above] + [
        Target(f"a run, compared with {name}", f"≥ {SCRIPT_TARGET} × as fast", f"{ratio_text(durations[role], berth)} ×", ratio(durations[role], berth) >= SCRIPT_TARGET)
        for role, name in scripted.items()
    ]
