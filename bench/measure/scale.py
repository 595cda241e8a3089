"""More workers on one task queue: where the server becomes the limit."""

import asyncio
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass

from bench.drive import Shares, connect, drive_and_account, warm_up
from bench.figures import Spread
from bench.measure import Bench
from bench.plan import Plan
from bench.systems import Running, queue, stack_worker
from support import DevServer


@dataclass(frozen=True)
class Crowd:
    """One round of a number of workers at a level."""

    rate: float
    shares: Shares


@dataclass(frozen=True)
class ScaleResult:
    """The rounds by number of workers and in-flight level."""

    crowds: dict[tuple[int, int], list[Crowd]]

    def rate(self, workers: int, level: int) -> Spread:
        """Return the runs a second."""
        return Spread.of(crowd.rate for crowd in self.crowds[workers, level])


def steps(plan: Plan) -> int:
    """Return how many steps there are."""
    return plan.scale_rounds * len(plan.workers) * len(plan.scale_levels)


def measure(bench: Bench) -> ScaleResult:
    """Measure each number of workers in turn, each on a fresh server."""
    crowds: dict[tuple[int, int], list[Crowd]] = defaultdict(list)
    for number in range(bench.plan.scale_rounds):
        for workers in bench.plan.workers:
            with bench.site.server() as server, ExitStack() as stack:
                name = queue()
                launch = stack_worker(bench.site, server.address, name)
                running = [stack.enter_context(bench.site.running(launch)) for _ in range(workers)]
                round_ = f"scale, round {number + 1} of {bench.plan.scale_rounds}"
                for level, crowd in asyncio.run(_levels(bench, server, running, name, round_)).items():
                    crowds[workers, level].append(crowd)
    return ScaleResult(dict(crowds))


async def _levels(bench: Bench, server: DevServer, workers: list[Running], task_queue: str, round_: str) -> dict[int, Crowd]:
    found = {}
    client = await connect(server.address)
    await warm_up(client, task_queue, bench.plan.warm_up * len(workers), *workers)
    for level, runs in bench.plan.scale_levels.items():
        bench.progress.step(f"{round_}: {len(workers)} workers, {level} in flight")
        pids = [worker.pid for worker in workers]
        load, shares = await drive_and_account(client, task_queue, runs, level, server.pid, *pids)
        found[level] = Crowd(load.rate, shares)
    return found
