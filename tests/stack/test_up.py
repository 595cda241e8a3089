"""`make up` and what follows it, on a real engine, as a new user would."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checkout import Stack
from support import session, wait_until


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that `make up` brought up."""
    fresh = Stack(tmp_path_factory.mktemp("up"), "up")
    try:
        fresh.run("make", "up")
        yield fresh
    finally:
        fresh.remove()


def test_hello_in_a_fresh_clone_starts_all_and_clean_leaves_nothing(tmp_path: Path) -> None:
    fresh = Stack(tmp_path, "cold")
    try:
        assert fresh.run("make", "hello", "NAME=Ada").stdout == "Result: Hello, Ada!\n"
        fresh.run("make", "clean", input="yes\n")
        of_project = f"label=com.docker.compose.project={fresh.name}"
        for kind in (("ps", "--all"), ("volume", "ls"), ("network", "ls"), ("image", "ls")):
            assert not fresh.run("docker", *kind, "--quiet", "--filter", of_project).stdout
    finally:
        fresh.remove()


def identity(stack: Stack) -> list[tuple[str, str, str]]:
    """Return what changes when a container is rebuilt, recreated or restarted."""
    found = stack.containers("server") + stack.containers("worker")
    return [(one["Id"], one["Image"], one["State"]["StartedAt"]) for one in found]


def test_up_ends_with_the_result_the_web_ui_and_what_is_next_and_so_it_does_again(stack: Stack) -> None:
    before = identity(stack)
    runs = set()
    for _ in range(2):
        done, events = up(stack)
        lines = done.stdout.splitlines()
        assert lines[0] == "Result: Hello, Temporal!"
        assert lines[-2] == f"Web UI  http://localhost:{stack.ui_port}"
        assert lines[-1].startswith("Next    make hello NAME=Ada")
        assert len(lines + done.stderr.splitlines()) < 12
        runs.update(re.findall(r"starter: Run (.*)", done.stderr))
        assert events == ["create starter", "die starter"]  # no check of the settings for a worker that stays
    assert len(runs) == 2
    assert identity(stack) == before  # nothing was rebuilt or restarted


