"""From the start of a worker's process to the result of a run that waits for it."""

import asyncio
from dataclasses import dataclass
from time import perf_counter
from uuid import uuid4

from temporalio.client import Client

from bench.drive import LIMIT, check, connect
from bench.figures import Spread
from bench.measure import Bench
from bench.plan import Plan
from bench.systems import BenchError, python, queue, stack_worker, tutorial_worker
from support import DevServer

TUTORIAL, STACK = "tutorial's worker", "this stack's worker"
BARE, IMPORTS = "an interpreter that does nothing", "an interpreter that imports the SDK's worker and client"
FLOORS = {BARE: "pass", IMPORTS: "import temporalio.worker, temporalio.client"}


@dataclass(frozen=True)
class ColdResult:
    """Milliseconds, round by round, by what was started."""

    rounds: dict[str, list[float]]

    def spread(self, what: str) -> Spread:
        """Return the figure of ``what``."""
        return Spread.of(self.rounds[what])


def steps(plan: Plan) -> int:
    """Return how many steps there are."""
    return plan.starts + 1


def measure(bench: Bench) -> ColdResult:
    """Start all in turn; the first time is in no figure."""
    rounds: dict[str, list[float]] = {what: [] for what in (TUTORIAL, STACK, BARE, IMPORTS)}
    with bench.site.server() as server:
        for number in range(bench.plan.starts + 1):
            bench.progress.step(f"cold start, {f'{number} of {bench.plan.starts}' if number else 'once beforehand'}")
            for what, found in rounds.items():
                milliseconds = _floor(bench, what) if what in FLOORS else asyncio.run(_start(bench, server, what))
                if number:
                    found.append(milliseconds)
    return ColdResult(rounds)


def _floor(bench: Bench, what: str) -> float:
    seconds, code, _, words = bench.site.call(python(FLOORS[what]))
    if code:
        raise BenchError(f"{what}: exit code {code}: {words}")
    return seconds * 1000


async def _start(bench: Bench, server: DevServer, what: str) -> float:
    client: Client = await connect(server.address)
    task_queue, name = queue(), uuid4().hex
    waiting = await client.start_workflow("SayHello", name, id=f"bench-{name}", task_queue=task_queue, result_type=str)
    result = asyncio.ensure_future(waiting.result())
    await asyncio.sleep(0.1)  # until the question for the result is with the server
    if what == TUTORIAL:
        launch = tutorial_worker(server.address, task_queue)
    else:
        launch = stack_worker(bench.site, server.address, task_queue)
    began = perf_counter()
    with bench.site.running(launch) as worker:
        try:
            async with asyncio.timeout(LIMIT):
                check(name, await result)
        except TimeoutError:
            worker.require()
            raise BenchError(f"no result from {what} within {LIMIT:.0f} s") from None
        return (perf_counter() - began) * 1000
