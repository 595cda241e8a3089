"""`make bench`, as it ends when something is wrong."""

import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path

from support import ROOT, DevServer, Program, free_port, wait_until

WRONG = """
from temporalio import activity

@activity.defn
async def say_hello(name: str) -> str:
    return "Hello, Temporal!"
"""


def bench(here: Path, **environment: str) -> Program:
    """Start a quick bench that has ``here`` for all its files."""
    paths = ":".join(filter(None, (str(ROOT / "tests"), environment.pop("PYTHONPATH", ""))))
    own = {"PYTHONPATH": paths, "TMPDIR": str(here), "BENCH": "quick", "PYTHONDONTWRITEBYTECODE": "1"}
    return Program(sys.executable, "-m", "bench", environment={**own, **environment}, cwd=ROOT)


def running_in(here: Path) -> list[str]:
    """Return the processes that run below ``here``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(here):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in found if line]


def documents() -> dict[Path, int]:
    """Return when the documents were written."""
    return {file: file.stat().st_mtime_ns for file in (ROOT / "docs").rglob("*")}


def test_a_wrong_result_ends_it(tmp_path: Path, here: Path) -> None:
    application = tmp_path / "application" / "greeting"
    application.mkdir(parents=True)
    files = here / "files"
    files.mkdir()
    for file in (ROOT / "services" / "greeting").glob("*.py"):
        (application / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (application / "activities.py").write_text(WRONG, encoding="utf-8")
    before = documents()
    measuring = bench(files, PYTHONPATH=str(application.parent))
    assert measuring.ends(180) == 1
    assert "bench: load, round 1 of 1: this stack, with a file: start: wrong result for '" in measuring.output
    assert "'Hello, Temporal!'" in measuring.output
    assert "Traceback" not in measuring.output
    wait_until("nothing runs", lambda: not running_in(files))
    assert os.listdir(files) == []  # noqa: PTH208
    assert documents() == before


def test_ctrl_c_ends_all_that_it_started(here: Path) -> None:
    for when, number in (("1 in flight", signal.SIGINT), ("start", signal.SIGTERM)):
        measuring = bench(here)
        measuring.says(f"tutorial, stock server in memory: {when}", seconds=120)
        measuring.signal(number)
        assert measuring.ends() == 128 + number
        assert all(line.startswith("[") for line in measuring.output.splitlines())
        wait_until("nothing runs", lambda: not running_in(here))
        assert os.listdir(here) == []  # noqa: PTH208


def test_a_server_that_does_not_answer_is_named(here: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    measuring = bench(here, TEMPORAL_ADDRESS=address)
    assert measuring.ends(120) == 1
    assert f"bench: namespace default at {address}: start: " in measuring.output
    assert "nothing listens there" in measuring.output


def test_on_a_server_that_runs_it_starts_none_and_keeps_to_its_own_queue(here: Path, own_server: DevServer) -> None:
    own_server.start()
    files = here / "files"
    files.mkdir()
    before = documents()
    measuring = bench(files, TEMPORAL_ADDRESS=own_server.address, TEMPORAL_TASK_QUEUE="somebody-elses")
    assert measuring.ends(120) == 0
    assert f"This stack's worker on namespace default at {own_server.address}\n" in measuring.output
    assert len(re.findall(r"^\| +\d+ \|", measuring.output, re.MULTILINE)) == 3
    runs = own_server.cli("workflow", "count")
    assert runs.split()[-1] == "60"
    assert own_server.cli("workflow", "count", "--query", "TaskQueue = 'somebody-elses'").split()[-1] == "0"
    assert documents() == before
    assert running_in(files) == []


def test_another_size_than_quick_is_refused(here: Path) -> None:
    measuring = bench(here, BENCH="fast")
    assert (measuring.ends(), measuring.output) == (2, "bench: BENCH is 'fast': it must be quick, or unset\n")
