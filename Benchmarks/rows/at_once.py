"""Several containers are started at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from context import SETTLE, Context
from figures import MILLISECONDS_HEAD, milliseconds, ratio, ratio_text
from methods import Method, raw
from report import Target, Section
from rounds import turns

AT_ONCE = 8
TITLE = f"{AT_ONCE} containers at once"
TARGET = 0.97


def measure(context: Context) -> list[Section]:
    methods: dict[str, Method] = raw(context.parts, context.labels)
    methods["berth"] = context.berth(context.main)
    durations = times(methods, context)
    methods["berth"].delete_app()
    lines = [
        [method.name, f"{AT_ONCE / median(durations[name]):.2f}", *milliseconds(durations[name], 0), ratio_text(durations["raw"], durations[name])]
        for name, method in methods.items()
    ]
    about = f"""{len(durations["raw"])} rounds of {AT_ONCE} runs on {AT_ONCE} connections. The times are until the last run is running. The ratio is that of the rates."""
    target = Target(
        f"{AT_ONCE} runs at once over SSH",
        f"≥ {TARGET} × the engine's own rate",
        f"{ratio_text(durations['raw'], durations['berth'])} × ({AT_ONCE / median(durations['berth']):.1f} runs/s)",
        ratio(durations["raw"], durations["berth"]) >= TARGET,
    )
    return [Section(TITLE, about, ["method", "runs/s", *MILLISECONDS_HEAD, "rate × raw"], lines, [target])]


def times(methods: dict[str, Method], context: Context) -> dict[str, list[float]]:
    connections = {name: [method.connect() for _ in range(AT_ONCE)] for name, method in methods.items()}
    durations: dict[str, list[float]] = {name: [] for name in methods}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for counts, name in turns(f"{AT_ONCE} at once", list(methods), context.sizes.batches):
            begun = time.perf_counter()
            started = list(threads.map(methods[name].run, connections[name]))
            took = time.perf_counter() - begun
            for container in started:
                context.remove(container)
            time.sleep(SETTLE)
            if counts:
                durations[name].append(took)
    return durations
