"""docker-py, Docker's Python library, in a separate process that keeps its SSH connection."""

import json
import os
from pathlib import Path

from parts import Parts

WORKER = Path(__file__).with_name("docker_py_worker.py")


class DockerPy:
    """The process runs in a virtual environment, so the benchmark itself needs no packages."""

    def __init__(self, parts: Parts, python: Path):
        if not os.access(python, os.X_OK):
            raise RuntimeError(f"there is no program {python}: run Benchmarks/setup")
        environment = os.environ | {"HOME": str(self.home(parts)), "SSH_AUTH_SOCK": ""}
        self.process = parts.start_piped("docker-py", [str(python), str(WORKER), parts.ssh_endpoint], environment)
        self.version = self.response()["version"]

    @staticmethod
    def home(parts: Parts) -> Path:
        """A home directory with the SSH files, because paramiko reads only the user's own files."""
        home = parts.directory / "docker-py-home"
        (home / ".ssh").mkdir(parents=True)
        (home / ".ssh/config").write_text(parts.plain_config.read_text())
        (home / ".ssh/known_hosts").write_text((parts.directory / "sshd/known_hosts").read_text())
        return home

    def run(self, image: str, command: list[str], labels: dict[str, str]) -> str:
        return self.ask({"do": "run", "image": image, "command": command, "labels": labels})["id"]

    def count(self) -> int:
        """Lists all containers."""
        return self.ask({"do": "list"})["count"]

    def ask(self, request: dict) -> dict:
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        return self.response()

    def response(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the process with docker-py ended; see docker-py.log")
        return json.loads(line)
