"""The kernel's data about a process: memory, CPU time, child processes."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    def __init__(self, pid: int):
        self.pid = pid
        self.directory = Path(f"/proc/{pid}")

    def resident_bytes(self) -> int:
        for line in (self.directory / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError(f"process {self.pid} has ended")

    def cpu_seconds(self) -> float:
        """The process's own CPU time, without that of its children."""
        fields = (self.directory / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def name(self) -> str:
        return (self.directory / "comm").read_text().strip()

    def descendants(self) -> list["Process"]:
        """All child processes and their children. Processes that end during the search may be missing."""
        found = []
        for listed in self.directory.glob("task/*/children"):
            try:
                pids = listed.read_text().split()
            except OSError:
                continue
            for pid in pids:
                child = Process(int(pid))
                found += [child, *child.descendants()]
        return found
