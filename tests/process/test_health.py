"""The worker's health, as its container's check sees it: it follows the server and the event loop, down and up again."""

import asyncio
import signal
import subprocess
from pathlib import Path

import pytest

from application import hosted
from connection.client import connect
from connection.environment import Environment
from connection.logs import configure
from connection.settings import check
from support import SERVICES, DevServer, starter, wait_until, worker
from support import on_exercise as exercise
from worker.health import report_health
from worker.inflight import InFlight


def healthy(file: Path) -> subprocess.CompletedProcess[str]:
    """Run the container's health check."""
    return subprocess.run([SERVICES / "worker" / "healthy", file], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_it_carries_on_by_itself_when_the_server_was_away(here: Path, own_server: DevServer, how: signal.Signals) -> None:
    own_server.start()
    file = here / "health"
    with worker(here, own_server.environment, "--health-file", str(file)) as lasting:
        wait_until("healthy", lambda: healthy(file).returncode == 0)
        own_server.signal(how)
        lasting.says("Unhealthy: the server does not answer")
        lasting.says("temporalio.core: gRPC call poll_workflow_task_queue retried")
        wait_until("unhealthy", lambda: healthy(file).returncode == 1, 30)
        assert "past the deadline" in healthy(file).stdout
        own_server.start()
        lasting.says("worker.health: Healthy", times=2)
        assert lasting.output.count("poll_workflow_task_queue retried") <= 2  # and not a line a poller and retry
        assert healthy(file).returncode == 0
        assert starter(here, own_server.environment, "--name", "Ada").stdout == "Result: Hello, Ada!\n"


def test_a_blocked_event_loop_is_unhealthy_and_recovers(here: Path, server: DevServer) -> None:
    environment = exercise({**server.environment, "TEMPORAL_TASK_QUEUE": "blocked"})
    file = here / "health"
    with worker(here, environment, "--health-file", str(file)) as blocked:
        starter(here, environment, "--what", "block:25", "--no-wait")
        blocked.says("in flight workflow_type")
        wait_until("unhealthy", lambda: healthy(file).returncode == 1, 30)
        wait_until("healthy again", lambda: healthy(file).returncode == 0, 30)


def test_without_a_report_it_is_not_healthy(here: Path) -> None:
    check = healthy(here / "none")
    assert (check.returncode, check.stdout, check.stderr) == (1, "the worker has not reached its server yet\n", "")


def test_a_health_file_that_cannot_be_written_is_said(here: Path, server: DevServer) -> None:
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": "unwritable"}
    with worker(here, environment, "--health-file", "none/health", polling=False) as unwell:
        unwell.says("Unhealthy: none/health cannot be written: No such file or directory")
        assert starter(here, environment, "--name", "Ada").returncode == 0


async def test_a_worker_that_the_server_sees_no_poll_of_is_not_healthy(here: Path, server: DevServer) -> None:
    settings = check(Environment({**server.environment, "TEMPORAL_TASK_QUEUE": "unpolled"}, {}))
    client = await connect(settings, configure("ERROR", "text"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3):
            await report_health(client, settings, hosted(), InFlight(1), here / "health")
    assert not (here / "health").exists()
