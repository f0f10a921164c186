"""How much is measured: rounds, durations, numbers of containers and clients."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """The sizes of all rows. Sizes that define a row, such as 8 concurrent runs, are constants of that row."""

    rounds: int = 20
    batches: int = 10
    slices: int = 10
    slice_seconds: int = 2
    ending_rounds: int = 20
    listed: int = 1000
    many_runs: int = 100_000
    watchers: int = 1000
    watched_ends: int = 3
    log_bytes: int = 64 << 20
    log_rounds: int = 5
    followers: int = 1000
    followed_seconds: int = 20
    hosts: int = 1000
    containers_per_host: int = 100
    events_per_second: int = 1000
    simulated_seconds: int = 60
    restarts: int = 5
    idle_seconds: int = 60


QUICK = Sizes(
    rounds=3,
    batches=2,
    slices=3,
    slice_seconds=1,
    ending_rounds=2,
    listed=50,
    many_runs=1000,
    watchers=50,
    watched_ends=1,
    log_bytes=4 << 20,
    log_rounds=2,
    followers=60,
    followed_seconds=3,
    hosts=20,
    containers_per_host=10,
    events_per_second=20,
    simulated_seconds=5,
    restarts=2,
    idle_seconds=5,
)
