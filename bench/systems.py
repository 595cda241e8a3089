"""What is measured, as processes: servers, workers, commands."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import uuid4

from bench.interrupts import held
from support import BARE, LONG, ROOT, SERVICES, DevServer, installed

BENCH = ROOT / "bench"
TUTORIAL = BENCH / "tutorial"
# What services/server/start adds to the stock server, by what is measured without it.
QUEUE_RATE = ("--dynamic-config-value", "history.transferProcessorMaxPollRPS=2000")
ONE_PARTITION = (
    *("--dynamic-config-value", "matching.numTaskqueueReadPartitions=1"),
    *("--dynamic-config-value", "matching.numTaskqueueWritePartitions=1"),
)
WRITE_AHEAD = (
    *("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal"),
    *("--sqlite-pragma", "wal_autocheckpoint=4000"),
)


class BenchError(Exception):
    """A figure cannot be had, or would be one of wrong answers."""


def _environment(bytecode: Path) -> dict[str, str]:
    # An application in the place of the greeting may be named there, as for the worker itself.
    others = [path for path in os.environ.get("PYTHONPATH", "").split(":") if path and Path(path).resolve() != ROOT / "tests"]
    paths = {"PYTHONPATH": ":".join(str(Path(path).resolve()) for path in others)} if others else {}
    return {**BARE, **paths, "PYTHONPYCACHEPREFIX": str(bytecode)}


@dataclass(frozen=True)
class Launch:
    """A command and what its environment has besides."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class Running:
    """A process that serves until it is killed."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self._process = process
        self._output = output
        self.pid = process.pid

    def require(self) -> None:
        """Raise when it has ended by itself."""
        if (code := self._process.poll()) is not None:
            raise BenchError(f"the process ended by itself with {code}: {self.last_words()}")

    def last_words(self) -> str:
        """Return the end of what it wrote."""
        return " / ".join(self._output.read_text(encoding="utf-8", errors="replace").splitlines()[-3:])

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(LONG)


class Site:
    """A directory of their own for all that is measured, and an environment that is the same for all."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = _environment(directory / "bytecode")
        # An image and an ordinary machine have byte-code; where none is written, imports would be most of what is measured.
        command = (sys.executable, "-m", "compileall", "-q", str(SERVICES), str(TUTORIAL))
        subprocess.run(command, env=self.environment, cwd=directory, check=True, timeout=LONG)

    @contextmanager
    def running(self, launch: Launch, cwd: Path | None = None) -> Iterator[Running]:
        """Run ``launch`` until the block ends. Its output goes to a file: to read it would be work for who measures."""
        output = self.directory / f"output-{uuid4()}"
        with output.open("wb") as file, held():
            process = subprocess.Popen(
                launch.command,
                env={**self.environment, **launch.environment},
                cwd=cwd or self.directory,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            started = Running(process, output)
        try:
            yield started
        finally:
            started.kill()

    def call(self, launch: Launch) -> tuple[float, int, str, str]:
        """Run ``launch`` to its end; return its seconds, exit code, standard output and standard error."""
        with held():
            began = perf_counter()
            process = subprocess.Popen(
                launch.command,
                env={**self.environment, **launch.environment},
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                text=True,
            )
        try:
            out, err = process.communicate(timeout=LONG)
            return perf_counter() - began, process.returncode, out, err
        finally:
            process.kill()
            process.wait(LONG)

    @contextmanager
    def server(self, kind: str = "stack", options: tuple[str, ...] = ()) -> Iterator[DevServer]:
        """Run a server of a ``kind``: stack, or the stock one with its history in ``memory`` or in a ``file``."""
        with TemporaryDirectory(prefix="server-", dir=self.directory) as name:
            history = str(Path(name) / "history.db")
            stock = (installed("temporal"), "server", "start-dev", *options)
            commands = {"stack": (), "memory": stock, "file": (*stock, "--db-filename", history)}
            started = DevServer(Path(name), history, commands[kind])
            try:
                with held():
                    started.start()
                yield started
            finally:
                started.kill()


@contextmanager
def site() -> Iterator[Site]:
    """Make a site that is gone afterwards."""
    with TemporaryDirectory(prefix="bench-") as name:
        yield Site(Path(name))


def queue() -> str:
    """Return the name of a task queue that nobody else has."""
    return f"bench-{uuid4().hex[:12]}"


def tutorial_worker(address: str, task_queue: str) -> Launch:
    """Return the tutorial's worker."""
    return Launch((sys.executable, str(TUTORIAL / "run_worker.py"), address, task_queue))


def stack_worker(site: Site, address: str, task_queue: str, application: str = "", **settings: str) -> Launch:
    """Return the stack's worker with ``settings``; ``application``: a folder here that stands in for the greeting's."""
    environment = {"TEMPORAL_ADDRESS": address, "TEMPORAL_TASK_QUEUE": task_queue, **settings}
    if application:
        others = site.environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = ":".join(filter(None, (str(BENCH / application), others)))
    return Launch((sys.executable, "-m", "worker"), environment)


def python(code: str) -> Launch:
    """Return an interpreter that runs ``code``."""
    return Launch((sys.executable, "-c", code))


_TICKS = os.sysconf("SC_CLK_TCK")


def cpu(pid: int) -> float:
    """Return the CPU seconds that a process has used, its threads' and the kernel's for it included."""
    with suppress(FileNotFoundError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    raise BenchError(f"process {pid} ended by itself")


def resident(pid: int) -> float:
    """Return the MiB of memory that a process holds."""
    with suppress(FileNotFoundError):
        return resident_in(Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    raise BenchError(f"process {pid} ended by itself")


def resident_in(status: str) -> float:
    """Return the MiB that a /proc/.../status tells of."""
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise BenchError("a process ended by itself")
