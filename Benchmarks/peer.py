"""docker-py, the library that people script with: in a process of its own, which keeps its SSH connection."""

import json
import os
from pathlib import Path

from parts import Parts

WORKER = Path(__file__).with_name("docker_py_worker.py")


class DockerPy:
    """The packages are in a virtual environment of its own, so that the benchmark itself needs none."""

    def __init__(self, parts: Parts, python: Path):
        if not os.access(python, os.X_OK):
            raise RuntimeError(f"there is no {python} with docker-py: Benchmarks/setup makes it")
        environment = os.environ | {"HOME": str(self.home(parts)), "SSH_AUTH_SOCK": ""}
        self.process = parts.start_piped("docker-py", [str(python), str(WORKER), parts.ssh_endpoint], environment)
        self.version = self.answer()["version"]

    @staticmethod
    def home(parts: Parts) -> Path:
        """paramiko reads the user's own SSH files and nothing else."""
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

    def ask(self, order: dict) -> dict:
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("docker-py ended; its last words are in docker-py.log")
        return json.loads(line)
