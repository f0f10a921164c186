"""Runs in the virtual environment with docker-py. Each line of standard input is a request, as JSON."""

import json
import sys

import docker


def main(endpoint: str) -> None:
    client = docker.DockerClient(base_url=endpoint, timeout=60)
    respond({"version": docker.__version__})
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "run":
            container = client.containers.run(request["image"], request["command"], detach=True, labels=request["labels"])
            respond({"id": container.id})
        else:
            respond({"count": len(client.containers.list(all=True, sparse=True))})


def respond(value: dict) -> None:
    print(json.dumps(value), flush=True)


main(sys.argv[1])
