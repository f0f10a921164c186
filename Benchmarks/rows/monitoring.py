"""What it costs to be measured: requests with and without metrics and traces, and what containers use."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median

from figures import ratio, ratio_text
from fleet import Fleet
from ground import Ground
from rounds import say, turns
from rows.healthz import HEAD, line
from table import Aim, Section
from wrk import Load, load

TITLE = "What measuring costs"
USAGE_TITLE = "What it costs to sample containers"
CLIENTS = 8
AIM = 0.97
MORE_TURNS = 4
"""A few per cent are to be seen, which takes more turns than elsewhere, and shorter ones."""

SECONDS = 1
HOSTS = 10
USAGE_AIM = 0.05


def measure(ground: Ground) -> list[Section]:
    return [requests(ground), usage(ground)]


def requests(ground: Ground) -> Section:
    with collector() as endpoint:
        servers = {
            "off": ground.server("unmeasured", options=["--no-metrics"]).start_connected(),
            "on": ground.server("measured").start_connected(),
            "traced": ground.server("traced", options=["--otlp-endpoint", endpoint]).start_connected(),
        }
        loads = {name: Load() for name in servers}
        spent = dict.fromkeys(servers, 0.0)
        for counts, name in turns("measuring", list(servers), ground.sizes.slices * MORE_TURNS):
            before = servers[name].process.processor_seconds()
            slice = load(servers[name].address, ["/healthz"], SECONDS, CLIENTS)
            if counts:
                loads[name].add(slice)
                spent[name] += servers[name].process.processor_seconds() - before
        for server in servers.values():
            server.stop()
    names = {"off": "`--no-metrics`", "on": "as it is", "traced": "with `--otlp-endpoint` as well"}
    base = loads["off"].rates
    each = {name: spent[name] / (sum(one.rates) * SECONDS) for name, one in loads.items()}
    lines = [
        [names[name], *line(one), ratio_text(one.rates, base), f"{each[name] * 1e6:.1f}", f"{each[name] / each['off']:.2f}"]
        for name, one in loads.items()
    ]
    about = f"""`GET /healthz`, the request that costs least, by `wrk` on {CLIENTS} connections, in turns of {SECONDS} s. The collector of traces is a thread of this
benchmark, which takes its own part of the same cores."""
    aim = Aim(
        "requests with metrics",
        f"≥ {AIM} × the rate without",
        f"{ratio_text(loads['on'].rates, base)} × ({median(loads['on'].rates):,.0f}/s)",
        ratio(loads["on"].rates, base) >= AIM,
    )
    return Section(TITLE, about, ["server", *HEAD, "rate × without", "µs of processor each", "× without"], lines, [aim])


def usage(ground: Ground) -> Section:
    containers = ground.sizes.listed
    sizes = replace(ground.sizes, hosts=HOSTS, containers_per_host=containers // HOSTS, events_per_second=0)
    shares = {}
    for name, options in (("plain", []), ("sampled", ["--container-metrics"])):
        with Fleet(ground, sizes, name, options) as fleet:
            fleet.connect()
            shares[name] = share(fleet, ground.sizes.idle_seconds, name)
    more = shares["sampled"] - shares["plain"]
    lines = [["without", f"{shares['plain']:.2%}"], ["with `--container-metrics`", f"{shares['sampled']:.2%}"]]
    about = f"""{containers:,} running containers on {HOSTS} simulated engines, where nothing else happens; {ground.sizes.idle_seconds} s. The server's own time on processors: what
an engine needs to look at a container is not in it."""
    aim = Aim(f"{containers:,} containers sampled", f"< {USAGE_AIM:.0%} of a core", f"{more:.2%}", more < USAGE_AIM)
    return Section(USAGE_TITLE, about, ["server", "processor %"], lines, [aim])


def share(fleet: Fleet, seconds: int, name: str) -> float:
    say(f"containers {name}", 0, seconds)
    time.sleep(2)  # what the start has left to do
    begun, before = time.monotonic(), fleet.server.process.processor_seconds()
    time.sleep(seconds)
    say(f"containers {name}", seconds, seconds)
    return (fleet.server.process.processor_seconds() - before) / (time.monotonic() - begun)


class Taker(BaseHTTPRequestHandler):
    """Takes what it is sent and keeps nothing."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def collector() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
