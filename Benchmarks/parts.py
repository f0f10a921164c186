"""Processes that the benchmark starts and ends: an SSH server, connections through it, and programs of the rows."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


class Parts:
    """All files are in one directory. All methods use the same SSH server, so that none has an advantage."""

    def __init__(self, lab: Path):
        self.lab = lab
        self.engine_socket = os.environ["LAB_ENGINE_SOCKET"]
        self.stack = contextlib.ExitStack()

    def __enter__(self) -> "Parts":
        try:
            self.directory = Path(tempfile.mkdtemp(prefix="berth-bench."))
            self.stack.callback(shutil.rmtree, self.directory, ignore_errors=True)
            self.start_sshd()
            self.plain_config = self.ssh_config("plain")
            self.shared_config = self.ssh_config("shared", f"ControlPath {self.directory}/shared")
            self.start_shared_connection()
            self.start_tunnel()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind and issubclass(kind, Exception):
            for log in self.directory.glob("berth-*.log"):
                print(f"bench: the end of {log.name}:\n{log.read_text()[-1000:]}", file=sys.stderr)
        self.stack.close()

    def start_sshd(self) -> None:
        """Sets DOCKER_HOST in all sessions, because the engine is not at the docker command's default socket.

        Also sets an empty home directory, so that the user's shell start files are not measured.
        """
        directory = str(self.directory / "sshd")
        home = self.directory / "home"
        home.mkdir()
        environment = f"SetEnv=DOCKER_HOST=unix://{self.engine_socket} HOME={home}"
        command = [str(self.lab / "sshd"), "up", directory, environment]
        self.stack.callback(subprocess.run, [str(self.lab / "sshd"), "down", directory], stderr=subprocess.DEVNULL)
        self.ssh_port = output(command).rsplit(":", 1)[1]
        self.ssh_user = os.environ["LAB_SSH_USER"]

    def ssh_config(self, name: str, *lines: str) -> Path:
        path = self.directory / f"{name}.conf"
        own = "".join(f"  {line}\n" for line in lines)
        path.write_text((self.directory / "sshd/ssh_config").read_text() + own)
        return path

    def ssh(self, config: Path, *options: str) -> list[str]:
        return ["ssh", "-F", str(config), "-p", self.ssh_port, *options, f"{self.ssh_user}@127.0.0.1"]

    @property
    def ssh_endpoint(self) -> str:
        return f"ssh://{self.ssh_user}@127.0.0.1:{self.ssh_port}"

    def start_shared_connection(self) -> None:
        """Starts the master connection separately.

        With ControlPersist, the master would keep the output of the first call open, and its caller would wait.
        """
        self.start("shared", self.ssh(self.shared_config, "-N", "-o", "ControlMaster=yes"))
        wait_for("the shared SSH connection", 15, lambda: (self.directory / "shared").exists())

    def start_tunnel(self) -> None:
        self.tunnel_socket = str(self.directory / "tunnel.sock")
        forwarding = f"{self.tunnel_socket}:{self.engine_socket}"
        self.start("tunnel", self.ssh(self.plain_config, "-N", "-o", "ExitOnForwardFailure=yes", "-L", forwarding))
        wait_for("the SSH tunnel", 15, lambda: os.path.exists(self.tunnel_socket))

    def start(self, name: str, command: list[str]) -> subprocess.Popen:
        """Starts a process outside this process group: Ctrl-C reaches only the benchmark, which ends its parts in order."""
        with open(self.directory / f"{name}.log", "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.stack.callback(terminate, process)
        return process

    def start_piped(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> subprocess.Popen:
        """As `start`, with pipes for standard input and output."""
        with open(self.directory / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True
            )
        self.stack.callback(terminate, process)
        return process


def terminate(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(what: str, seconds: float, is_there: Callable[[], bool], pause: float = 0.02) -> None:
    deadline = time.monotonic() + seconds
    while not is_there():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} was not ready within {seconds} s")
        time.sleep(pause)


def output(command: list[str], environment: dict[str, str] | None = None) -> str:
    """Runs a command and returns its standard output. Fails with its standard error."""
    try:
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=50)
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{' '.join(command)} did not end within {error.timeout:.0f} s") from None
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()
