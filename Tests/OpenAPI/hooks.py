"""Hooks of schemathesis: most requests are about apps and runs that exist, and none waits for long.

The document does not describe which names exist, so that nearly all generated requests would get 404 or 422.
"""

import itertools
import json
import time

import requests
import schemathesis

numbers = itertools.count(1)
session = requests.Session()
defined = set()
sessions = {}  # of commands: the path of the route, and the time and id of the session that its requests use


@schemathesis.hook
def before_call(context, case, kwargs):
    number = next(numbers)
    shorten(case)
    if number % 5:  # every fifth request stays as it was generated
        use_existing_names(case, number)
        correct(case, number)
    if case.method == "DELETE":
        defined.clear()


def shorten(case):
    """The default timeouts are a minute and an hour, a followed response ends with its container, a request may start
    a hundred containers, and the engines of hosts that other requests have added do not exist. A policy would deny what
    other requests need, so that only the default one is sent."""
    if case.operation.path.endswith("/policy") and isinstance(case.body, dict):
        case.body = {}
    case.query.pop("follow", None)
    for values in (case.query, case.body if isinstance(case.body, dict) else {}):
        if str(values.get("host")).startswith(("app-", "other")):
            values["host"] = "local"
    if case.operation.path.endswith("/wait") and str(case.query.get("timeout", 60)).isdigit():
        case.query["timeout"] = 0
    if isinstance(case.body, dict):
        if case.body.get("wait") == "finished":
            case.body["timeout"] = 1
        if isinstance(case.body.get("count"), int):
            case.body["count"] = min(case.body["count"], 2)


def use_existing_names(case, number):
    url = case.operation.schema.get_base_url()
    existing = {
        "app": lambda: existing_app(url, ("web", "job")[number % 2]),
        "run": lambda: existing_run(url, case.operation.path, number),
        "host": lambda: existing_host(url, case),
        "release": lambda: 1,
        "image": lambda: unused_image(url),
        "exec": lambda: existing_session(url, case.operation.path, case.method),
        "secret": lambda: existing_secret(url),
        "server": lambda: existing_registry(url),
        "token": lambda: new_token(url)["id"],
    }
    for name in existing.keys() & case.path_parameters.keys():
        case.path_parameters[name] = existing[name]()


def existing_app(url, name):
    if name not in defined:
        app = {"name": name, "image": "busybox", "command": "sleep 1000", "stop_timeout": 0}
        session.post(f"{url}/v1/apps", json=app)  # 409 if it exists
        defined.add(name)
    return name


def existing_run(url, path, number):
    runs = session.get(f"{url}/v1/runs?limit=4").json()["items"]
    if not runs:
        runs = [session.post(f"{url}/apps/run/{existing_app(url, 'web')}").json()]
    name = runs[number % len(runs)]["name"]
    if path.endswith(("/stats", "/exec")):
        session.post(f"{url}/v1/runs/{name}/start")
    if path.endswith("/unpause"):
        for action in ("start", "pause"):
            session.post(f"{url}/v1/runs/{name}/{action}")
    return name


def existing_session(url, path, method):
    """A session that no other route uses; the output of one that has ended ends as well."""
    made, name = sessions.get(path, (0, ""))
    if method == "DELETE" or time.monotonic() - made > 30:
        run = existing_run(url, "/exec", 0)
        body = {"command": "cat", "interactive": True, "tty": path.endswith("/resize")}
        name = session.post(f"{url}/v1/runs/{run}/exec", json=body).json().get("id", "none")
        if path.endswith("/output"):
            session.post(f"{url}/v1/exec/{name}/input?end=true")
        sessions[path] = (time.monotonic(), name)
    return name


def existing_secret(url):
    for app in ("web", "job"):
        session.put(f"{url}/v1/apps/{existing_app(url, app)}/secrets/A", json={"value": "a"})
    return "A"


def existing_registry(url):
    session.put(f"{url}/v1/registries/registry.example.org", json={"username": "a", "password": "a"})
    return "registry.example.org"


def unused_image(url):
    """An image that no run uses, so that it can be removed."""
    lines = session.post(f"{url}/v1/images/pull", json={"image": "unused", "host": "local"}).text.splitlines()
    return json.loads(lines[-1])["image_id"]


def new_token(url):
    definition = {"name": f"token-{next(numbers)}", "role": "viewer"}
    return session.post(f"{url}/v1/tokens", json=definition).json()


def existing_host(url, case):
    """Only hosts from the API can be changed; the one from the flag must not be drained, since runs are started on it."""
    if case.method == "GET" or case.operation.path.endswith("/trust"):
        return "local"
    session.post(f"{url}/v1/hosts", json={"name": "other", "endpoint": "unix:///nonexistent/docker.sock"})
    return "other"


def correct(case, number):
    """Replaces values for which the server has more rules than the document, so that it reads the other ones too."""
    case.query.pop("cursor", None)
    if "/images" in case.operation.path and "host" in case.query:
        case.query["host"] = "local"
    if case.operation.path == "/v1/audit" and number % 2:  # an export has no pages
        case.headers["Accept"] = "application/x-ndjson"
        case.query.pop("limit", None)
    if "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    if not isinstance(case.body, dict):
        return
    valid = {"name": f"app-{number}", "image": "busybox", "host": "local", "memory_bytes": "64m", "shm_bytes": "1m",
             "working_dir": "/tmp", "user": "1000", "endpoint": "unix:///nonexistent/docker.sock",
             "value": "a", "username": "a", "password": "a"}
    for name in valid.keys() & case.body.keys():
        if isinstance(case.body[name], str):
            case.body[name] = valid[name]
    if isinstance(case.body.get("release"), int):
        case.body["release"] = 1
    if isinstance(case.body.get("apps"), list):
        case.body["apps"] = ["*"]
    if case.operation.path == "/v1/session" and "token" in case.body:
        case.body["token"] = new_token(case.operation.schema.get_base_url())["token"]
    if case.operation.path.endswith("/exec"):
        for name in ("timeout", "stdin") if case.body.get("interactive") is True else ("tty",):
            case.body.pop(name, None)
    health = case.body.get("health")
    if isinstance(health, dict) and not health.keys() & {"command", "http"}:
        health["command"] = "true"
