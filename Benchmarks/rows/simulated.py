"""Many simulated hosts, whose containers change continuously."""

import os
import time
from statistics import median

from context import Context
from figures import MILLISECONDS_HEAD, milliseconds, quantile
from fleet import Fleet
from report import Target, Section
from rounds import progress
from wrk import Load, Paced

TITLE = "Many simulated hosts"
PAGE = "/v1/runs?limit=100"
PAGE_PAUSE = 20
PAGE_TARGET = 0.003
FRESH_TARGET = 0.100
MEMORY_TARGET = 350
CPU_TARGET = 1.0
MIB = 1 << 20
NEVER = float("inf")


def measure(context: Context) -> list[Section]:
    if not os.access(context.options.simulated_engine, os.X_OK):
        raise RuntimeError(
            f"there is no program {context.options.simulated_engine}: run swift build -c release --product SimulatedEngine, or set SIMULATED_ENGINE=…"
        )
    with Fleet(context) as fleet:
        fleet.connect()
        fleet.subscribe()
        page, share, resident = under_load(context, fleet)
        fresh = fleet.freshness()
    read = [one for one in fresh if one < NEVER]
    if not read:
        raise RuntimeError("GET /v1/events reported none of the simulated engines' changes")
    sizes = context.sizes
    about = f"""{sizes.hosts:,} engines with {sizes.containers_per_host:,} containers each, and {sizes.events_per_second:,} starts and ends of containers a second, for {sizes.simulated_seconds} s. The engines are simulated in one process,
each on its own Unix socket. The server has the containers in its database; it had compared all hosts {fleet.connected_in:.1f} s after its start. One client
requests the page every {PAGE_PAUSE} ms. Freshness is the time from a simulated change until one reader of `GET /v1/events` has read it: {len(read):,}
of {len(fresh):,} changes. The CPU time is that of the server; the engines and this benchmark use the same cores."""
    if fleet.has_lagged:
        about += " **The reader got a `lagged` event and its stream ended; later changes count as not read.**"
    lines = [
        [f"`GET {PAGE}`", *(f"{page.quantile(part) * 1000:.2f}" for part in (0.5, 0.99, 0, 1)), "–"],
        ["a change until it is read from `GET /v1/events`", *milliseconds(read), "–"],
        ["the server's maximum resident memory", "–", "–", "–", "–", f"{resident / MIB:.0f} MiB"],
        ["the server's CPU time", "–", "–", "–", "–", f"{share:.2f} cores"],
    ]
    return [Section(TITLE, about, ["what", *MILLISECONDS_HEAD, "measured"], lines, targets(context, page, fresh, share, resident))]


def under_load(context: Context, fleet: Fleet) -> tuple[Load, float, int]:
    """The latencies of the page, and the server's share of a core and maximum memory, under load."""
    seconds, process = context.sizes.simulated_seconds, fleet.server.process
    progress("simulated hosts", 0, seconds)
    begun, before, resident = time.monotonic(), process.cpu_seconds(), 0
    pages = Paced(fleet.server.address, PAGE, seconds, PAGE_PAUSE)
    while time.monotonic() < begun + seconds:
        fleet.arrivals.gather(1)
        resident = max(resident, process.resident_bytes())
    share = (process.cpu_seconds() - before) / (time.monotonic() - begun)
    progress("simulated hosts", seconds, seconds)
    return pages.finish(), share, resident


def targets(context: Context, page: Load, fresh: list[float], share: float, resident: int) -> list[Target]:
    sizes = context.sizes
    what = f"{sizes.hosts * sizes.containers_per_host:,} containers on {sizes.hosts:,} simulated hosts"
    late, shown = page.quantile(0.99), quantile(fresh, 0.99)
    return [
        Target(f"{what}: a page of 100", f"p99 ≤ {PAGE_TARGET * 1000:.0f} ms", f"{late * 1000:.2f} ms", late <= PAGE_TARGET),
        Target(
            f"{what}: freshness",
            f"p99 ≤ {FRESH_TARGET * 1000:.0f} ms at {sizes.events_per_second:,} events/s",
            f"{shown * 1000:.0f} ms (p50 {median(fresh) * 1000:.0f} ms)",
            shown <= FRESH_TARGET,
        ),
        Target(f"{what}: memory", f"≤ {MEMORY_TARGET} MiB", f"{resident / MIB:.0f} MiB", resident <= MEMORY_TARGET * MIB),
        Target(f"{what}: CPU", f"≤ {CPU_TARGET:.0f} core", f"{share:.2f}", share <= CPU_TARGET),
    ]
