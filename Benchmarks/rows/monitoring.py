"""The cost of monitoring: requests with and without metrics and traces, and sampling of containers."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median

from context import Context
from figures import ratio, ratio_text
from fleet import Fleet
from report import Target, Section
from rounds import progress, turns
from rows.healthz import HEAD, line
from wrk import Load, load

TITLE = "What measuring costs"
USAGE_TITLE = "What it costs to sample containers"
CLIENTS = 8
TARGET = 0.97
MORE_TURNS = 4
"""Differences of a few per cent need more and shorter turns than other rows."""

SECONDS = 1
HOSTS = 10
USAGE_TARGET = 0.05


def measure(context: Context) -> list[Section]:
    return [requests(context), usage(context)]


def requests(context: Context) -> Section:
    with collector() as endpoint:
        servers = {
            "off": context.server("unmeasured", options=["--no-metrics"]).start_connected(),
            "on": context.server("measured").start_connected(),
            "traced": context.server("traced", options=["--otlp-endpoint", endpoint]).start_connected(),
        }
        loads = {name: Load() for name in servers}
        spent = dict.fromkeys(servers, 0.0)
        for counts, name in turns("measuring", list(servers), context.sizes.slices * MORE_TURNS):
            before = servers[name].process.cpu_seconds()
            slice = load(servers[name].address, ["/healthz"], SECONDS, CLIENTS)
            if counts:
                loads[name].add(slice)
                spent[name] += servers[name].process.cpu_seconds() - before
        for server in servers.values():
            server.stop()
    names = {"off": "`--no-metrics`", "on": "default settings", "traced": "with `--otlp-endpoint`"}
    base = loads["off"].rates
    each = {name: spent[name] / (sum(one.rates) * SECONDS) for name, one in loads.items()}
    lines = [
        [names[name], *line(one), ratio_text(one.rates, base), f"{each[name] * 1e6:.1f}", f"{each[name] / each['off']:.2f}"]
        for name, one in loads.items()
    ]
    about = f"""`GET /healthz`, the cheapest request, from `wrk` on {CLIENTS} connections, alternating every {SECONDS} s. The collector of traces is a thread of this
benchmark, which uses the same cores."""
    target = Target(
        "requests with metrics",
        f"≥ {TARGET} × the rate without",
        f"{ratio_text(loads['on'].rates, base)} × ({median(loads['on'].rates):,.0f}/s)",
        ratio(loads["on"].rates, base) >= TARGET,
    )
    return Section(TITLE, about, ["server", *HEAD, "rate × without", "CPU µs per request", "× without"], lines, [target])


def usage(context: Context) -> Section:
    containers = context.sizes.listed
    sizes = replace(context.sizes, hosts=HOSTS, containers_per_host=containers // HOSTS, events_per_second=0)
    shares = {}
    for name, options in (("plain", []), ("sampled", ["--container-metrics"])):
        with Fleet(context, sizes, name, options) as fleet:
            fleet.connect()
            shares[name] = share(fleet, context.sizes.idle_seconds, name)
    more = shares["sampled"] - shares["plain"]
    lines = [["without", f"{shares['plain']:.2%}"], ["with `--container-metrics`", f"{shares['sampled']:.2%}"]]
    about = f"""{containers:,} running containers on {HOSTS} simulated engines without changes, for {context.sizes.idle_seconds} s. The CPU time is that of the server, without the time that
real engines need to sample a container."""
    target = Target(f"{containers:,} containers sampled", f"< {USAGE_TARGET:.0%} of a core", f"{more:.2%}", more < USAGE_TARGET)
    return Section(USAGE_TITLE, about, ["server", "CPU %"], lines, [target])


def share(fleet: Fleet, seconds: int, name: str) -> float:
    progress(f"containers {name}", 0, seconds)
    time.sleep(2)  # until the work of the start is done
    begun, before = time.monotonic(), fleet.server.process.cpu_seconds()
    time.sleep(seconds)
    progress(f"containers {name}", seconds, seconds)
    return (fleet.server.process.cpu_seconds() - before) / (time.monotonic() - begun)


class DiscardingHandler(BaseHTTPRequestHandler):
    """Accepts all spans and discards them."""

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
    server = ThreadingHTTPServer(("127.0.0.1", 0), DiscardingHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
