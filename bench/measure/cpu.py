"""CPU of a worker for each run, with the stack's settings undone one by one."""

import asyncio
from dataclasses import dataclass, field

from bench.drive import connect, drive_and_account, warm_up
from bench.figures import Spread
from bench.measure import Bench
from bench.plan import Plan
from bench.systems import Launch, Running, queue, stack_worker, tutorial_worker
from support import DevServer

IN_FLIGHT = 30
UNDONE = {"WORKER_EVENT_LOOP": "asyncio", "TEMPORAL_COMPRESSION": "on", "WORKER_CORE_THREADS": "0"}


@dataclass(frozen=True)
class Variant:
    """A worker: the stack's with other ``settings`` or another ``application``, or the tutorial's."""

    title: str
    settings: dict[str, str] = field(default_factory=dict)
    application: str = ""
    tutorial: bool = False


TUTORIAL, STACK, ALL_UNDONE = Variant("tutorial's worker", tutorial=True), Variant("this stack's worker"), "all three undone"
CAUSES = [Variant(f"{name}={value}", {name: value}) for name, value in UNDONE.items()]
NO_SANDBOX = Variant("WORKER_SANDBOX=off", {"WORKER_SANDBOX": "off"})
OTHERS = [
    Variant("WORKER_POLLERS=20", {"WORKER_POLLERS": "20"}),
    NO_SANDBOX,
    Variant("WORKER_CACHED_WORKFLOWS=0", {"WORKER_CACHED_WORKFLOWS": "0"}),
    Variant("workflow imports a package that is not passed through", application="unpassed"),
]
UNDONE_TOGETHER = Variant(ALL_UNDONE, UNDONE)
VARIANTS = [TUTORIAL, STACK, *CAUSES, UNDONE_TOGETHER, *OTHERS]


@dataclass(frozen=True)
class CpuResult:
    """The worker's CPU milliseconds a run, round by round, by the variant's title."""

    rounds: dict[str, list[float]]

    def spread(self, variant: Variant) -> Spread:
        """Return the figure of one variant."""
        return Spread.of(self.rounds[variant.title])


def steps(plan: Plan) -> int:
    """Return how many steps there are."""
    return plan.rounds * len(VARIANTS)


def measure(bench: Bench) -> CpuResult:
    """Measure all variants in turn on one server of the stack."""
    rounds: dict[str, list[float]] = {variant.title: [] for variant in VARIANTS}
    with bench.site.server() as server:
        for number in range(bench.plan.rounds):
            for variant in VARIANTS:
                bench.progress.step(f"worker CPU, round {number + 1} of {bench.plan.rounds}: {variant.title}")
                name = queue()
                with bench.site.running(_launch(bench, server, name, variant)) as worker:
                    rounds[variant.title].append(asyncio.run(_one(bench, server, worker, name)))
    return CpuResult(rounds)


def _launch(bench: Bench, server: DevServer, task_queue: str, variant: Variant) -> Launch:
    if variant.tutorial:
        return tutorial_worker(server.address, task_queue)
    return stack_worker(bench.site, server.address, task_queue, variant.application, **variant.settings)


async def _one(bench: Bench, server: DevServer, worker: Running, task_queue: str) -> float:
    client = await connect(server.address)
    await warm_up(client, task_queue, bench.plan.warm_up, worker)
    _, shares = await drive_and_account(client, task_queue, bench.plan.cpu_runs, IN_FLIGHT, server.pid, worker.pid)
    return shares.workers