def up(stack: Stack, **environment: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Return what `make up` did, and the containers that were made and that ended, by service."""
    of_project = f"label=com.docker.compose.project={stack.name}"
    line = '{{.Action}} {{index .Actor.Attributes "com.docker.compose.service"}}'
    kinds = [f"--filter=event={kind}" for kind in ("create", "die", "destroy")]
    stream = stack.begin("docker", "events", "--filter", of_project, *kinds, "--format", line)
    try:
        done = stack.run("make", "up", check=False, **environment)
        if not done.returncode:
            stream.says("destroy starter")
        return done, re.findall(r"^((?:create|die) .*)$", stream.output, re.MULTILINE)
    finally:
        stream.kill()


def changed_setting(stack: Stack) -> None:
    stack.set(LOG_LEVEL="WARNING")


def changed_code(stack: Stack) -> None:
    with (stack.path / "services" / "greeting" / "activities.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")


def changed_compose_file(stack: Stack) -> None:
    file = stack.path / "compose" / "server-dev.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("pids_limit: 200", "pids_limit: 201"), encoding="utf-8")


def stopped_worker(stack: Stack) -> None:
    stack.compose("stop", "worker")


def stopped_server(stack: Stack) -> None:
    stack.compose("stop", "server")


def removed_worker(stack: Stack) -> None:
    stack.compose("rm", "--stop", "--force", "worker")


def other_replicas(stack: Stack) -> None:
    stack.compose("up", "--detach", "--wait", "--scale", "worker=2", "worker")
    stack.compose("stop", "--timeout", "1", "worker")
    stack.run("docker", "start", f"{stack.name}-worker-1")


def an_orphan(stack: Stack) -> None:
    (stack.path / "orphan.yml").write_text("services: {orphan: {image: temporalio/temporal:1.9.1, command: server}}\n")
    stack.compose("up", "--no-start", "orphan", COMPOSE_FILE="docker-compose.yml:orphan.yml")


@pytest.mark.parametrize(
    "disturb",
    [
        changed_setting,
        changed_code,
        changed_compose_file,
        stopped_worker,
        stopped_server,
        removed_worker,
        other_replicas,
        an_orphan,
    ],
)
def test_up_checks_and_mends_what_is_not_as_it_should_be(stack: Stack, disturb: Callable[[Stack], None]) -> None:
    disturb(stack)
    done, events = up(stack)
    assert (done.returncode, events[:2]) == (0, ["create worker", "die worker"])  # the check of the settings
    assert stack.compose("ps", "--all", "--format", "{{.Service}} {{.Health}}").stdout.splitlines() == [
        "server healthy",
        "worker healthy",
    ]
    assert up(stack)[1] == ["create starter", "die starter"]


def test_a_worker_that_is_replaced_with_its_server_drains_first(stack: Stack) -> None:
    for hours in (48, 72):
        done, events = up(stack, SERVER_RETENTION=f"{hours}h")
        assert not done.returncode
        assert events[: events.index("die server")].count("die worker") == 2  # of the check, and the one that was up
    stack.run("make", "up")


@pytest.mark.parametrize(("signal_name", "health"), [("STOP", "unhealthy"), ("", "paused")])
def test_up_does_not_take_a_worker_for_well_that_is_not(stack: Stack, signal_name: str, health: str) -> None:
    worker = f"{stack.name}-worker-1"
    stack.run("docker", *(("kill", "--signal", signal_name) if signal_name else ("pause",)), worker)
    try:
        wait_until(health, lambda: health in str(stack.containers("worker")[0]["State"]))
        done, events = up(stack)
        assert (done.returncode, events) == (2, ["create worker", "die worker"])
        assert "make up: server or worker did not become healthy" in done.stderr
    finally:
        stack.run("docker", *(("kill", "--signal", "CONT") if signal_name else ("unpause",)), worker)
        wait_until("healthy", lambda: stack.containers("worker")[0]["State"]["Health"]["Status"] == "healthy")


def test_a_cold_up_with_settings_that_will_not_do_leaves_nothing_behind(stack: Stack) -> None:
    stack.run("make", "down")
    try:
        done, events = up(stack, LOG_LEVEL="loud")
        assert "settings: LOG_LEVEL is 'loud': it must be one of DEBUG, INFO, WARNING, ERROR\n" in done.stderr
        assert done.returncode
        assert {"create server", "die server"} < set(events)  # it came up meanwhile
        assert stack.containers("server") == stack.containers("worker") == []
    finally:
        stack.run("make", "up")


def test_the_starter_prints_exactly_the_result(stack: Stack) -> None:
    done = stack.compose("run", "--rm", "starter", "--name", "Temporal")
    assert done.stdout == "Result: Hello, Temporal!\n"
    name = 'O\'Brien "$HOME" $(x) `y`'
    assert stack.run("make", "hello", f"NAME={name}").stdout == f"Result: Hello, {name}!\n"


def test_the_link_leads_to_the_run_in_the_web_ui(stack: Stack) -> None:
    run = stack.starter("--name", "Ada")
    found = re.fullmatch(
        rf"http://localhost:{stack.ui_port}(/namespaces/default/workflows/([\w-]+)/([\w-]+))/history", run["url"]
    )
    assert found
    web = http.client.HTTPConnection("127.0.0.1", stack.ui_port, timeout=30)
    web.request("GET", f"{found[1]}/history")
    page = web.getresponse()
    assert (page.status, b"<html" in page.read().lower()) == (200, True)
    web.request("GET", f"/api/v1/namespaces/default/workflows/{found[2]}?execution.runId={found[3]}")
    assert json.loads(web.getresponse().read())["workflowExecutionInfo"]["status"] == "WORKFLOW_EXECUTION_STATUS_COMPLETED"


def test_history_survives_down_restart_and_kill_and_the_starter_starts_from_cold(stack: Stack) -> None:
    once = ("--name", "Ada", "--workflow-id", "kept")
    before = stack.starter(*once)
    assert before["result"] == "Hello, Ada!"
    stack.run("make", "down")
    assert stack.containers("server") == []
    assert stack.starter(*once) == before  # and brought server and worker up
    stack.compose("restart", "server")
    assert stack.starter(*once) == before
    stack.compose("kill", "server")
    stack.compose("up", "--detach", "--wait", "worker")
    assert stack.starter(*once) == before
    stack.run("make", "up")


def test_plain_compose_up_shows_the_result_in_its_log(stack: Stack) -> None:
    stack.run("make", "down")
    up = stack.begin("docker", "compose", "up")
    up.says(r"starter-1 +\| Result: Hello, Temporal!")
    up.says(r"starter-1 exited with code 0")
    up.signal(signal.SIGINT)
    up.ends()
    assert [one["State"]["ExitCode"] for one in stack.containers("worker")] == [0]
    stack.run("make", "up")


def test_four_workers(stack: Stack) -> None:
    stack.compose("up", "--detach", "--wait", "--scale", "worker=4", "worker")
    assert [one["State"]["Health"]["Status"] for one in stack.containers("worker")] == ["healthy"] * 4
    assert stack.starter("--name", "Ada")["result"] == "Hello, Ada!"
    stack.run("make", "up")
    assert len(stack.containers("worker")) == 1


def test_a_second_checkout_beside_it(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> None:
    second = Stack(tmp_path_factory.mktemp("second"), "second")
    try:
        taken = second.run("make", "up", check=False, COMPOSE_PROJECT_NAME=stack.name)
        assert f"make up: the project {stack.name} belongs to the checkout in {stack.path}. Set" in taken.stderr
        busy = second.run("make", "up", check=False, UI_PORT=str(stack.ui_port))
        assert f"make up: port {stack.ui_port} on 127.0.0.1 is taken by another program" in busy.stderr
        assert second.containers("worker") == []
        for target in ("hello", "down", "clean"):
            refused = second.run("make", target, check=False, COMPOSE_PROJECT_NAME=stack.name, YES="1")
            assert f"make {target}: the project {stack.name} belongs to the checkout in {stack.path}. Set" in refused.stderr
        assert stack.health("worker") == "healthy"
        second.run("make", "up")
        second.starter("--name", "Ada", "--workflow-id", "mine")
        assert stack.starter("--name", "Bob", "--workflow-id", "mine")["result"] == "Hello, Bob!"
    finally:
        second.remove()


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"DOCKER_HOST": "unix:///nonexistent"}, "no Docker engine answers. Start it .* or do without: make demo"),
        (
            {"TEMPORAL_SERVER": "cloud"},
            "TEMPORAL_SERVER is 'cloud', and there is no compose/server-cloud.yml. Set it to dev or remote",
        ),
        ({"WORKER_CPUS": "4096"}, r"WORKER_CPUS is 4096 and the engine has \d+. Set WORKER_CPUS=\d+ in .env"),
        ({"SERVER_CPUS": "4096"}, r"SERVER_CPUS is 4096 and the engine has \d+. Set SERVER_CPUS=\d+ in .env"),
        ({"WORKER_GRACE_SECONDS": "long"}, "the settings cannot be used: .*"),
    ],
)
def test_a_check_that_fails_says_so_before_anything_is_done(stack: Stack, environment: dict[str, str], says: str) -> None:
    before = identity(stack)
    done = stack.run("make", "up", check=False, **environment)
    assert re.match(f"make up: {says}\n", done.stderr)
    assert not done.stdout
    assert identity(stack) == before


def test_settings_that_a_worker_could_not_start_with_leave_the_running_one_alone(stack: Stack) -> None:
    before = identity(stack)
    done = stack.run("make", "up", check=False, LOG_LEVEL="loud", LOG_FORMAT="xml", SERVER_RETENTION="24")
    lines = done.stderr.splitlines()
    assert "settings: LOG_LEVEL is 'loud': it must be one of DEBUG, INFO, WARNING, ERROR" in lines
    assert "settings: LOG_FORMAT is 'xml': it must be one of text, json" in lines
    assert any(line.startswith("settings: SERVER_RETENTION is '24': ") for line in lines)
    assert identity(stack) == before


def test_an_interrupted_up_says_how_to_go_on(stack: Stack) -> None:
    up = stack.begin("make", "up")
    wait_until("it is at work", lambda: any("docker compose" in line for line in session(up.process.pid)))
    os.killpg(up.process.pid, signal.SIGINT)
    assert up.ends()
    assert "make up: interrupted. make up goes on with it, make down takes away what was started\n" in up.output
    assert "did not become healthy" not in up.output
    stack.run("make", "up")


def test_a_history_of_another_version_is_refused_in_words(stack: Stack) -> None:
    stack.compose(
        "exec", "server", "sh", "-c", "cd; cp history.db.version v; echo 'temporal version 1.0.0' >history.db.version"
    )
    try:
        stack.compose("restart", "server")
        wait_until("refused", lambda: "was written by temporal version 1.0.0" in stack.compose("logs", "server").stdout)
        done = stack.run("make", "up", check=False)
        assert "start with an empty history: make clean" in done.stderr
    finally:
        stack.compose("down")
        stack.compose("run", "--rm", "--no-deps", "--entrypoint", "/bin/sh", "server", "-c", "cd; mv v history.db.version")
    stack.run("make", "up")


def test_clean_asks_and_takes_no_for_an_answer(stack: Stack) -> None:
    before = identity(stack)
    done = stack.run("make", "clean", input="no\n", check=False)
    assert "ALL HISTORY" in done.stdout
    assert "Nothing was deleted" in done.stdout
    assert identity(stack) == before


def test_the_checkout_may_have_another_name(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(stack.path)
    # As a shell has it after `cd`: the working directory by the name of the link.
    done = stack.run("sh", "-c", f"cd {tmp_path}/link && make hello NAME=Ada")
    assert done.stdout == "Result: Hello, Ada!\n"


def test_ports_are_published_on_loopback_only(stack: Stack) -> None:
    (server,) = stack.containers("server")
    published = [binding["HostIp"] for bindings in server["NetworkSettings"]["Ports"].values() for binding in bindings or []]
    assert published == ["127.0.0.1", "127.0.0.1"]
    with socket.create_connection(("127.0.0.1", stack.port), timeout=10):
        pass
