"""The stack's worker on a server that runs already, wherever the settings say; nothing is started there but the load."""

import asyncio
import os
from dataclasses import dataclass
from datetime import timedelta

from bench.drive import drive
from bench.measure import Bench
from bench.plan import Plan
from bench.systems import BenchError, Launch, queue, stack_worker
from connection.client import connect
from connection.faults import Fault
from connection.logs import configure
from connection.settings import Settings, load
from support import ROOT

NAMES = ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE")
# Longer than the load may take: a run that an interrupt leaves behind is gone after it.
LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True)
class ElsewherePoint:
    """The runs a second and latencies in ms at a level."""

    level: int
    runs: int
    rate: float
    p50: float
    p95: float


@dataclass(frozen=True)
class ElsewhereResult:
    """What was found, and where."""

    where: str
    points: list[ElsewherePoint]


def asked() -> bool:
    """Tell whether the environment names a server."""
    return any(os.environ.get(name) for name in NAMES)


def steps(plan: Plan) -> int:
    """Return how many steps there are."""
    return 1 + len(plan.elsewhere)


def measure(bench: Bench) -> ElsewhereResult:
    """Load the server that the settings name."""
    settings = load()
    return asyncio.run(_measure(bench, settings))


async def _measure(bench: Bench, settings: Settings) -> ElsewhereResult:
    where = f"namespace {settings.namespace} at {settings.address}"
    bench.progress.step(f"{where}: start")
    task_queue = queue()
    try:
        client = await connect(settings, configure("ERROR", "text"))
    except Fault as fault:
        raise BenchError(str(fault)) from None
    given = {name: value for name, value in os.environ.items() if name.startswith(("TEMPORAL_", "WORKER_", "LOG_"))}
    launch = stack_worker(bench.site, "", task_queue)
    points = []
    with bench.site.running(Launch(launch.command, {**given, "TEMPORAL_TASK_QUEUE": task_queue}), cwd=ROOT) as worker:
        warm = asyncio.ensure_future(drive(client, task_queue, 1, 1, LIFETIME))
        while not (await asyncio.wait({warm}, timeout=0.5))[0]:
            worker.require()
        warm.result()
        for level, runs in bench.plan.elsewhere.items():
            bench.progress.step(f"{where}: {level} in flight")
            done = await drive(client, task_queue, runs, level, LIFETIME)
            points.append(ElsewherePoint(level, runs, done.rate, done.latency(50), done.latency(95)))
    return ElsewhereResult(where, points)
