"""The rows by their names in `--rows`, in the order in which they are measured.

Rows that create many containers come last, because an engine with many containers starts new ones more slowly.
"""

from types import ModuleType

from rows import at_once, auth, ending, execs, healthz, idle, listing, logs, monitoring, one_run, ready, simulated, status, stores, watchers

ROWS: dict[str, ModuleType] = {
    "one-run": one_run,
    "at-once": at_once,
    "stores": stores,
    "ending": ending,
    "watchers": watchers,
    "logs": logs,
    "exec": execs,
    "healthz": healthz,
    "status": status,
    "auth": auth,
    "monitoring": monitoring,
    "list": listing,
    "ready": ready,
    "idle": idle,
    "simulated": simulated,
}
