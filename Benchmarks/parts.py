"""What the benchmark starts for itself, and ends: an SSH server, ways through it, and berth serve."""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

from connection import Connection


class Parts:
    """One directory holds all of it. One SSH server serves all contestants, so that none has a faster one."""

    def __init__(self, berth: Path, lab: Path):
        self.berth = berth.absolute()
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
            self.berth_address = self.start_berth("sqlite", f"sqlite:{self.directory}/berth.db")
            self.databases = {"sqlite": self.berth_address} | self.start_on_mariadb()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        log = self.directory / "berth-sqlite.log"
        if kind and issubclass(kind, Exception) and log.exists():
            print(f"bench: the end of berth serve's log:\n{log.read_text()[-2000:]}", file=sys.stderr)
        self.stack.close()

    def start_sshd(self) -> None:
        """Sessions get DOCKER_HOST, as the engine is not where the docker command looks for it.

        And an empty home: what somebody's shell does there at the start of each session is not to be measured.
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

    def start_shared_connection(self) -> None:
        """On its own: one that a call left behind (ControlPersist) keeps that call's output open, and its caller waits."""
        self.start("shared", self.ssh(self.shared_config, "-N", "-o", "ControlMaster=yes"))
        wait_for("the shared SSH connection", 15, lambda: (self.directory / "shared").exists())

    def start_tunnel(self) -> None:
        self.tunnel_socket = str(self.directory / "tunnel.sock")
        forwarding = f"{self.tunnel_socket}:{self.engine_socket}"
        self.start("tunnel", self.ssh(self.plain_config, "-N", "-o", "ExitOnForwardFailure=yes", "-L", forwarding))
        wait_for("the SSH tunnel", 15, lambda: os.path.exists(self.tunnel_socket))

    def start_on_mariadb(self) -> dict[str, tuple[str, int]]:
        """Two that differ in TLS alone; each has a database of its own, which is dropped when it has ended."""
        addresses = {}
        for name, query in (("mariadb", ""), ("mariadb-plain", "?tls=off")):
            database = f"berth_bench_{secrets.token_hex(4)}"
            self.sql(f"CREATE DATABASE {database}")
            self.stack.callback(self.sql, f"DROP DATABASE {database}")
            addresses[name] = self.start_berth(name, f"{os.environ['LAB_MARIADB_URL']}{database}{query}")
        return addresses

    def sql(self, statement: str) -> None:
        url = urllib.parse.urlsplit(os.environ["LAB_MARIADB_URL"])
        environment = os.environ | {"MYSQL_PWD": urllib.parse.unquote(url.password or "")}
        command = ["mariadb", "--no-defaults", f"--host={url.hostname}", f"--port={url.port}", f"--user={url.username}"]
        output([*command, "--execute", statement], environment)

    def start_berth(self, name: str, database: str) -> tuple[str, int]:
        endpoint = f"ssh://{self.ssh_user}@127.0.0.1:{self.ssh_port}{self.engine_socket}"
        command = [str(self.berth), "serve", "--listen", "127.0.0.1:0", "--no-auth", "--log-level", "warning"]
        command += ["--state-dir", str(self.directory / f"state-{name}"), "--database", database]
        command += ["--host", f"lab={endpoint}", "--ssh-config", str(self.plain_config)]
        process = self.start(f"berth-{name}", command)
        log = self.directory / f"berth-{name}.log"
        wait_for("berth serve", 30, lambda: "berth is ready on " in log.read_text() or process.poll() is not None)
        if process.poll() is not None:
            raise RuntimeError(f"berth serve ended: {log.read_text().strip()}")
        port = log.read_text().split("berth is ready on http://127.0.0.1:", 1)[1].split(",")[0]
        address = ("127.0.0.1", int(port))
        connection = Connection(address)
        wait_for("Berth's host", 30, lambda: connection.get("/v1/hosts")["items"][0]["state"] == "connected")
        connection.close()
        return address

    def start(self, name: str, command: list[str]) -> subprocess.Popen:
        """Beside this process's group: Ctrl-C is for the benchmark, which then ends its parts in order."""
        with open(self.directory / f"{name}.log", "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.stack.callback(terminate, process)
        return process


def terminate(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(what: str, seconds: float, is_there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not is_there():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} was not ready within {seconds} s")
        time.sleep(0.02)


def output(command: list[str], environment: dict[str, str] | None = None) -> str:
    """What it printed; an error with what it said where it fails."""
    try:
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=50)
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{' '.join(command)} did not end within {error.timeout:.0f} s") from None
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()
