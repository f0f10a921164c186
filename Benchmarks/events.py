"""The engine's own events, which say when something happened by its clock."""

import json
import socket
import threading

from connection import prepared

PATH = "/events?filters=%7B%22type%22%3A%5B%22container%22%5D%2C%22event%22%3A%5B%22die%22%5D%7D"


class EngineEvents:
    """Follows the ends of containers on a thread of its own."""

    def __init__(self, path: str):
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.connect(path)
        self.stream.sendall(prepared("GET", PATH))
        self.died: dict[str, float] = {}
        self.changed = threading.Condition()
        threading.Thread(target=self.follow, daemon=True).start()

    def follow(self) -> None:
        with self.stream.makefile("rb") as lines:
            for line in lines:  # besides the events there are the head and the sizes of the chunks
                if line.startswith(b"{"):
                    event = json.loads(line)
                    with self.changed:
                        self.died[event["Actor"]["Attributes"]["name"]] = event["timeNano"] / 1e9
                        self.changed.notify_all()

    def died_at(self, container: str) -> float:
        """Seconds since 1970."""
        with self.changed:
            if not self.changed.wait_for(lambda: container in self.died, 10):
                raise RuntimeError(f"the engine said nothing of the end of {container}")
            return self.died[container]

    def close(self) -> None:
        self.stream.shutdown(socket.SHUT_RDWR)
        self.stream.close()
