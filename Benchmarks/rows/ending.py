"""The time from a container's end until the list shows it."""

import json
import threading
import time
import urllib.parse
from collections.abc import Callable
from datetime import datetime
from statistics import median

from connection import Connection
from context import SETTLE, Context
from events import EngineEvents
from figures import MILLISECONDS_HEAD, milliseconds, quantile, unpaired_text
from report import Target, Section
from rounds import progress

TITLE = "From a container's end until the list shows it"
PER_ROUND = 10
TARGET = 0.020
NAMES = {"raw": "raw: `GET /containers/json?all=1`, filtered for this container", "berth": "**Berth** over SSH: `GET /apps/containers`"}


def measure(context: Context) -> list[Section]:
    after_event, after_finish = times(context)
    lines = []
    for since, durations in (("the engine's event `die`", after_event), ("`FinishedAt`", after_finish)):
        for name, what in NAMES.items():
            lines.append([what, since, *milliseconds(durations[name]), unpaired_text(durations[name], durations["raw"])])
    about = f"""{len(after_event["raw"])} containers each, killed through the engine's API. Both lists are requested repeatedly, on one connection each. The
engine sends `die` first and then cleans up after the container, which it locks meanwhile. Its own list shows the end only after that, see
the first row."""
    late = quantile(after_event["berth"], 0.99)
    target = Target(
        "a container's end until the list shows it, over SSH",
        f"p99 ≤ {TARGET * 1000:.0f} ms after the engine's event",
        f"{late * 1000:.1f} ms (p50 {median(after_event['berth']) * 1000:.1f} ms)",
        late <= TARGET,
    )
    return [Section(TITLE, about, ["list", "since", *MILLISECONDS_HEAD, "× raw"], lines, [target])]


def times(context: Context) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """The seconds since the engine's event, and since `FinishedAt`."""
    method = context.berth(context.main)
    events = EngineEvents(context.parts.engine_socket)
    after_event: dict[str, list[float]] = {name: [] for name in NAMES}
    after_finish: dict[str, list[float]] = {name: [] for name in NAMES}
    rounds = context.sizes.ending_rounds
    for turn in range(rounds):
        progress("ends", turn + 1, rounds)
        connection = method.connect()
        started = [method.run(connection) for _ in range(PER_ROUND)]
        time.sleep(SETTLE)
        for number, container in enumerate(started):
            name = list(NAMES)[(number + turn) % len(NAMES)]
            seen = killed_and_shown(context, name, container)
            after_event[name].append(seen - events.died_at(container))
            after_finish[name].append(seen - finished_at(context.engine, container))
        for container in started:
            context.remove(container)
    events.close()
    method.delete_app()
    return after_event, after_finish


def killed_and_shown(context: Context, name: str, container: str) -> float:
    killer = Connection(context.parts.engine_socket)
    watch = Connection(context.parts.engine_socket if name == "raw" else context.main.address)
    is_shown = {"raw": engine_shows, "berth": berth_shows}[name](watch, container)
    killing = threading.Thread(target=killer.request, args=("POST", f"/containers/{container}/kill"))
    killing.start()
    seen = wait_until(is_shown, container)
    killing.join()
    killer.close()
    watch.close()
    return seen


def wait_until(is_shown: Callable[[], bool], container: str) -> float:
    deadline = time.time() + 30
    while not is_shown():
        if time.time() > deadline:
            raise RuntimeError(f"{container} is still shown as running 30 s after it was killed")
        time.sleep(0.0005)
    return time.time()


def engine_shows(connection: Connection, container: str) -> Callable[[], bool]:
    filters = urllib.parse.quote(json.dumps({"name": [f"^/{container}$"]}))
    return lambda: [one["State"] for one in connection.get(f"/containers/json?all=1&filters={filters}")] == ["exited"]


def berth_shows(connection: Connection, container: str) -> Callable[[], bool]:
    shown = {"name": container, "Status": "F"}
    return lambda: any(shown.items() <= one.items() for one in connection.get("/apps/containers"))


def finished_at(engine: Connection, container: str) -> float:
    stamp = engine.get(f"/containers/{container}/json")["State"]["FinishedAt"]
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")
