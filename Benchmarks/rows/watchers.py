"""Many clients that wait for a run's end and many that read events, at the same time."""

from collections.abc import Iterator
from statistics import median

from clients import Clients, allow_descriptors
from context import Context
from figures import MILLISECONDS_HEAD, milliseconds, quantile
from report import Target, Section
from rounds import progress

TITLE = "Many who wait, and many who read events"
TARGET = 0.100
MEMORY_TARGET = 64
NEVER = float("inf")
KINDS = {"wait": "`GET /v1/runs/{run}/wait?for=finished`", "events": "`GET /v1/events`"}


def measure(context: Context) -> list[Section]:
    late, memory = times(context)
    table = []
    for kind, what in KINDS.items():
        notified = [one for one in late[kind] if one < NEVER]
        times_cells = milliseconds(notified) if notified else ["–"] * 4
        table.append([what, f"{len(notified)} of {len(late[kind])}", *times_cells, f"{memory[kind] / 1024:.1f}"])
    count = context.sizes.watchers
    about = f"""{count:,} clients of each kind on one server, over SSH; {context.sizes.watched_ends} ends of a run. The times are from the engine's event `die` until the last byte of the response, or
of the event, was read. One thread of this benchmark reads all {2 * count:,} connections, and its own time is included. Memory is the growth of
the server's resident memory while the clients connected, divided by their number."""
    head = ["client", "notified", *MILLISECONDS_HEAD, "memory per client KiB"]
    return [Section(TITLE, about, head, table, [target for kind in KINDS for target in targets(kind, late[kind], memory[kind], count)])]


def targets(kind: str, late: list[float], memory: float, count: int) -> Iterator[Target]:
    what = f"{count:,} at once: {KINDS[kind]}"
    notified, tail = sum(one < NEVER for one in late), quantile(late, 0.99)
    yield Target(what, "all are notified", f"{notified} of {len(late)}", notified == len(late))
    yield Target(what, f"p99 ≤ {TARGET * 1000:.0f} ms after the engine's event", f"{tail * 1000:.0f} ms (p50 {median(late) * 1000:.0f} ms)", tail <= TARGET)
    yield Target(what, f"< {MEMORY_TARGET} KiB of memory each", f"{memory / 1024:.1f} KiB", memory < MEMORY_TARGET * 1024)


def times(context: Context) -> tuple[dict[str, list[float]], dict[str, float]]:
    """The seconds until each client was notified, and the bytes of memory for each client."""
    count, ends = context.sizes.watchers, context.sizes.watched_ends
    allow_descriptors(3 * count)
    server = context.server("watched").start_connected()
    clients = Clients(server, context.parts.engine_socket, count)
    method = context.berth(server)
    late: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for turn in range(ends):
        progress("watched ends", turn + 1, ends)
        connection = method.connect()
        container = method.run(connection)
        connection.close()
        clients.wait_for(container)
        for kind, seconds in clients.kill_and_time(container).items():
            late[kind] += seconds
    clients.close()
    method.delete_app()
    server.stop()
    return late, clients.memory
