"""Runs a second and latency by load, and who uses the CPU meanwhile."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from bench.drive import Shares, connect, drive_and_account, warm_up
from bench.figures import Spread
from bench.measure import Bench
from bench.plan import Plan
from bench.systems import Launch, Running, queue, stack_worker, tutorial_worker
from support import DevServer

MEMORY, FILE, STACK = "tutorial, stock server in memory", "tutorial, stock server with a file", "this stack, with a file"
SYSTEMS = {MEMORY: "memory", FILE: "file", STACK: "stack"}


@dataclass(frozen=True)
class Point:
    """One system under one load in one round."""

    rate: float  # runs a second
    p50: float  # ms
    p95: float  # ms
    shares: Shares


@dataclass(frozen=True)
class LoadResult:
    """The rounds by system and in-flight level."""

    points: dict[str, dict[int, list[Point]]]

    def spread(self, system: str, level: int, figure: Callable[[Point], float]) -> Spread:
        """Return one figure of a system at a level."""
        return Spread.of(map(figure, self.points[system][level]))


def steps(plan: Plan) -> int:
    """Return how many steps there are."""
    return plan.rounds * len(SYSTEMS) * (1 + len(plan.levels))


def measure(bench: Bench) -> LoadResult:
    """Measure the systems in turn."""
    points: dict[str, dict[int, list[Point]]] = {system: defaultdict(list) for system in SYSTEMS}
    for number in range(bench.plan.rounds):
        for system, kind in SYSTEMS.items():
            round_ = f"round {number + 1} of {bench.plan.rounds}: {system}"
            bench.progress.step(f"load, {round_}: start")
            with bench.site.server(kind) as server:
                name = queue()
                launch = worker_of(bench, kind, server, name)
                with bench.site.running(launch) as worker:
                    for level, point in asyncio.run(_levels(bench, server, worker, name, round_)).items():
                        points[system][level].append(point)
    return LoadResult(points)


def worker_of(bench: Bench, kind: str, server: DevServer, task_queue: str) -> Launch:
    """Return the worker that goes with a ``kind`` of server."""
    if kind == "stack":
        return stack_worker(bench.site, server.address, task_queue)
    return tutorial_worker(server.address, task_queue)


async def _levels(bench: Bench, server: DevServer, worker: Running, task_queue: str, round_: str) -> dict[int, Point]:
    client = await connect(server.address)
    await warm_up(client, task_queue, bench.plan.warm_up, worker)
    found = {}
    for level, runs in bench.plan.levels.items():
        bench.progress.step(f"load, {round_}: {level} in flight")
        load, shares = await drive_and_account(client, task_queue, runs, level, server.pid, worker.pid)
        found[level] = Point(load.rate, load.latency(50), load.latency(95), shares)
    return found
