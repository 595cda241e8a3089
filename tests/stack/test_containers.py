"""The running containers: who they are, what they may do, how they end, how they know their health."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checkout import Stack
from support import EXERCISE, wait_until


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose application is the tests' own, put where a user puts theirs."""
    fresh = Stack(tmp_path_factory.mktemp("containers"), "containers")
    fresh.replace_application(EXERCISE / "greeting")
    try:
        fresh.compose("build", "--quiet")
        fresh.compose("up", "--detach", "--wait", "worker")
        yield fresh
    finally:
        fresh.remove()


def container(stack: Stack, service: str) -> dict[str, Any]:
    (found,) = stack.containers(service)
    return found


@pytest.mark.parametrize(("service", "user"), [("server", 1000), ("worker", 10001), ("starter", 10001)])
def test_a_running_container_may_do_nothing_it_need_not(stack: Stack, service: str, user: int) -> None:
    name = f"{stack.name}-waiting"
    if service == "starter":
        stack.starter("--what", "wait:600", "--workflow-id", "long", "--no-wait")
        stack.compose("run", "--detach", "--name", name, "starter", "--what", "x", "--workflow-id", "long", "--timeout", "0")
        (details,) = json.loads(stack.run("docker", "inspect", name).stdout)
    else:
        details = container(stack, service)
    host = details["HostConfig"]
    assert details["Config"]["User"] == f"{user}:{user}"
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert (host["Memory"] > 0, host["NanoCpus"] > 0, host["PidsLimit"] > 0) == (True, True, True)
    assert host["LogConfig"] == {"Type": "local", "Config": {"max-file": "3", "max-size": "10m"}}
    assert not host["Privileged"]
    assert not [mount for mount in details["Mounts"] if mount["Type"] == "bind"]
    status = dict(
        line.split(":\t", 1)
        for line in Path(f"/proc/{details['State']['Pid']}/status").read_text(encoding="utf-8").splitlines()
    )
    assert status["Uid"].split() == [str(user)] * 4
    assert (int(status["CapEff"], 16), int(status["CapBnd"], 16), status["NoNewPrivs"]) == (0, 0, "1")
    if service == "starter":
        stack.run("docker", "rm", "--force", name)


def test_stop_drains_a_worker_that_is_process_1(stack: Stack) -> None:
    for what, identifier in (("slow:4", "slow"), ("plain:4", "plain")):
        stack.starter("--what", what, "--workflow-id", identifier, "--no-wait")
    wait_until("both are in flight", lambda: log(stack).count("in flight workflow_type") == 2)
    stack.compose("stop", "worker")
    assert container(stack, "worker")["State"]["ExitCode"] == 0
    assert log(stack).rstrip().endswith("Drained")
    stack.compose("up", "--detach", "--wait", "worker")
    in_flight = log(stack).count("in flight workflow_type")
    assert stack.starter("--what", "slow:4", "--workflow-id", "slow")["result"] == "slow 4"
    assert stack.starter("--what", "plain:4", "--workflow-id", "plain")["result"] == "plain 4"
    assert log(stack).count("in flight workflow_type") == in_flight  # no second attempt


def log(stack: Stack) -> str:
    return stack.compose("logs", "--no-log-prefix", "worker").stdout


def test_a_blocked_event_loop_turns_the_container_unhealthy_and_back(stack: Stack) -> None:
    assert stack.health("worker") == "healthy"
    stack.starter("--what", "block:35", "--no-wait")
    wait_until("unhealthy", lambda: stack.health("worker") == "unhealthy", 40)
    wait_until("healthy", lambda: stack.health("worker") == "healthy", 40)


def test_a_lost_server_turns_the_worker_unhealthy_and_back(stack: Stack) -> None:
    stack.compose("stop", "server")
    wait_until("unhealthy", lambda: stack.health("worker") == "unhealthy", 40)
    before = container(stack, "worker")["State"]["StartedAt"]
    stack.compose("start", "server")
    wait_until("healthy", lambda: stack.health("worker") == "healthy")
    assert container(stack, "worker")["State"]["StartedAt"] == before  # it carried on by itself
    assert stack.starter("--what", "count:2")["result"] == [0, 1]


def test_the_containers_grace_follows_the_workers(stack: Stack) -> None:
    for seconds, container_grace in (("20", 30), ("90", 100)):
        found = stack.compose("config", "--format", "json", WORKER_GRACE_SECONDS=seconds).stdout
        period = json.loads(found)["services"]["worker"]["stop_grace_period"]
        assert seconds_of(period) == container_grace


def test_services_start_in_order_come_back_and_end_in_peace(stack: Stack) -> None:
    found = json.loads(stack.compose("config", "--format", "json", WORKER_REPLICAS="3").stdout)["services"]
    assert {found[name]["restart"] for name in ("server", "worker")} == {"unless-stopped"}
    assert found["starter"]["restart"] == "no"
    assert seconds_of(found["server"]["stop_grace_period"]) == 30
    assert found["worker"]["scale"] == 3
    assert found["worker"]["depends_on"]["server"]["condition"] == "service_healthy"
    assert found["starter"]["depends_on"]["worker"]["condition"] == "service_healthy"


def seconds_of(duration: str) -> float:
    return sum(float(number) * {"h": 3600, "m": 60, "s": 1}[unit] for number, unit in re.findall(r"([\d.]+)([hms])", duration))


def test_the_image_holds_byte_code_and_no_build_tools(stack: Stack) -> None:
    def inside(command: str) -> subprocess.CompletedProcess[str]:
        return stack.compose("run", "--rm", "--no-deps", "--entrypoint", "/bin/sh", "worker", "-c", command, check=False)

    for compiled in (
        "greeting/__pycache__/hosted.*.pyc",
        "/venv/lib/python3*/site-packages/temporalio/__pycache__/service.*.pyc",
    ):
        assert inside(f"ls {compiled}").stdout
    for tool in ("gcc", "cc", "make", "uv"):
        assert inside(f"command -v {tool} || echo none").stdout == "none\n"
    for leftover in ("embedded", "Dockerfile", "shrink.py", "/venv/bin/pip"):
        assert inside(f"ls -d {leftover} 2>&1 || echo none").stdout.endswith("none\n")
    # Of what is installed: text for tracebacks, and nothing for compilers, type checkers and debuggers.
    assert inside("ls /venv/lib/python3*/site-packages/temporalio/service.py").stdout
    assert not inside("find /venv -name '*.rs' -o -name '*.pyi' -o -name '*_pb2.py'").stdout
    tables_of_sections = inside("for file in $(find /venv -name '*.so*'); do od -An -j40 -N8 -tu8 $file; done").stdout
    assert set(tables_of_sections.split()) == {"0"}
    assert "Read-only file system" in inside("touch /app/x").stderr
