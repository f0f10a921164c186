"""Load from `wrk`, which creates enough of it on one core. Python could not."""

import json
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass
class Load:
    """Rates and latencies. All latencies are kept, in microseconds with their counts, so that slices can be added up."""

    rates: list[float] = field(default_factory=list)
    latencies: Counter[int] = field(default_factory=Counter)

    def add(self, other: "Load") -> None:
        self.rates += other.rates
        self.latencies += other.latencies

    def quantile(self, part: float) -> float:
        """In seconds."""
        left = part * self.latencies.total()
        for latency in sorted(self.latencies):
            left -= self.latencies[latency]
            if left <= 0:
                return latency / 1e6
        raise ValueError("no request got a response")


def load(address: tuple[str, int], paths: list[str], seconds: int, clients: int = 8, token: str | None = None) -> Load:
    with paths_file(paths) as file:
        return finish(start(address, file.name, seconds, clients, 0, token), seconds)


class Paced:
    """One client in the background that waits for `pause` milliseconds between its requests."""

    def __init__(self, address: tuple[str, int], path: str, seconds: int, pause: int):
        self.file = paths_file([path])
        self.seconds = seconds
        self.process = start(address, self.file.name, seconds, 1, pause)

    def finish(self) -> Load:
        with self.file:
            return finish(self.process, self.seconds)


def paths_file(paths: list[str]) -> IO[str]:
    file = NamedTemporaryFile("w", prefix="berth-bench-paths.")
    file.write("".join(f"{path}\n" for path in paths))
    file.flush()
    return file


def start(address: tuple[str, int], file: str, seconds: int, clients: int, pause: int, token: str | None = None) -> subprocess.Popen:
    command = ["wrk", "--latency", "--timeout", "30s", "-t1", f"-c{clients}", f"-d{seconds}s", "-s", str(SCRIPT)]
    command += ["-H", f"Authorization: Bearer {token}"] if token else []
    command += [f"http://{address[0]}:{address[1]}/", "--", file, str(pause)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process: subprocess.Popen, seconds: int) -> Load:
    try:
        output = process.communicate(timeout=seconds + 30)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        raise RuntimeError("wrk did not end") from None
    if process.returncode != 0 or "FIGURES " not in output:
        raise RuntimeError(f"wrk ended with {process.returncode}: {output[-500:]}")
    figures = json.loads(output.split("FIGURES ", 1)[1])
    if figures["failed"]:
        raise RuntimeError(f"{figures['failed']} of {figures['requests']} requests failed: {process.args}")
    return Load([figures["requests"] / (figures["microseconds"] / 1e6)], Counter(dict(figures["latencies"])))
