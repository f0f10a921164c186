"""The engine's own events, with times by the engine's clock."""

import json
import socket
import threading

from connection import encode_request

PATH = "/events?filters=%7B%22type%22%3A%5B%22container%22%5D%2C%22event%22%3A%5B%22die%22%5D%7D"


class EngineEvents:
    """Reads the ends of containers on a separate thread."""

    def __init__(self, path: str):
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.connect(path)
        self.stream.sendall(encode_request("GET", PATH))
        self.died: dict[str, float] = {}
        self.changed = threading.Condition()
        threading.Thread(target=self.follow, daemon=True).start()

    def follow(self) -> None:
        with self.stream.makefile("rb") as lines:
            for line in lines:  # other lines are the head and the sizes of the chunks
                if line.startswith(b"{"):
                    event = json.loads(line)
                    with self.changed:
                        self.died[event["Actor"]["Attributes"]["name"]] = event["timeNano"] / 1e9
                        self.changed.notify_all()

    def died_at(self, container: str) -> float:
        """When the container ended, in seconds since 1970. Waits for the event for up to 10 s."""
        with self.changed:
            if not self.changed.wait_for(lambda: container in self.died, 10):
                raise RuntimeError(f"the engine did not report the end of {container}")
            return self.died[container]

    def close(self) -> None:
        self.stream.shutdown(socket.SHUT_RDWR)
        self.stream.close()
