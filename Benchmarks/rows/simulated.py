"""Many hosts at once, on simulated engines, of which one says something all the time."""

import os
import time
from statistics import median

from fleet import Fleet
from figures import MILLISECONDS_HEAD, milliseconds, quantile
from ground import Ground
from rounds import say
from table import Aim, Section
from wrk import Load, Paced

TITLE = "Many simulated hosts"
PAGE = "/v1/runs?limit=100"
PAGE_PAUSE = 20
PAGE_AIM = 0.003
FRESH_AIM = 0.100
MEMORY_AIM = 350
PROCESSOR_AIM = 1.0
MIB = 1 << 20
NEVER = float("inf")


def measure(ground: Ground) -> list[Section]:
    if not os.access(ground.options.simulated_engine, os.X_OK):
        raise RuntimeError(
            f"there is no {ground.options.simulated_engine}: swift build -c release --product SimulatedEngine, or name one with SIMULATED_ENGINE=…"
        )
    with Fleet(ground) as fleet:
        fleet.connect()
        fleet.subscribe()
        page, share, resident = loaded(ground, fleet)
        fresh = fleet.freshness()
    told = [one for one in fresh if one < NEVER]
    if not told:
        raise RuntimeError("not one of the simulated engines' events was shown by GET /v1/events")
    sizes = ground.sizes
    about = f"""{sizes.hosts:,} engines with {sizes.containers_per_host:,} containers each, of which one starts or ends {sizes.events_per_second:,} times a second; {sizes.simulated_seconds} s. The engines are simulated, in one process, each
on a unix socket of its own. The server knew the containers from its database, and had compared all hosts {fleet.connected_in:.1f} s after its start. The page is asked for
by one client every {PAGE_PAUSE} ms; freshness is from the simulated change until one reader of `GET /v1/events` has read it, {len(told):,} of
{len(fresh):,} changes. Time on the processor is that of the server alone; the engines and this benchmark take their own from the same cores."""
    if fleet.has_lagged:
        about += " **The reader was told that it lagged, and its stream ended: the changes after that count as never shown.**"
    lines = [
        [f"`GET {PAGE}`", *(f"{page.quantile(part) * 1000:.2f}" for part in (0.5, 0.99, 0, 1)), "–"],
        ["a change until it is read from `GET /v1/events`", *milliseconds(told), "–"],
        ["the server's resident memory at most", "–", "–", "–", "–", f"{resident / MIB:.0f} MiB"],
        ["the server's time on processors", "–", "–", "–", "–", f"{share:.2f} cores"],
    ]
    return [Section(TITLE, about, ["what", *MILLISECONDS_HEAD, "measured"], lines, aims(ground, page, fresh, share, resident))]


def loaded(ground: Ground, fleet: Fleet) -> tuple[Load, float, int]:
    """The page's latencies, the share of a core, and the most memory, while all of it goes on."""
    seconds, process = ground.sizes.simulated_seconds, fleet.server.process
    say("simulated hosts", 0, seconds)
    begun, before, resident = time.monotonic(), process.processor_seconds(), 0
    pages = Paced(fleet.server.address, PAGE, seconds, PAGE_PAUSE)
    while time.monotonic() < begun + seconds:
        fleet.arrivals.gather(1)
        resident = max(resident, process.resident_bytes())
    share = (process.processor_seconds() - before) / (time.monotonic() - begun)
    say("simulated hosts", seconds, seconds)
    return pages.finish(), share, resident


def aims(ground: Ground, page: Load, fresh: list[float], share: float, resident: int) -> list[Aim]:
    sizes = ground.sizes
    what = f"{sizes.hosts * sizes.containers_per_host:,} containers on {sizes.hosts:,} simulated hosts"
    late, shown = page.quantile(0.99), quantile(fresh, 0.99)
    return [
        Aim(f"{what}: a page of 100", f"p99 ≤ {PAGE_AIM * 1000:.0f} ms", f"{late * 1000:.2f} ms", late <= PAGE_AIM),
        Aim(
            f"{what}: freshness",
            f"p99 ≤ {FRESH_AIM * 1000:.0f} ms at {sizes.events_per_second:,} events/s",
            f"{shown * 1000:.0f} ms (p50 {median(fresh) * 1000:.0f} ms)",
            shown <= FRESH_AIM,
        ),
        Aim(f"{what}: memory", f"≤ {MEMORY_AIM} MiB", f"{resident / MIB:.0f} MiB", resident <= MEMORY_AIM * MIB),
        Aim(f"{what}: processor", f"≤ {PROCESSOR_AIM:.0f} core", f"{share:.2f}", share <= PROCESSOR_AIM),
    ]
