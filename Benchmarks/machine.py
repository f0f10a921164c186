"""The machine and the versions of the programs that were measured."""

import argparse
import os
import platform
import re
import subprocess
from pathlib import Path

from connection import Connection
from parts import Parts, output


def describe(parts: Parts, options: argparse.Namespace) -> dict[str, str]:
    engine = Connection(parts.engine_socket)
    version, info = engine.get("/version"), engine.get("/info")
    there = output([*parts.ssh(parts.plain_config), "docker", "version", "--format", "{{.Client.Version}}"])
    here = output(["docker", "version", "--format", "{{.Client.Version}}"], dict(os.environ, DOCKER_HOST=f"unix://{parts.engine_socket}"))
    facts = {
        "Processor": processor(),
        "Cores": str(os.cpu_count()),
        "Memory": f"{memory_bytes() / 2**30:.0f} GiB",
        "Kernel": f"{platform.system()} {platform.release()}",
        "Docker Engine": f"{version['Version']}, API {version['ApiVersion']}, {info['Driver']}",
        "docker command": here if here == there else f"{here}, on the host {there}",
        "SSH": subprocess.run(["ssh", "-V"], capture_output=True, text=True).stderr.split(",")[0].strip(),
        "Berth": f"{output([str(options.berth), '--version'])}, {options.build} build",
        "Load by": subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout.split(" Copyright")[0],
        "docker-py": docker_py(options.python),
    }
    engine.close()
    return facts


def docker_py(python: Path) -> str:
    if not os.access(python, os.X_OK):
        return "none"
    return output([str(python), "-c", "import docker, paramiko; print(docker.__version__ + ', paramiko ' + paramiko.__version__)"])


def build_of(berth: Path) -> str:
    """Derived from the build directory, because the program does not report it."""
    directory = berth.resolve().parent.name
    return directory if directory in ("debug", "release") else "unknown"


def short_name(facts: dict[str, str]) -> str:
    name = re.sub(r"\(.*?\)|@.*|\b(CPU|Processor|Intel|AMD|\d+-Core)\b", " ", facts["Processor"])
    return f"{name} {facts['Cores']} cores"


def processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return re.sub(r"\s+", " ", found[1]) if found else platform.machine()


def memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
