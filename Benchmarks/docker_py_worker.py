"""What runs in the virtual environment: does with docker-py what each line of standard input asks for."""

import json
import sys

import docker


def main(endpoint: str) -> None:
    client = docker.DockerClient(base_url=endpoint, timeout=60)
    answer({"version": docker.__version__})
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "run":
            container = client.containers.run(order["image"], order["command"], detach=True, labels=order["labels"])
            answer({"id": container.id})
        else:
            answer({"count": len(client.containers.list(all=True, sparse=True))})


def answer(value: dict) -> None:
    print(json.dumps(value), flush=True)


main(sys.argv[1])
