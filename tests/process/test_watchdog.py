"""A worker whose event loop is blocked ends, so that it can be replaced; one that merely slept or was slow does not."""

import signal
import time
from pathlib import Path

from support import DevServer, on_exercise, starter, worker


def environment(server: DevServer, queue: str, seconds: int) -> dict[str, str]:
    return on_exercise({**server.environment, "TEMPORAL_TASK_QUEUE": queue, "WORKER_STALL_SECONDS": str(seconds)})


def test_a_blocked_loop_ends_the_worker_and_the_log_says_where(here: Path, server: DevServer) -> None:
    settings = environment(server, "stalled", 2)
    with worker(here, settings) as stalled:
        starter(here, settings, "--what", "block:600", "--no-wait")
        stalled.says("in flight workflow_type")
        started = time.monotonic()
        assert stalled.ends() == 1
        assert 1 < time.monotonic() - started < 8
        (line,) = [line for line in stalled.output.splitlines() if "worker.watchdog" in line]
        assert "The event loop is blocked for 2 s: ending, to be started anew." in line
        assert "time.sleep(float(seconds))" in line


def test_a_loop_that_turns_again_in_time_is_left_alone(here: Path, server: DevServer) -> None:
    settings = environment(server, "slow", 4)
    with worker(here, settings):
        for _ in range(2):
            assert starter(here, settings, "--what", "block:2").stdout == "Result: block 2\n"


def test_a_worker_that_was_paused_is_left_alone(here: Path, server: DevServer) -> None:
    settings = environment(server, "paused", 2)
    with worker(here, settings) as paused:
        for _ in range(2):
            paused.signal(signal.SIGSTOP)
            time.sleep(3)  # the pause under test: no event ends it
            paused.signal(signal.SIGCONT)
            assert starter(here, settings, "--what", "count:2").stdout == "Result: [0, 1]\n"


def test_off_is_off(here: Path, server: DevServer) -> None:
    settings = environment(server, "off", 0)
    with worker(here, settings):
        assert starter(here, settings, "--what", "block:3").stdout == "Result: block 3\n"
