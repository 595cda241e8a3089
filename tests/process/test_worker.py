"""The worker as a process: it waits for its server, drains on a signal, survives outages and knows its own health."""

import json
import signal
import socket
import sys
from pathlib import Path

import pytest

from support import DevServer, program, starter, worker
from support import on_exercise as exercise

WORKER = (sys.executable, "-m", "worker")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("activity", ["slow:3", "plain:3"])
def test_a_signal_drains_what_is_in_flight(here: Path, server: DevServer, number: signal.Signals, activity: str) -> None:
    queue = f"drain-{number.name}-{activity}"
    environment = exercise({**server.environment, "TEMPORAL_TASK_QUEUE": queue})
    with worker(here, environment) as draining:
        starter(here, environment, "--what", activity, "--workflow-id", queue, "--no-wait")
        draining.says("in flight attempt|in flight workflow_type")
        draining.signal(number)
        assert draining.ends() == 0
        assert f"{number.name}: draining, 1 activities in flight, 20 s at most" in draining.output
        assert draining.output.rstrip().endswith("Drained")
    with worker(here, environment) as next_worker:
        assert starter(here, environment, "--what", activity, "--workflow-id", queue).returncode == 0
        assert "in flight" not in next_worker.output  # the first attempt was the only one


def test_what_outlasts_the_grace_is_cut_short_and_tried_again(here: Path, server: DevServer) -> None:
    environment = exercise({**server.environment, "TEMPORAL_TASK_QUEUE": "short-grace", "WORKER_GRACE_SECONDS": "1"})
    with worker(here, environment) as cut:
        starter(here, environment, "--what", "slow:4", "--workflow-id", "cut", "--no-wait")
        cut.says("in flight workflow_type")
        cut.signal(signal.SIGTERM)
        assert cut.ends() == 1
        assert "1 activities were cut short by the grace; the server has them tried again" in cut.output
    with worker(here, environment):
        assert starter(here, environment, "--what", "slow:4", "--workflow-id", "cut").stdout == "Result: slow 4\n"


def test_a_thread_that_does_not_end_does_not_hold_the_worker(here: Path, server: DevServer) -> None:
    environment = exercise({**server.environment, "TEMPORAL_TASK_QUEUE": "stubborn", "WORKER_GRACE_SECONDS": "0"})
    with worker(here, environment) as held:
        starter(here, environment, "--what", "plain:50", "--no-wait")
        held.says("in flight workflow_type")
        held.signal(signal.SIGTERM)
        assert held.ends(30) == 1
        assert "activities did not end; left to the server's timeouts" in held.output


@pytest.mark.parametrize(("slots", "kind", "code"), [("1", "slow", 4), ("2", "slow", 0), ("1", "plain", 4), ("2", "plain", 0)])
def test_as_many_activities_at_once_as_slots(here: Path, server: DevServer, slots: str, kind: str, code: int) -> None:
    queue = f"slots-{slots}-{kind}"
    environment = exercise({**server.environment, "TEMPORAL_TASK_QUEUE": queue, "WORKER_ACTIVITY_SLOTS": slots})
    with worker(here, environment) as working:
        starter(here, environment, "--what", f"{kind}:12", "--no-wait")
        working.says("in flight workflow_type")
        assert starter(here, environment, "--what", f"{kind}:0", "--timeout", "4").returncode == code


def test_a_second_signal_leaves_at_once(here: Path, server: DevServer) -> None:
    environment = exercise({**server.environment, "TEMPORAL_TASK_QUEUE": "impatient"})
    with worker(here, environment) as leaving:
        starter(here, environment, "--what", "slow:50", "--no-wait")
        leaving.says("in flight workflow_type")
        leaving.signal(signal.SIGINT)
        leaving.says("draining")
        leaving.signal(signal.SIGINT)
        assert leaving.ends(10) == 130


def test_it_waits_for_a_server_that_comes_up_later(here: Path, own_server: DevServer) -> None:
    with program(*WORKER, environment=own_server.environment, cwd=here) as waiting:
        waiting.says("Waiting for the server, 120 s more at most. .*nothing listens there")
        own_server.start()
        waiting.says("worker.health: Healthy")


def test_stopped_while_it_waits_it_ends_at_once_with_0(here: Path) -> None:
    with program(*WORKER, environment={"TEMPORAL_ADDRESS": "127.0.0.1:1"}, cwd=here) as waiting:
        waiting.says("Waiting for the server")
        waiting.signal(signal.SIGTERM)
        assert waiting.ends(10) == 0
        assert "nothing to drain" in waiting.output


def test_a_server_that_stays_silent_counts_as_absent(here: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        environment = {"TEMPORAL_ADDRESS": address, "WORKER_CONNECT_SECONDS": "1"}
        with program(*WORKER, environment=environment, cwd=here) as waiting:
            assert waiting.ends() == 3
            assert (
                f"ERROR   worker: {address}: no answer within 5 s; it is not reachable or hangs. Gave up after 1 s"
                in waiting.output
            )


def test_a_missing_namespace_ends_it_at_once(here: Path, server: DevServer) -> None:
    with program(*WORKER, environment={**server.environment, "TEMPORAL_NAMESPACE": "nowhere"}, cwd=here) as ending:
        assert ending.ends(20) == 2
        words = f"ERROR   worker: {server.address}: there is no namespace 'nowhere'; check TEMPORAL_NAMESPACE, or create it\n"
        assert ending.output.endswith(words)
        assert ending.output.count("\n") == 1


@pytest.mark.parametrize(("module", "part"), [("worker", "hosted"), ("starter", "command")])
def test_an_application_that_is_not_there_is_said(here: Path, module: str, part: str) -> None:
    (here / "greeting").mkdir()
    (here / "greeting" / "__init__.py").touch()
    with program(sys.executable, "-m", module, environment={"PYTHONPATH": str(here)}, cwd=here) as ending:
        assert ending.ends(20) == 2
    assert ending.output == f"application: services/application.py names 'greeting': no services/greeting/{part}.py is there\n"


def test_bad_settings_are_told_all_at_once(here: Path) -> None:
    environment = {"TEMPORAL_ADDRESS": "http://x:1", "LOG_LEVEL": "loud", "WORKER_GRACE_SECONDS": "long"}
    with program(*WORKER, environment=environment, cwd=here) as ending:
        assert ending.ends(20) == 2
    assert ending.output.count("\n") == 3
    assert all(name in ending.output for name in environment)


def test_json_logs_carry_the_ids_and_the_core_joins_in(here: Path, own_server: DevServer) -> None:
    own_server.start()
    environment = exercise({**own_server.environment, "LOG_FORMAT": "json"})
    with program(*WORKER, environment=environment, cwd=here) as logging:
        logging.says('"message": "Healthy"')
        starter(here, environment, "--what", "slow:0.0625", "--workflow-id", "logged")
        logging.says("in flight")
        own_server.kill()
        logging.says("temporalio.core")
        events = [json.loads(line) for line in logging.output.splitlines()]
    (told,) = (event for event in events if event["message"] == "in flight")
    assert (told["workflow_id"], told["activity_type"], told["attempt"]) == ("logged", "slow", 1)
    assert told["run_id"]
    assert "0.0625" not in logging.output  # what users send does not belong in logs
