"""The rows of the measure, by the names that `--rows` takes, in the order in which they are measured.

Those that fill the engine with containers come late, since a full engine starts containers more slowly.
"""

from types import ModuleType

from rows import at_once, ending, healthz, idle, listing, monitoring, one_run, ready, simulated, status, stores, watchers

ROWS: dict[str, ModuleType] = {
    "one-run": one_run,
    "at-once": at_once,
    "stores": stores,
    "ending": ending,
    "watchers": watchers,
    "healthz": healthz,
    "status": status,
    "monitoring": monitoring,
    "list": listing,
    "ready": ready,
    "idle": idle,
    "simulated": simulated,
}
