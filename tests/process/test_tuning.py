"""The settings that tune worker and client do what they say."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

from support import DevServer, starter, wait_until, worker
from support import on_exercise as exercise


@pytest.mark.parametrize(("loop", "module"), [("uvloop", "uvloop"), ("asyncio", "asyncio.unix_events")])
def test_the_event_loop_is_the_one_that_was_named(here: Path, server: DevServer, loop: str, module: str) -> None:
    environment = exercise({**server.environment, "TEMPORAL_TASK_QUEUE": f"loop-{loop}", "WORKER_EVENT_LOOP": loop})
    with worker(here, environment):
        assert starter(here, environment, "--what", "loop:").stdout == f"Result: {module}\n"


def test_the_sandbox_stops_what_cannot_be_replayed(here: Path, server: DevServer) -> None:
    environment = exercise({**server.environment, "TEMPORAL_TASK_QUEUE": "sandbox-on"})
    with worker(here, environment):
        told = starter(here, environment, "--what", "clock", "--timeout", "5")
        assert told.returncode == 4
        assert "Cannot access time.time.__call__ from inside a workflow" in told.stderr


def test_the_sandbox_can_be_turned_off_and_the_worker_says_so(here: Path, server: DevServer) -> None:
    environment = exercise({**server.environment, "TEMPORAL_TASK_QUEUE": "sandbox-off", "WORKER_SANDBOX": "off"})
    with worker(here, environment) as running:
        assert starter(here, environment, "--what", "clock").stdout == "Result: true\n"
        assert "The sandbox is off (WORKER_SANDBOX)" in running.output


@pytest.mark.parametrize(("cached", "kinds"), [("1000", {"NORMAL", "STICKY"}), ("0", {"NORMAL"})])
def test_a_cached_run_goes_on_where_it_is(here: Path, server: DevServer, cached: str, kinds: set[str]) -> None:
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": f"cached-{cached}", "WORKER_CACHED_WORKFLOWS": cached}
    with worker(here, environment):
        starter(here, environment, "--workflow-id", f"cached-{cached}")
    history = server.cli("workflow", "show", f"--workflow-id=cached-{cached}", "--output=json")
    assert set(re.findall(r"TASK_QUEUE_KIND_(\w+)", history)) == kinds


@pytest.mark.parametrize(
    ("settings", "activity", "workflow"),
    [({"WORKER_POLLERS": "3"}, 3, 3), ({"WORKER_WORKFLOW_SLOTS": "2"}, 5, 2), ({"WORKER_ACTIVITY_SLOTS": "2"}, 2, 5)],
    ids=str,
)
def test_as_many_polls_wait_at_the_server_as_there_are_pollers_and_free_slots(
    here: Path, server: DevServer, settings: dict[str, str], activity: int, workflow: int
) -> None:
    queue = f"polls_{activity}_{workflow}"
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": queue, **settings}

    def waiting(kind: str) -> int:
        with urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics") as answer:
            lines = re.findall(r"^pending_polls{(.*)} (\d+)$", answer.read().decode(), re.MULTILINE)
        return sum(int(count) for labels, count in lines if f'task_type="{kind}",taskqueue="{queue}"' in labels)

    with worker(here, environment):
        wait_until("as many polls wait", lambda: (waiting("Activity"), waiting("Workflow")) == (activity, workflow), 10)


@pytest.mark.parametrize(("threads", "running"), [("1", range(1, 8)), ("8", range(8, 16))])
def test_as_many_threads_of_the_core_as_were_asked_for(here: Path, server: DevServer, threads: str, running: range) -> None:
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": f"threads-{threads}", "WORKER_CORE_THREADS": threads}
    with worker(here, environment) as working:
        names = []
        for task in Path(f"/proc/{working.process.pid}/task").iterdir():
            with suppress(OSError):  # it has ended
                names.append((task / "comm").read_text(encoding="ascii"))
        # A few more of the same name come and go, for what blocks.
        assert names.count("tokio-rt-worker\n") in running


UNPASSED = """\
from temporalio import workflow
{indent}import yaml

@workflow.defn
class Exercise:
    @workflow.run
    async def run(self, what: str) -> str:
        return yaml.safe_load(what)
"""


@pytest.mark.parametrize("passed", [False, True])
def test_an_import_that_is_not_passed_through_is_named_with_its_mend(here: Path, server: DevServer, passed: bool) -> None:
    package = here / "application" / "greeting"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    text = UNPASSED.format(indent="with workflow.unsafe.imports_passed_through():\n    " if passed else "")
    (package / "workflows.py").write_text(text, encoding="utf-8")
    hosted = "from greeting.workflows import Exercise\nWORKFLOWS, ACTIVITIES = [Exercise], []\n"
    (package / "hosted.py").write_text(hosted, encoding="utf-8")
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": f"passed-{passed}", "PYTHONPATH": str(here / "application")}
    with worker(here, environment) as running:
        named = re.findall(
            r"WARNING worker.sandbox: Workflow Exercise: (\w+) is imported at (\S+) and not passed", running.output
        )
        assert named == ([] if passed else [("yaml", f"{package}/workflows.py:2")])
        assert ("with workflow.unsafe.imports_passed_through():" in running.output) is not passed


def test_the_greeting_passes_its_imports_through(here: Path, server: DevServer) -> None:
    with worker(here, {**server.environment, "TEMPORAL_TASK_QUEUE": "greeting-passed"}) as running:
        assert "worker.sandbox" not in running.output


@contextmanager
def counted(port: int, sent: list[int]) -> Iterator[int]:
    """Relay a port of this machine to ``port``; ``sent`` grows by the size of each piece that a client sends."""

    def pump(source: socket.socket, target: socket.socket, sizes: list[int]) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                sizes.append(len(piece))
                target.sendall(piece)

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                target = socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=pump, args=(client, target, sent), daemon=True).start()
                threading.Thread(target=pump, args=(target, client, []), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    ("settings", "compressed"),
    [
        ({}, False),
        ({"TEMPORAL_COMPRESSION": "on"}, True),
        ({"TEMPORAL_SERVER": "remote"}, True),
        ({"TEMPORAL_SERVER": "remote", "TEMPORAL_COMPRESSION": "off"}, False),
    ],
    ids=str,
)
def test_calls_are_compressed_beyond_this_machine(
    here: Path, server: DevServer, settings: dict[str, str], compressed: bool
) -> None:
    sent: list[int] = []
    with counted(server.port, sent) as port:
        environment = {"TEMPORAL_ADDRESS": f"127.0.0.1:{port}", **settings}
        assert starter(here, environment, "--name", "a" * 50_000, "--no-wait").returncode == 0
    assert (sum(sent) < 25_000) is compressed
