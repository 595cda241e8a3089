"""Real parts for tests: dev servers, workers and starters as processes, and waiting for what they say."""

import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
SERVICES = ROOT / "services"
EXERCISE = ROOT / "tests" / "exercise"
LONG = 60.0  # a bound for what takes seconds, so that a hang is a failure and not a stuck run

# What the tests' processes get of the caller's environment: none of the settings under test.
BARE = {name: os.environ[name] for name in ("HOME", "LANG", "TZ") if name in os.environ}
BARE["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


def wait_until(what: str, condition: Callable[[], bool], seconds: float = LONG) -> None:
    """Return when ``condition`` holds. For states that cannot be awaited as an event."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"after {seconds} s still not: {what}"
        time.sleep(0.1)


def installed(program: str) -> str:
    """Return the path of a program of the virtual environment; the SDK would download it if it were not told."""
    return str(Path(sys.executable).parent / program)


# Below the ports that the kernel gives to outgoing connections, and a stretch for each process that shares the tests and for
# what runs beside them: a port that is free stays free until its server has it.
_STRETCH = os.environ.get("PYTEST_XDIST_WORKER", f"gw{8 + os.getpid() % 16}")
_PORTS = itertools.count(20000 + 500 * int(_STRETCH[2:]))


def free_port() -> int:
    for port in _PORTS:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("unreachable: the count has no end")


class Program:
    """A process whose output is read line by line as it comes."""

    def __init__(self, *command: str, environment: Mapping[str, str], cwd: Path) -> None:
        self.process = subprocess.Popen(
            command,
            env={**BARE, **environment},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._news:
                self._lines.append(line.decode())
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    @property
    def output(self) -> str:
        with self._news:
            return "".join(self._lines)

    def says(self, pattern: str, times: int = 1, seconds: float = LONG) -> None:
        """Return once the output holds ``pattern`` so many times."""

        def said() -> bool:
            return len(re.findall(pattern, "".join(self._lines))) >= times

        with self._news:
            self._news.wait_for(lambda: said() or not self._reader.is_alive(), seconds)
            assert said(), f"not said: {pattern}\n{''.join(self._lines)}"

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ends(self, seconds: float = LONG) -> int:
        """Return the exit code, once the process has ended by itself."""
        code = self.process.wait(seconds)
        self._reader.join(seconds)
        return code

    def kill(self) -> None:
        self.process.kill()
        self.ends()


def session(leader: int) -> list[str]:
    """Return the command lines of the processes of a session."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getsid(int(process.name)) == leader:
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return found


@contextmanager
def program(*command: str, environment: Mapping[str, str], cwd: Path) -> Iterator[Program]:
    running = Program(*command, environment=environment, cwd=cwd)
    try:
        yield running
    finally:
        running.kill()


class DevServer:
    """The stack's own dev server as a process; can be stopped, killed and started again on the same port."""

    def __init__(self, directory: Path, database: str = ":memory:", command: Sequence[str] = ()) -> None:
        """``command`` starts another server than the stack's, and ``database`` is then its own affair."""
        self.port = free_port()
        self.metrics_port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.environment = {"TEMPORAL_ADDRESS": self.address}
        self.history = database
        self._directory = directory
        self._command = command or (str(SERVICES / "server" / "start"), database)
        self._program: Program | None = None

    def start(self, *options: str) -> None:
        self._program = Program(
            *self._command,
            "--headless",
            "--ip=127.0.0.1",
            f"--port={self.port}",
            f"--http-port={free_port()}",
            f"--metrics-port={self.metrics_port}",
            *options,
            environment={},
            cwd=self._directory,
        )
        self._program.says("Temporal Metrics")
        wait_until("the server answers", self.answers)

    @property
    def pid(self) -> int:
        assert self._program
        return self._program.process.pid

    def answers(self) -> bool:
        command = ["temporal", "operator", "namespace", "describe", f"--address={self.address}", "--namespace=default"]
        return subprocess.run(command, env=BARE, capture_output=True, timeout=LONG, check=False).returncode == 0

    def signal(self, number: signal.Signals) -> None:
        assert self._program
        self._program.signal(number)

    def kill(self) -> None:
        if self._program:
            self._program.kill()

    def cli(self, *arguments: str) -> str:
        """Return what the Temporal CLI says of this server."""
        command = ["temporal", *arguments, f"--address={self.address}"]
        return subprocess.run(command, env=BARE, capture_output=True, text=True, check=True).stdout


@contextmanager
def worker(directory: Path, environment: Mapping[str, str], *arguments: str, polling: bool = True) -> Iterator[Program]:
    """Run `python -m worker`; with ``polling``, enter when the server sees it poll."""
    with program(sys.executable, "-m", "worker", *arguments, environment=environment, cwd=directory) as running:
        if polling:
            running.says("worker.health: Healthy")
        yield running


def starter(directory: Path, environment: Mapping[str, str], *arguments: str | bytes) -> subprocess.CompletedProcess[str]:
    """Run `python -m starter` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "starter", *arguments],
        env={**BARE, **environment},
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=LONG * 2,
        check=False,
    )


def on_exercise(environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` with the tests' application in the place of the greeting."""
    return {**environment, "PYTHONPATH": str(EXERCISE)}
