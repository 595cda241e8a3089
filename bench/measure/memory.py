"""What worker and server hold after ever more runs."""

import asyncio
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.drive import connect, drive, warm_up
from bench.measure import Bench
from bench.plan import Plan
from bench.systems import BenchError, Running, python, queue, resident, resident_in, stack_worker, tutorial_worker
from support import DevServer

IN_FLIGHT = 50


@dataclass(frozen=True)
class Held:
    """MiB after ``runs`` of each worker."""

    runs: int
    tutorial: float
    stack: float
    server: float
    history: float  # the file, its write-ahead log included


@dataclass(frozen=True)
class MemoryResult:
    """The marks, the one at rest first."""

    marks: list[Held]
    imports: float  # MiB of an interpreter that has imported the SDK's worker and client, and does nothing

    @property
    def growth(self) -> float:
        """MiB of the history's file for 1,000 runs."""
        first, last = self.marks[0], self.marks[-1]
        return (last.history - first.history) * 1000 / (2 * (last.runs - first.runs))


def steps(plan: Plan) -> int:
    """Return how many steps there are."""
    return len(plan.memory_marks)


def measure(bench: Bench) -> MemoryResult:
    """Load both workers at the same time on one server of the stack."""
    with bench.site.server() as server:
        queues = queue(), queue()
        tutorial, stack = tutorial_worker(server.address, queues[0]), stack_worker(bench.site, server.address, queues[1])
        with bench.site.running(tutorial) as first, bench.site.running(stack) as second:
            marks = asyncio.run(_marks(bench, server, queues, (first, second)))
    return MemoryResult(marks, _imports(bench))


def _imports(bench: Bench) -> float:
    _, code, out, words = bench.site.call(
        python("import temporalio.worker, temporalio.client\nprint(open('/proc/self/status').read())")
    )
    if code:
        raise BenchError(f"an interpreter that imports the SDK: exit code {code}: {words}")
    return resident_in(out)


async def _marks(bench: Bench, server: DevServer, queues: tuple[str, str], workers: tuple[Running, Running]) -> list[Held]:
    client = await connect(server.address)
    at_rest, *_ = bench.plan.memory_marks
    bench.progress.step(f"memory: at rest, after {at_rest} runs")
    for task_queue, worker in zip(queues, workers, strict=True):
        await warm_up(client, task_queue, at_rest, worker)
    marks = [_held(bench, server, workers, at_rest)]
    for before, runs in pairwise(bench.plan.memory_marks):
        bench.progress.step(f"memory: until {runs:,} runs of each worker")
        await asyncio.gather(*(drive(client, task_queue, runs - before, IN_FLIGHT) for task_queue in queues))
        marks.append(_held(bench, server, workers, runs))
    return marks


def _held(bench: Bench, server: DevServer, workers: tuple[Running, Running], runs: int) -> Held:
    tutorial, stack = (resident(worker.pid) for worker in workers)
    files = sum(file.stat().st_size for file in Path(server.history).parent.glob("history.db*"))
    return Held(runs, tutorial, stack, resident(server.pid), files / 2**20)
