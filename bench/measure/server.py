"""What each setting that the stack gives the dev server is worth."""

import asyncio
from dataclasses import dataclass

from bench.drive import connect, drive, warm_up
from bench.figures import Spread
from bench.measure import Bench
from bench.plan import Plan
from bench.systems import ONE_PARTITION, QUEUE_RATE, WRITE_AHEAD, Running, queue, stack_worker
from support import DevServer

STACK = "all as the stack sets them"
VARIANTS: dict[str, tuple[str, ...] | None] = {
    STACK: None,
    "without history.transferProcessorMaxPollRPS": (*ONE_PARTITION, *WRITE_AHEAD),
    "without one partition a task queue": (*QUEUE_RATE, *WRITE_AHEAD),
    "without both": WRITE_AHEAD,
    "without write-ahead log, synchronous=normal": (*QUEUE_RATE, *ONE_PARTITION),
}
ONE_BY_ONE = 15
IN_FLIGHT = 50


@dataclass(frozen=True)
class ServerResult:
    """Round by round: ms of hello after hello, and runs a second at `IN_FLIGHT`."""

    p50: dict[str, list[float]]
    rate: dict[str, list[float]]

    def spread(self, variant: str) -> tuple[Spread, Spread]:
        """Return both figures of one variant."""
        return Spread.of(self.p50[variant]), Spread.of(self.rate[variant])


def steps(plan: Plan) -> int:
    """Return how many steps there are."""
    return plan.settings_rounds * len(VARIANTS)


def measure(bench: Bench) -> ServerResult:
    """Measure the variants in turn, each on a fresh server, all with the stack's worker."""
    p50: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    rate: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    for number in range(bench.plan.settings_rounds):
        for variant, options in VARIANTS.items():
            bench.progress.step(f"server settings, round {number + 1} of {bench.plan.settings_rounds}: {variant}")
            with bench.site.server(*(("stack",) if options is None else ("file", options))) as server:
                name = queue()
                with bench.site.running(stack_worker(bench.site, server.address, name)) as worker:
                    found = asyncio.run(_one(bench, server, worker, name))
            p50[variant].append(found[0])
            rate[variant].append(found[1])
    return ServerResult(p50, rate)


async def _one(bench: Bench, server: DevServer, worker: Running, task_queue: str) -> tuple[float, float]:
    client = await connect(server.address)
    await warm_up(client, task_queue, bench.plan.warm_up, worker)
    one_by_one = await drive(client, task_queue, 3 if bench.plan.quick else ONE_BY_ONE, 1)
    return one_by_one.latency(50), (await drive(client, task_queue, bench.plan.settings_runs, IN_FLIGHT)).rate
