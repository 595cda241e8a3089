"""The stack in containers: how long `make up` takes, and how large the worker's image is."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.figures import Spread
from bench.interrupts import held
from bench.measure import Bench
from bench.plan import Plan
from bench.systems import BenchError
from checkout import Stack
from support import ROOT

SECONDS = 600.0  # the first build, on a slow line
AGAIN, AFTER_DOWN = 3, 2
RESULT = "Result: Hello, Temporal!"


@dataclass(frozen=True)
class ContainersResult:
    """Seconds, but for the image's MB above its base."""

    again: Spread  # `make up` when all is up
    after_down: Spread
    rebuilt: float  # `docker compose build` after one changed line of an activity
    changed: float  # `make up` after it: the worker drains and is replaced
    image: float
    nothing: float  # `docker run` of a container of the worker's image that does nothing
    compose: float  # a call of Compose that only looks
    engine: str


def engine() -> str:
    """Return the version of the Docker engine; nothing when none answers."""
    if not shutil.which("docker"):
        return ""
    asked = ["docker", "version", "--format", "{{.Server.Version}}"]
    with suppress(subprocess.TimeoutExpired):
        done = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=False)
        return done.stdout.strip() if not done.returncode else ""
    return ""


def steps(plan: Plan) -> int:
    """Return how many steps there are."""
    return 1 + AGAIN + AFTER_DOWN + 1 + 1


def measure(bench: Bench) -> ContainersResult:
    """Bring up a stack of its own in a copy of this checkout, and remove all of it."""
    with TemporaryDirectory(prefix="bench-") as name, _stack(Path(name)) as stack:
        bench.progress.step("containers: build and first start")
        _up(stack)
        again, after_down = [], []
        for number in range(AGAIN):
            bench.progress.step(f"containers: make up with nothing to do, {number + 1} of {AGAIN}")
            again.append(_up(stack))
        for number in range(AFTER_DOWN):
            bench.progress.step(f"containers: make up after make down, {number + 1} of {AFTER_DOWN}")
            _timed(stack, "make", "down")
            after_down.append(_up(stack))
        bench.progress.step("containers: one changed line")
        activities = stack.path / "services" / "greeting" / "activities.py"
        activities.write_text(activities.read_text(encoding="utf-8").replace('"Saying hello"', '"Saying hello again"'), "utf-8")
        rebuilt, _ = _timed(stack, "docker", "compose", "build", "worker")
        changed = _up(stack)
        bench.progress.step("containers: the image")
        nothing, _ = _timed(stack, "docker", "run", "--rm", "--entrypoint", "true", f"{stack.name}-worker")
        look, _ = _timed(stack, "docker", "compose", "ps")
        return ContainersResult(
            Spread.of(again), Spread.of(after_down), rebuilt, changed, _above_base(stack), nothing, look, engine()
        )


@contextmanager
def _stack(directory: Path) -> Iterator[Stack]:
    stack = Stack(directory, "bench")
    try:
        yield stack
    finally:
        stack.remove()
        # What a build replaced has lost its name, and `down` knows images by theirs.
        stack.run(
            "docker", "image", "prune", "--force", "--filter", f"label=com.docker.compose.project={stack.name}", check=False
        )


def _up(stack: Stack) -> float:
    seconds, output = _timed(stack, "make", "up")
    if RESULT not in output:
        raise BenchError(f"make up without a result: {output}")
    return seconds


def _timed(stack: Stack, *command: str) -> tuple[float, str]:
    with held():
        began = perf_counter()
        process = stack.begin(*command)
    try:
        code = process.ends(SECONDS)
        seconds = perf_counter() - began
    except BaseException:
        for number in (signal.SIGTERM, signal.SIGKILL):  # what it began to start is removed once it starts no more
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.process.pid, number)
                process.ends(20)
        raise
    if code:
        raise BenchError(f"{' '.join(command)}: exit code {code}: {process.output}")
    return seconds, process.output


def _above_base(stack: Stack) -> float:
    dockerfile = (ROOT / "services" / "Dockerfile").read_text(encoding="utf-8")
    bases = re.findall(r"^FROM (python:\S+)", dockerfile, re.MULTILINE)
    base = f"{stack.name}-base"
    # An image of its own: the engine has the base's layers, and not always the base by its name.
    stack.run("docker", "build", "--quiet", "--tag", base, "-", input=f"FROM {bases[-1]}\n")
    try:
        sizes = [
            stack.run("docker", "image", "inspect", "--format", "{{.Size}}", of).stdout for of in (f"{stack.name}-worker", base)
        ]
    finally:
        stack.run("docker", "image", "rm", base, check=False)
    return (int(sizes[0]) - int(sizes[1])) / 1e6
