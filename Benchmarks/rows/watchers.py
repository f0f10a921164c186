"""Many that wait for a run's end, and many that read events, at once."""

import resource
from collections.abc import Iterator
from statistics import median

from crowd import Crowd
from figures import MILLISECONDS_HEAD, milliseconds, quantile
from ground import Ground
from rounds import say
from table import Aim, Section

TITLE = "Many who wait, and many who read events"
AIM = 0.100
MEMORY_AIM = 64
NEVER = float("inf")
KINDS = {"wait": "`GET /v1/runs/{run}/wait?for=finished`", "events": "`GET /v1/events`"}


def measure(ground: Ground) -> list[Section]:
    late, memory = times(ground)
    table = []
    for kind, what in KINDS.items():
        told = [one for one in late[kind] if one < NEVER]
        table.append([what, f"{len(told)} of {len(late[kind])}", *(milliseconds(told) if told else ["–"] * 4), f"{memory[kind] / 1024:.1f}"])
    count = ground.sizes.watchers
    about = f"""{count:,} of each on one server, over SSH, {ground.sizes.watched_ends} ends of a run. From the engine's event `die` until the last byte of the answer, or of the event, was
read; all {2 * count:,} connections are read on one thread of this benchmark, whose own time is in it. Memory is what the server's resident
memory grew by while they connected, by their number."""
    head = ["who", "were told", *MILLISECONDS_HEAD, "memory of each KiB"]
    return [Section(TITLE, about, head, table, [aim for kind in KINDS for aim in aims(kind, late[kind], memory[kind], count)])]


def aims(kind: str, late: list[float], memory: float, count: int) -> Iterator[Aim]:
    what = f"{count:,} at once: {KINDS[kind]}"
    told, tail = sum(one < NEVER for one in late), quantile(late, 0.99)
    yield Aim(what, "every one is told", f"{told} of {len(late)}", told == len(late))
    yield Aim(what, f"p99 ≤ {AIM * 1000:.0f} ms after the engine's event", f"{tail * 1000:.0f} ms (p50 {median(late) * 1000:.0f} ms)", tail <= AIM)
    yield Aim(what, f"< {MEMORY_AIM} KiB of memory each", f"{memory / 1024:.1f} KiB", memory < MEMORY_AIM * 1024)


def times(ground: Ground) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Seconds until each was told, and bytes of memory for each."""
    count, ends = ground.sizes.watchers, ground.sizes.watched_ends
    allow_descriptors(3 * count)
    server = ground.server("watched").start_connected()
    crowd = Crowd(server, ground.parts.engine_socket, count)
    way = ground.berth(server)
    late: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for turn in range(ends):
        say("watched ends", turn + 1, ends)
        connection = way.connect()
        container = way.run(connection)
        connection.close()
        crowd.wait_for(container)
        for kind, seconds in crowd.told_of_end(container).items():
            late[kind] += seconds
    crowd.close()
    way.forget()
    server.stop()
    return late, crowd.memory


def allow_descriptors(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
