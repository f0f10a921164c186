"""From a container's end until the list shows it."""

import json
import threading
import time
import urllib.parse
from collections.abc import Callable
from datetime import datetime
from statistics import median

from connection import Connection
from events import EngineEvents
from figures import MILLISECONDS_HEAD, milliseconds, quantile, unpaired_text
from ground import SETTLE, Ground
from rounds import say
from table import Aim, Section

TITLE = "From a container's end until the list shows it"
A_ROUND = 10
AIM = 0.020
NAMES = {"raw": "raw: `GET /containers/json?all=1`, of this one alone", "berth": "**Berth** over SSH: `GET /apps/containers`"}


def measure(ground: Ground) -> list[Section]:
    after_event, after_finish = times(ground)
    lines = []
    for since, taken in (("the engine's event `die`", after_event), ("`FinishedAt`", after_finish)):
        for name, what in NAMES.items():
            lines.append([what, since, *milliseconds(taken[name]), unpaired_text(taken[name], taken["raw"])])
    about = f"""{len(after_event["raw"])} containers each, killed by the engine's API; both lists are asked again and again on one connection each. The engine
says `die` first and then cleans up behind the container, which it holds meanwhile: its own list shows the end only after that, in the
first row."""
    late = quantile(after_event["berth"], 0.99)
    aim = Aim(
        "a container's end until the list shows it, over SSH",
        f"p99 ≤ {AIM * 1000:.0f} ms after the engine's event",
        f"{late * 1000:.1f} ms (p50 {median(after_event['berth']) * 1000:.1f} ms)",
        late <= AIM,
    )
    return [Section(TITLE, about, ["list", "since", *MILLISECONDS_HEAD, "× raw"], lines, [aim])]


def times(ground: Ground) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Since the engine's event, and since `FinishedAt`."""
    way = ground.berth(ground.main)
    events = EngineEvents(ground.parts.engine_socket)
    after_event: dict[str, list[float]] = {name: [] for name in NAMES}
    after_finish: dict[str, list[float]] = {name: [] for name in NAMES}
    rounds = ground.sizes.ending_rounds
    for turn in range(rounds):
        say("ends", turn + 1, rounds)
        connection = way.connect()
        started = [way.run(connection) for _ in range(A_ROUND)]
        time.sleep(SETTLE)
        for number, container in enumerate(started):
            name = list(NAMES)[(number + turn) % len(NAMES)]
            seen = killed_and_shown(ground, name, container)
            after_event[name].append(seen - events.died_at(container))
            after_finish[name].append(seen - finished_at(ground.engine, container))
        for container in started:
            ground.remove(container)
    events.close()
    way.forget()
    return after_event, after_finish


def killed_and_shown(ground: Ground, name: str, container: str) -> float:
    killer = Connection(ground.parts.engine_socket)
    watch = Connection(ground.parts.engine_socket if name == "raw" else ground.main.address)
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
            raise RuntimeError(f"30 s after docker kill {container} is still shown as running")
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
