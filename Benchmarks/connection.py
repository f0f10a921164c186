"""A kept-alive HTTP/1.1 connection. Python's own HTTP client takes longer than some of the measured responses."""

import json
import socket


class RequestFailed(RuntimeError):
    """The response has a status other than 2xx."""


class Connection:
    def __init__(self, address: str | tuple[str, int], token: str | None = None):
        self.address = address
        self.token = token
        self.stream = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.stream.settimeout(60)
        self.stream.connect(address)
        if not isinstance(address, str):
            self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.headers: dict[bytes, bytes] = {}

    def close(self) -> None:
        self.stream.close()

    def get(self, path: str) -> object:
        return self.request("GET", path)

    def request(self, method: str, path: str, body: object = None) -> object:
        """Returns the parsed body of the response, or None if it has no body."""
        response = self.exchange(encode_request(method, path, body, self.token))
        return json.loads(response) if response else None

    def exchange(self, request: bytes) -> bytes:
        self.stream.sendall(request)
        while True:
            head, separator, rest = self.received.partition(b"\r\n\r\n")
            if separator:
                break
            self.receive()
        self.received = rest
        lines = head.split(b"\r\n")
        status = int(lines[0].split(b" ")[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        body = self.body(self.headers, status)
        if not 200 <= status < 300:
            what = request.split(b" HTTP", 1)[0].decode()
            raise RequestFailed(f"{what} at {self.address} returned {status}: {body.decode(errors='replace').strip()}")
        return body

    def layer(self, name: str) -> float:
        """The seconds spent in a layer, according to the Server-Timing header of the last response."""
        for entry in self.headers[b"server-timing"].decode().split(","):
            layer, _, duration = entry.strip().partition(";dur=")
            if layer == name:
                return float(duration) / 1000
        raise RuntimeError(f"the Server-Timing header from {self.address} has no entry {name}")

    def body(self, headers: dict[bytes, bytes], status: int) -> bytes:
        if status in (204, 304):
            return b""
        if headers.get(b"transfer-encoding", b"").lower() != b"chunked":
            return self.take(int(headers[b"content-length"])) if b"content-length" in headers else self.rest()
        chunks = []
        while size := int(self.line().split(b";")[0], 16):
            chunks.append(self.take(size))
            self.line()
        self.line()
        return b"".join(chunks)

    def line(self) -> bytes:
        while b"\r\n" not in self.received:
            self.receive()
        line, _, self.received = self.received.partition(b"\r\n")
        return line

    def take(self, size: int) -> bytes:
        while len(self.received) < size:
            self.receive()
        taken, self.received = self.received[:size], self.received[size:]
        return taken

    def rest(self) -> bytes:
        """All bytes until the server closes the connection."""
        parts = [self.received]
        while more := self.stream.recv(1 << 18):
            parts.append(more)
        self.received = b""
        return b"".join(parts)

    def receive(self) -> None:
        more = self.stream.recv(1 << 18)
        if not more:
            raise ConnectionError(f"{self.address} closed the connection")
        self.received += more


def encode_request(method: str, path: str, body: object = None, token: str | None = None) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n" + (f"Authorization: Bearer {token}\r\n" if token else "")
    if body is None:
        return f"{head}Content-Length: 0\r\n\r\n".encode() if method == "POST" else f"{head}\r\n".encode()
    content = json.dumps(body).encode()
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content
