"""Generates a client from a server's OpenAPI document. With it, defines an app, runs it to its end, and deletes it.

Usage: use_client.py URL TOKEN APP IMAGE
"""

import json
import pathlib
import subprocess
import sys
import tempfile


def main(url, token, app, image):
    with tempfile.TemporaryDirectory() as directory:
        generate(url, pathlib.Path(directory))
        sys.path.insert(0, directory)
        use(url, token, app, image)


def generate(url, directory):
    config = directory / "config.json"
    config.write_text(json.dumps({
        "package_name_override": "berth_client", "post_hooks": [],
        # The generator does not know NDJSON.
        "content_type_overrides": {"application/x-ndjson": "application/octet-stream"},
    }))
    generator = pathlib.Path(sys.executable).with_name("openapi-python-client")
    result = subprocess.run(
        [
            generator, "generate", "--url", f"{url}/openapi.json", "--output-path", directory / "berth_client",
            "--meta", "none", "--config", config, "--fail-on-warning",
        ]
    )
    if result.returncode != 0:
        sys.exit("use_client.py: no client could be generated without warnings, see the lines above")


def use(url, token, app, image):
    from berth_client import AuthenticatedClient
    from berth_client.api.apps import create_app, delete_app, get_app
    from berth_client.api.runs import get_run, read_run_logs, start_runs, wait_for_run
    from berth_client.models import AppDefinition, Problem, RunState, RunStatus

    client = AuthenticatedClient(base_url=url, token=token, timeout=60, raise_on_unexpected_status=True)
    command = ["sh", "-c", "echo hello; sleep 1; echo goodbye; exit 7"]
    defined = create_app.sync(client=client, body=AppDefinition(name=app, image=image, command=command))
    check("the app", (defined.name, defined.command, defined.release), (app, command, 1))

    started = start_runs.sync(app, client=client)
    check("the number of runs", len(started.items), 1)
    # The client reads text; the response ends with the run.
    log = read_run_logs.sync_detailed(started.items[0].name, client=client, follow=True)
    check("the log", log.content.decode(), "hello\ngoodbye\n")
    run = wait_for_run.sync(started.items[0].name, client=client, timeout=50)
    check("the end", (run.state, run.status, run.exit_code), (RunState.EXITED, RunStatus.F, 7))
    # Its other times may still become more exact.
    check("the same run", get_run.sync(run.name, client=client).container_id, run.container_id)

    deleted = delete_app.sync_detailed(app, client=client)
    check("the deletion", deleted.status_code, 204)
    problem = get_app.sync(app, client=client)
    check("the type after it", type(problem), Problem)
    check("the code after it", problem.code, "app_not_found")


def check(what, found, expected):
    if found != expected:
        sys.exit(f"use_client.py: {what} is {found}, not {expected}")


main(*sys.argv[1:])
