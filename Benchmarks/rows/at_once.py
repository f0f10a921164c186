"""Several containers at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from contestants import Way, raw
from figures import MILLISECONDS_HEAD, milliseconds, ratio, ratio_text
from ground import SETTLE, Ground
from rounds import turns
from table import Aim, Section

AT_ONCE = 8
TITLE = f"{AT_ONCE} containers at once"
AIM = 0.97


def measure(ground: Ground) -> list[Section]:
    ways: dict[str, Way] = raw(ground.parts, ground.labels)
    ways["berth"] = ground.berth(ground.main)
    taken = times(ways, ground)
    ways["berth"].forget()
    lines = [
        [way.name, f"{AT_ONCE / median(taken[name]):.2f}", *milliseconds(taken[name], 0), ratio_text(taken["raw"], taken[name])]
        for name, way in ways.items()
    ]
    about = f"""{len(taken["raw"])} times {AT_ONCE} runs on {AT_ONCE} connections. The times are until the last of them runs. The ratio is that of the rates."""
    aim = Aim(
        f"{AT_ONCE} runs at once over SSH",
        f"≥ {AIM} × the engine's own rate",
        f"{ratio_text(taken['raw'], taken['berth'])} × ({AT_ONCE / median(taken['berth']):.1f} runs/s)",
        ratio(taken["raw"], taken["berth"]) >= AIM,
    )
    return [Section(TITLE, about, ["way", "runs/s", *MILLISECONDS_HEAD, "rate × raw"], lines, [aim])]


def times(ways: dict[str, Way], ground: Ground) -> dict[str, list[float]]:
    connections = {name: [way.connect() for _ in range(AT_ONCE)] for name, way in ways.items()}
    taken: dict[str, list[float]] = {name: [] for name in ways}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for counts, name in turns(f"{AT_ONCE} at once", list(ways), ground.sizes.batches):
            begun = time.perf_counter()
            started = list(threads.map(ways[name].run, connections[name]))
            took = time.perf_counter() - begun
            for container in started:
                ground.remove(container)
            time.sleep(SETTLE)
            if counts:
                taken[name].append(took)
    return taken
