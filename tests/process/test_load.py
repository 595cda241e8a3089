"""`starter --count`: a load on a real server, what it says meanwhile and in the end, and what an interrupt leaves of it."""

import json
import os
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from checkout import Checkout
from support import BARE, ROOT, DevServer, on_exercise, program, starter, wait_until, worker

FIGURES = ["runs", "errors", "seconds", "runs_per_second", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms"]

# An application whose runs differ, by the number at the end of their ids.
BY_NUMBER = """
import asyncio
from temporalio import workflow
from temporalio.exceptions import ApplicationError

@workflow.defn
class ByNumber:
    @workflow.run
    async def run(self, what: str) -> int:
        number = int(workflow.info().workflow_id.rpartition("-")[2])
        if what == "fail each" or (what == "mixed" and number % 3 == 0):
            raise ApplicationError(f"broken\\n{number}" if what == "fail each" else "broken")
        if what == "mixed" and number == 1:
            await asyncio.sleep(1000)
        return number % 3

WORKFLOWS, ACTIVITIES = [ByNumber], []
"""
BY_NUMBER_COMMAND = """
WORKFLOW = "ByNumber"
def add_arguments(parser):
    parser.add_argument("--what")
def workflow_input(arguments):
    return arguments.what
"""


@pytest.fixture(scope="module")
def queue(server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a starter whose task queue the greeting's worker polls."""
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": "load"}
    with worker(tmp_path_factory.mktemp("worker"), environment):
        yield environment


@pytest.fixture(scope="module")
def exercise(server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The same with the tests' own application."""
    environment = on_exercise({**server.environment, "TEMPORAL_TASK_QUEUE": "load-exercise"})
    with worker(tmp_path_factory.mktemp("worker"), environment):
        yield environment


@pytest.fixture(scope="module")
def by_number(server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The same with the application above."""
    directory = tmp_path_factory.mktemp("application")
    package = directory / "greeting"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "hosted.py").write_text(BY_NUMBER, encoding="utf-8")
    (package / "command.py").write_text(BY_NUMBER_COMMAND, encoding="utf-8")
    environment = {**server.environment, "TEMPORAL_TASK_QUEUE": "by-number", "PYTHONPATH": str(directory)}
    with worker(directory, environment):
        yield environment


@pytest.fixture
def nobody(server: DevServer) -> dict[str, str]:
    """The environment of a starter whose task queue no worker polls."""
    return {**server.environment, "TEMPORAL_TASK_QUEUE": "nobody"}


def table(text: str) -> dict[str, str]:
    return dict(line.split(maxsplit=1) for line in text.splitlines())


def prefix_of(output: str) -> str:
    """Return what the ids of the load's runs begin with, from what it says first."""
    first = re.match(r"starter: Load ([a-z-]+-load-\d{8}-\d{6}-[0-9a-f]{6}): http", output)
    assert first, output
    return first[1]


def runs_of(server: DevServer, prefix: str) -> list[dict[str, Any]]:
    query = f"WorkflowId STARTS_WITH '{prefix}'"
    found: list[dict[str, Any]] = json.loads(server.cli("workflow", "list", "--query", query, "--output=json"))
    return found


def count(server: DevServer, query: str) -> int:
    return int(server.cli("workflow", "count", "--query", query).removeprefix("Total: "))


def test_every_run_is_on_the_server_under_an_id_of_its_own_and_the_link_shows_them_all(
    here: Path, queue: dict[str, str], server: DevServer
) -> None:
    done = starter(here, queue, "--count", "25", "--concurrency", "5", "--name", "Ada")
    figures = table(done.stdout)
    assert (done.returncode, list(figures)) == (0, FIGURES)
    assert (figures["runs"], figures["errors"]) == ("25", "0")
    prefix = prefix_of(done.stderr)
    assert prefix.startswith("say-hello-load-")
    url = urlsplit(done.stderr.splitlines()[0].split(": ", 2)[2])
    assert (url.netloc, url.path) == ("localhost:8233", "/namespaces/default/workflows")
    (query,) = parse_qs(url.query)["query"]
    wait_until("all are listed", lambda: count(server, f"({query}) AND ExecutionStatus = 'Completed'") == 25)
    assert {run["execution"]["workflowId"] for run in runs_of(server, prefix)} == {f"{prefix}-{n:06}" for n in range(1, 26)}


def test_json_is_one_object_with_the_same_figures(here: Path, queue: dict[str, str]) -> None:
    done = starter(here, queue, "--count", "12", "--json")
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    told = json.loads(done.stdout)
    assert {**told, "status": "completed", "runs": 12, "errors": 0, "results": 1, "reasons": []} == told
    assert [key for key in told if key in FIGURES] == FIGURES
    latencies = [told[key] for key in FIGURES if key.endswith("_ms")]
    assert latencies == sorted(latencies)
    assert 0 < latencies[0] <= latencies[-1] <= told["seconds"] * 1000
    assert told["workflow_id_prefix"] == prefix_of(done.stderr)


def test_no_more_run_at_once_than_asked_for(here: Path, exercise: dict[str, str], server: DevServer) -> None:
    done = starter(here, exercise, "--count", "12", "--concurrency", "3", "--what", "wait:0.3")
    prefix = prefix_of(done.stderr)
    wait_until("all are listed", lambda: count(server, f"WorkflowId STARTS_WITH '{prefix}' AND CloseTime IS NOT NULL") == 12)
    # The server's own times, in one format: they sort as text. Of the same moment the end first.
    times = [(run["startTime"], 1) for run in runs_of(server, prefix)] + [
        (run["closeTime"], -1) for run in runs_of(server, prefix)
    ]
    at_once = [sum(change for _, change in sorted(times)[: end + 1]) for end in range(len(times))]
    assert 1 < max(at_once) <= 3


def test_failed_runs_are_counted_by_their_reason_and_are_1(here: Path, exercise: dict[str, str]) -> None:
    done = starter(here, exercise, "--count", "15", "--what", "fail:out of greetings")
    assert (done.returncode, table(done.stdout)["errors"], table(done.stdout)["p50_ms"]) == (1, "15", "-")
    words = "15 runs: The workflow failed: Activity task failed: Refusal: out of greetings; one of them: exercise-load-"
    assert done.stderr.count(words) == done.stderr.count("out of greetings") == 1


def test_different_results_are_told(here: Path, by_number: dict[str, str]) -> None:
    done = starter(here, by_number, "--count", "9")
    assert (done.returncode, table(done.stdout)["results"]) == (0, "3 different")


def test_of_runs_that_fail_and_runs_without_a_result_the_failed_ones_make_the_exit_code(
    here: Path, by_number: dict[str, str]
) -> None:
    done = starter(here, by_number, "--count", "9", "--what", "mixed", "--timeout", "8", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["status"], told["runs"], told["errors"]) == (1, "failed", 9, 4)
    prefix = told["workflow_id_prefix"]
    reasons = {reason.pop("reason"): reason for reason in told["reasons"]}
    assert reasons["No result after 8 s, and the run goes on"] == {"runs": 1, "workflow_id": f"{prefix}-000001"}
    assert reasons["The workflow failed: broken"]["runs"] == 3
    assert reasons["The workflow failed: broken"]["workflow_id"] in {f"{prefix}-{n:06}" for n in (3, 6, 9)}


def test_reasons_that_are_all_different_are_no_thousand_lines(here: Path, by_number: dict[str, str]) -> None:
    done = starter(here, by_number, "--count", "40", "--what", "fail each", "--json")
    reasons = json.loads(done.stdout)["reasons"]
    assert (len(reasons), sum(reason["runs"] for reason in reasons)) == (21, 40)
    assert (reasons[-1]["reason"], reasons[-1]["runs"]) == ("Other reasons", 20)
    assert len(re.findall(r"(?m)^starter: 1 run: The workflow failed: broken \d+; it is by-number-load-", done.stderr)) == 20


def test_without_a_worker_it_says_so_and_ends_with_4(here: Path, nobody: dict[str, str]) -> None:
    done = starter(here, nobody, "--count", "5", "--concurrency", "5", "--timeout", "1")  # over before the first silence is
    assert (done.returncode, table(done.stdout)["errors"]) == (4, "5")
    assert done.stderr.count("No result yet. No worker polls task queue 'nobody' in namespace 'default'") == 1
    assert "5 runs: No result after 1 s, and the run goes on; one of them: say-hello-load-" in done.stderr


def test_a_busy_worker_is_told_and_how_to_learn_more(here: Path, exercise: dict[str, str]) -> None:
    command = (sys.executable, "-m", "starter", "--count", "2", "--what", "stuck:a bug")
    with program(*command, environment=exercise, cwd=here) as waiting:
        waiting.says(r"No result yet. Worker \d+@\S+ is busy, or gone, or the workflow waits")
    (advice,) = re.findall(r"(--workflow-id \S+) in the place of --count", waiting.output)
    told = starter(here, exercise, "--what", "stuck:a bug", "--timeout", "5", *advice.split())
    assert "The workflow task fails again and again" in told.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_it_starts_no_more_and_the_runs_in_flight_go_on(
    here: Path, nobody: dict[str, str], server: DevServer, number: signal.Signals, code: int
) -> None:
    command = (sys.executable, "-m", "starter", "--count", "1000", "--concurrency", "4", "--timeout", "0")
    with program(*command, environment=nobody, cwd=here) as waiting:
        waiting.says("No worker polls")
        waiting.says("(?m)^starter: 0/1000 runs, 0.0 a second, 0 errors, time left not known$")
        waiting.signal(number)
        assert waiting.ends() == code
    assert "\r" not in waiting.output
    assert "Traceback" not in waiting.output
    prefix = prefix_of(waiting.output)
    assert "Interrupted. In flight, and going on at the server: 4 runs; look at them: http://localhost:8233/" in waiting.output
    assert re.search(r"(?m)^runs +0$", waiting.output)
    query = f"WorkflowId STARTS_WITH '{prefix}'"
    wait_until(
        "they are listed", lambda: count(server, query) == count(server, f"{query} AND ExecutionStatus = 'Running'") == 4
    )


def test_interrupted_twice_it_leaves_though_its_summary_is_not_read(here: Path, nobody: dict[str, str]) -> None:
    pipe = here / "pipe"
    os.mkfifo(pipe)
    unread = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while os.write(unread, b"x"):
            pass
    command = f"exec {sys.executable} -m starter --count 5 >{pipe}"
    with program("/bin/sh", "-c", command, environment=nobody, cwd=here) as waiting:
        waiting.says("No worker polls")
        waiting.signal(signal.SIGINT)
        waiting.says("Interrupted")
        waiting.signal(signal.SIGTERM)
        assert waiting.ends() == 143
    os.close(unread)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--count", "0"], "--count: '0' is no whole number from 1 to 100000"),
        (["--count", "100001"], "--count: '100001' is no whole number from 1 to 100000"),
        (["--count", "1e3"], "--count: '1e3' is no whole number"),
        (["--count", "-1"], "--count: '-1' is no whole number"),
        (["--count", ""], "--count: '' is no whole number"),
        (["--count", "1", "--concurrency", "0"], "--concurrency: '0' is no whole number from 1 to 1000"),
        (["--count", "1", "--concurrency", "1001"], "--concurrency: '1001' is no whole number from 1 to 1000"),
        (["--concurrency", "5"], "--concurrency is of a load: say how many runs with --count"),
        (["--count", "5", "--workflow-id", "x"], "--count does not go with --workflow-id"),
        (["--count", "5", "--no-wait"], "--count does not go with --no-wait"),
    ],
)
def test_bad_usage_is_one_line_and_2(here: Path, nobody: dict[str, str], arguments: list[str], says: str) -> None:
    done = starter(here, nobody, *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr


def test_no_server_is_3_at_once(here: Path) -> None:
    done = starter(here, {"TEMPORAL_ADDRESS": "127.0.0.1:1"}, "--count", "50")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "starter: 127.0.0.1:1: nothing listens there; is the server started?\n"


def test_a_missing_namespace_is_2_and_said_once(here: Path, server: DevServer) -> None:
    done = starter(here, {**server.environment, "TEMPORAL_NAMESPACE": "nowhere"}, "--count", "50", "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (2, "usage")
    assert done.stderr.count("there is no namespace 'nowhere'; check TEMPORAL_NAMESPACE") == done.stderr.count("\n") == 1


def test_a_server_that_comes_back_costs_no_run(here: Path, own_server: DevServer) -> None:
    own_server.start()
    command = (sys.executable, "-m", "starter", "--count", "6", "--concurrency", "2")
    with program(*command, environment=own_server.environment, cwd=here) as waiting:
        waiting.says("No worker polls")
        own_server.kill()
        waiting.says("The server at .* does not answer")
        own_server.start()
        with worker(here, own_server.environment):
            assert waiting.ends() == 0
    assert re.search(r"(?m)^runs +6\nerrors +0$", waiting.output)


def test_a_server_that_stays_away_is_3_and_the_load_comes_to_its_end(here: Path, own_server: DevServer) -> None:
    own_server.start()
    command = (sys.executable, "-m", "starter", "--count", "4", "--concurrency", "2", "--timeout", "15")
    with program(*command, environment=own_server.environment, cwd=here) as waiting:
        waiting.says("No worker polls")
        own_server.kill()
        assert waiting.ends() == 3  # after more than the 10 s that the SDK itself goes on trying
    assert "2 runs: No result after 15 s, and the run goes on; one of them: say-hello-load-" in waiting.output
    assert len(re.findall(r"The start failed: 127.0.0.1:\d+: the server says", waiting.output)) in (1, 2)
    assert re.search(r"(?m)^runs +4\nerrors +4$", waiting.output)


def test_a_summary_that_cannot_be_written_is_5(here: Path, queue: dict[str, str]) -> None:
    command = f"exec {sys.executable} -m starter --count 2 >/dev/full"
    with program("/bin/sh", "-c", command, environment=queue, cwd=here) as full:
        assert full.ends() == 5
    assert "The summary could not be written: No space left on device" in full.output


def test_a_closed_standard_error_changes_nothing(here: Path, queue: dict[str, str]) -> None:
    command = f"exec {sys.executable} -m starter --count 2 2>&-"
    with program("/bin/sh", "-c", command, environment=queue, cwd=here) as quiet:
        assert quiet.ends() == 0
    assert list(table(quiet.output)) == FIGURES


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, *command: str, environment: dict[str, str], cwd: Path, columns: int = 60) -> None:
        self._master, slave = os.openpty()
        termios.tcsetwinsize(slave, (24, columns))
        self._process = subprocess.Popen(
            ["setsid", "--ctty", *command], env={**BARE, **environment}, cwd=cwd, stdin=slave, stdout=slave, stderr=slave
        )
        os.close(slave)
        self.written = ""

    def read(self) -> bool:
        """Read some more; tell whether there was any."""
        try:
            self.written += os.read(self._master, 65536).decode()
        except OSError:  # Linux's end of file, of a terminal that nobody has open any more
            return False
        return True

    def says(self, pattern: str) -> None:
        while not re.search(pattern, self.written):
            assert self.read(), f"not said: {pattern}\n{self.written}"

    def types(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def ends(self) -> int:
        while self.read():
            pass
        os.close(self._master)
        return self._process.wait()

    def screen(self) -> list[str]:
        """Return the lines as a person sees them: what stands behind a carriage return is written over."""
        lines = []
        for line in self.written.split("\r\n"):
            shown = ""
            for part in line.split("\r"):
                shown = part + shown[len(part) :]
            lines.append(shown.rstrip())
        return lines


def test_on_a_terminal_a_bar_moves_in_place_and_is_gone_at_the_end(here: Path, exercise: dict[str, str]) -> None:
    command = (sys.executable, "-m", "starter", "--count", "12", "--concurrency", "3", "--what", "wait:0.3")
    terminal = Terminal(*command, environment=exercise, cwd=here)
    assert terminal.ends() == 0
    bars = re.findall(r"\r(\[#*\.*\] \d+/12 runs, [\d.]+ a second, 0 errors, [^\r]+)", terminal.written)
    assert len({bar.partition("/")[0] for bar in bars}) > 2  # it moves
    assert max(len(bar) for bar in bars) < 60  # a wrapped line could not be drawn again in place
    screen = terminal.screen()
    assert screen[0].startswith("starter: Load exercise-load-")
    assert [line.split()[0] for line in screen[1:-1]] == FIGURES
    assert (screen[1], screen[-1]) == ("runs             12", "")


def test_ctrl_c_on_a_terminal_leaves_no_piece_of_the_bar(here: Path, nobody: dict[str, str]) -> None:
    # So wide that the bar is longer than what is said in its place, and without a link in that.
    environment = {**nobody, "TEMPORAL_UI_URL": "off"}
    terminal = Terminal(sys.executable, "-m", "starter", "--count", "7", environment=environment, cwd=here, columns=120)
    terminal.says("No worker polls")
    terminal.says(r"No worker polls[^#]*0/7 runs")  # drawn again below
    terminal.types(b"\x03")
    assert terminal.ends() == 130
    shown = "\n".join(terminal.screen())
    assert re.fullmatch(
        r"starter: Load \S+\nstarter: No result yet. No worker polls [^\n]+\n"
        r"starter: Interrupted. In flight, and going on at the server: 7 runs\n"
        r"runs +0\nerrors +0\n(\w+ +\S+\n){7}",
        shown,
    )


def test_a_log_line_on_a_terminal_stands_where_the_bar_was(here: Path, own_server: DevServer) -> None:
    own_server.start()
    command = (sys.executable, "-m", "starter", "--count", "3")
    terminal = Terminal(*command, environment=own_server.environment, cwd=here, columns=30)
    terminal.says("0/3 runs")
    own_server.kill()
    terminal.says("does not answer")
    terminal.types(b"\x03")
    assert terminal.ends() == 130
    logged = [line for line in terminal.screen() if "temporalio.core" in line]
    assert logged
    assert all(re.match(r"\d{4}-\d\d-\d\dT\S+Z WARNING temporalio.core: ", line) for line in logged)
    assert max(len(drawn) for drawn in re.findall(r"\r(0/3 runs[^\r]*)", terminal.written)) < 30  # cut to fit


def test_make_load_puts_it_on_the_stack_that_is_up(tmp_path_factory: pytest.TempPathFactory, queue: dict[str, str]) -> None:
    clone = Checkout(tmp_path_factory.mktemp("clone"))
    (clone.path / ".venv").symlink_to(ROOT / ".venv")
    programs = clone.path / ".programs"
    programs.mkdir()
    for file in Path("/usr/bin").iterdir():
        if not file.name.startswith("docker"):
            (programs / file.name).symlink_to(file)
    path = str(programs)
    arguments = ("make", "load", "COUNT=7", "CONCURRENCY=3", "NAME=Ada $(x)")
    done = clone.run(*arguments, check=True, PATH=path, **queue)
    assert table(done.stdout)["runs"] == "7"
    (prefix,) = re.findall(r"Load (\S+):", done.stderr)
    assert starter(clone.path, queue, "--workflow-id", f"{prefix}-000001").stdout == "Result: Hello, Ada $(x)!\n"
    wrong = clone.run("make", "load", "COUNT=1; echo broken", check=False, PATH=path, **queue)
    assert (wrong.stdout, wrong.returncode) == ("", 2)
    assert "--count: '1; echo broken' is no whole number from 1 to 100000" in wrong.stderr
