"""The starter as a process, on a real server: its streams, its exit codes, its words."""

import json
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import DevServer, Program, on_exercise, program, starter, worker


@pytest.fixture(scope="module")
def queue(server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a starter whose task queue the greeting's worker polls."""
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": "greeting"}
    with worker(tmp_path_factory.mktemp("worker"), environment):
        yield environment


@pytest.fixture(scope="module")
def exercise(server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The same with the tests' own application."""
    environment = on_exercise({**server.environment, "TEMPORAL_TASK_QUEUE": "exercise"})
    with worker(tmp_path_factory.mktemp("worker"), environment):
        yield environment


def test_prints_the_result_and_nothing_else_on_standard_output(here: Path, queue: dict[str, str]) -> None:
    done = starter(here, queue, "--name", "Temporal")
    assert (done.returncode, done.stdout) == (0, "Result: Hello, Temporal!\n")
    assert re.search(r"http://localhost:8233/namespaces/default/workflows/say-hello-[\w-]+/[\w-]+/history\n", done.stderr)


@pytest.mark.parametrize(
    "name", ["Ada Lovelace", "李小龍", "🦀🇺🇦", 'O\'Brien "$HOME" `x` \\', "a\nb", " x ", "-x", "--json", "é" * 50_000]
)
def test_any_name_arrives_unharmed(here: Path, queue: dict[str, str], name: str) -> None:
    done = starter(here, {**queue, "PYTHONIOENCODING": "ascii"}, f"--name={name}")
    assert (done.returncode, done.stdout) == (0, f"Result: Hello, {name}!\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--name", ""], "--name is empty; say whom to greet"),
        (["--name", " \t"], "--name is empty; say whom to greet"),
        (["--name", "-x"], "written --name=-value"),
        (["--name", b"\xff"], "is not valid UTF-8"),
        (["--name", "x", "--workflow-id", " "], "--workflow-id"),
        (["--name", "x", "--timeout", "soon"], "--timeout"),
        (["--name", "x", "--timeout", "-1"], "--timeout"),
        (["--name", "x", "--nmae", "y"], "--nmae"),
        (["--name", "x", "--workflow-id", "x" * 2000], "length"),
    ],
)
def test_bad_usage_is_one_line_and_2(here: Path, queue: dict[str, str], arguments: list[str | bytes], says: str) -> None:
    done = starter(here, queue, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_completed_id_gives_its_result_again_and_no_new_run(here: Path, queue: dict[str, str], server: DevServer) -> None:
    first = starter(here, queue, "--name", "Ada", "--workflow-id", "once", "--json")
    second = starter(here, queue, "--name", "Bob", "--workflow-id", "once", "--json")
    one, two = json.loads(first.stdout), json.loads(second.stdout)
    assert (two["result"], two["run_id"]) == ("Hello, Ada!", one["run_id"])
    assert "once is there already" in second.stderr
    assert "once is there already" not in first.stderr


def test_a_running_id_is_attached_to(here: Path, exercise: dict[str, str]) -> None:
    begun = starter(here, exercise, "--what", "wait:1", "--workflow-id", "attach", "--no-wait", "--json")
    assert json.loads(begun.stdout)["status"] == "started"
    done = starter(here, exercise, "--what", "wait:0", "--workflow-id", "attach", "--json")
    assert json.loads(done.stdout)["run_id"] == json.loads(begun.stdout)["run_id"]
    assert json.loads(done.stdout)["result"] == "waited"


def test_a_failed_id_is_started_anew(here: Path, exercise: dict[str, str]) -> None:
    failed = starter(here, exercise, "--what", "fail:no", "--workflow-id", "again", "--json")
    assert json.loads(failed.stdout)["status"] == "failed"
    done = starter(here, exercise, "--what", "count:3", "--workflow-id", "again", "--json")
    assert json.loads(done.stdout)["result"] == [0, 1, 2]
    assert json.loads(done.stdout)["run_id"] != json.loads(failed.stdout)["run_id"]


def test_timeout_0_waits_without_limit(here: Path, exercise: dict[str, str]) -> None:
    assert starter(here, exercise, "--what", "wait:1", "--timeout", "0").stdout == "Result: waited\n"


def test_no_wait_prints_the_id(here: Path, queue: dict[str, str]) -> None:
    done = starter(here, queue, "--name", "x", "--workflow-id", "later", "--no-wait")
    assert (done.returncode, done.stdout) == (0, "Started: later\n")


def test_a_result_that_is_no_text_is_printed_as_json(here: Path, exercise: dict[str, str]) -> None:
    assert starter(here, exercise, "--what", "count:3").stdout == "Result: [0, 1, 2]\n"


def test_a_workflow_that_starts_again_is_followed_to_its_end(here: Path, exercise: dict[str, str]) -> None:
    assert starter(here, exercise, "--what", "again:2").stdout == "Result: null\n"


def test_a_failed_workflow_is_1_with_the_reason(here: Path, exercise: dict[str, str]) -> None:
    done = starter(here, exercise, "--what", "fail:out of greetings")
    assert (done.returncode, done.stdout) == (1, "")
    assert "The workflow failed: Activity task failed: Refusal: out of greetings" in done.stderr


def test_without_a_worker_it_says_so_and_ends_with_4(here: Path, server: DevServer) -> None:
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": "nobody"}
    done = starter(here, environment, "--name", "x", "--timeout", "5", "--workflow-id", "lonely")
    assert (done.returncode, done.stdout) == (4, "")
    assert "No worker polls task queue 'nobody' in namespace 'default'" in done.stderr
    assert "wait for it again: --workflow-id lonely" in done.stderr


def test_a_failing_workflow_task_is_told_with_its_failure(here: Path, exercise: dict[str, str]) -> None:
    done = starter(here, exercise, "--what", "stuck:a bug in the workflow", "--timeout", "8")
    assert done.returncode == 4
    assert re.search(r"The workflow task fails again and again \(attempt \d+\): .*a bug in the workflow", done.stderr)


def test_a_failing_activity_is_told_with_its_failure(here: Path, exercise: dict[str, str]) -> None:
    done = starter(here, exercise, "--what", "flaky:no greeting today", "--timeout", "5")
    assert done.returncode == 4
    assert re.search(r"Activity flaky has failed and is tried again \(attempt \d\): ValueError: no greeting", done.stderr)


def test_a_gone_worker_is_told_by_its_last_poll(here: Path, server: DevServer) -> None:
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": "deserted"}
    with worker(here, environment):
        pass
    done = starter(here, environment, "--name", "x", "--timeout", "5")
    assert re.search(r"No worker has taken the run .* the last poll was \d+ s ago, by \d+@", done.stderr)


@pytest.mark.parametrize("ending", [("terminate", "--reason=enough"), ("delete", "--yes")])
def test_a_run_that_somebody_ends_is_1_and_says_so(here: Path, server: DevServer, ending: tuple[str, str]) -> None:
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": "nobody"}
    command = (sys.executable, "-m", "starter", "--name", "x", "--workflow-id", ending[0])
    with program(*command, environment=environment, cwd=here) as waiting:
        waiting.says("No worker polls")
        server.cli("workflow", *ending, "--workflow-id", ending[0])
        assert waiting.ends() == 1
    # A deletion terminates the run first: which of the two is seen is a matter of moments.
    assert re.search("The workflow failed: |The run is gone", waiting.output)


def test_no_server_is_3_at_once(here: Path) -> None:
    done = starter(here, {"TEMPORAL_ADDRESS": "127.0.0.1:1"}, "--name", "x", "--json")
    assert done.returncode == 3
    assert "127.0.0.1:1: nothing listens there; is the server started?" in done.stderr
    assert json.loads(done.stdout)["status"] == "unreachable"


def test_a_missing_namespace_is_2_and_named(here: Path, server: DevServer) -> None:
    done = starter(here, {**server.environment, "TEMPORAL_NAMESPACE": "nowhere"}, "--name", "x")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no namespace 'nowhere'; check TEMPORAL_NAMESPACE" in done.stderr


def test_a_server_that_goes_away_meanwhile_is_3_and_the_run_is_kept(here: Path, own_server: DevServer) -> None:
    own_server.start()
    environment = {**own_server.environment, "TEMPORAL_TASK_QUEUE": "later"}
    command = (sys.executable, "-m", "starter", "--name", "Ada", "--workflow-id", "kept", "--timeout", "25")
    with program(*command, environment=environment, cwd=here) as waiting:
        waiting.says("No worker polls")
        own_server.kill()
        waiting.says("does not answer")
        assert waiting.ends() == 3
    own_server.start()
    with worker(here, environment):
        assert starter(here, environment, "--name", "Ada", "--workflow-id", "kept").stdout == "Result: Hello, Ada!\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_it_says_how_to_come_back(here: Path, server: DevServer, number: signal.Signals, code: int) -> None:
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": "nobody"}
    command = (sys.executable, "-m", "starter", "--name", "x", "--workflow-id", f"left-{code}")
    with program(*command, environment=environment, cwd=here) as waiting:
        waiting.says("Run http")
        waiting.signal(number)
        assert waiting.ends() == code
    assert (
        f"Interrupted. The run goes on; look at it: http://localhost:8233/namespaces/default/workflows/left-{code}/"
        in waiting.output
    )
    assert f"--workflow-id left-{code}\n" in waiting.output
    assert "Traceback" not in waiting.output


@pytest.mark.parametrize(("closed", "code"), [("2>&-", 0), (">&-", 5), ("2>/dev/full", 0)])
def test_closed_streams_change_nothing_but_themselves(here: Path, queue: dict[str, str], closed: str, code: int) -> None:
    shell = Program("/bin/sh", "-c", f"exec {sys.executable} -m starter --name x {closed}", environment=queue, cwd=here)
    assert shell.ends() == code
    assert "Traceback" not in shell.output
    assert code or shell.output == "Result: Hello, x!\n"


def test_a_result_that_cannot_be_written_is_5(here: Path, queue: dict[str, str]) -> None:
    command = (f"exec {sys.executable} -m starter --name x >/dev/full",)
    full = Program("/bin/sh", "-c", *command, environment=queue, cwd=here)
    assert full.ends() == 5
    assert "The result could not be written: No space left on device. It is kept" in full.output
