"""What a workflow takes in its worker's memory while it is open and cached."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle

from bench.drive import LIMIT, SECONDS_A_RUN, check, connect, warm_up
from bench.measure import Bench
from bench.plan import Plan
from bench.systems import BenchError, Running, queue, resident, stack_worker
from support import DevServer

APPLICATIONS = {
    "waiting": "activities passed through, as in the greeting",
    "unpassed": "a package besides that is not passed through",
}
AT_ONCE = 50


@dataclass(frozen=True)
class OpenedResult:
    """KB for each open workflow by the shape of its imports, and how many were open."""

    kilobytes: dict[str, float]
    opened: int


def steps(plan: Plan) -> int:
    """Return how many steps there are."""
    return len(APPLICATIONS)


def measure(bench: Bench) -> OpenedResult:
    """Open one workflow and then the others, for each application."""
    found = {}
    with bench.site.server() as server:
        for application, title in APPLICATIONS.items():
            bench.progress.step(f"open workflows: {title}")
            name = queue()
            with bench.site.running(stack_worker(bench.site, server.address, name, application)) as worker:
                found[title] = asyncio.run(_open(bench, server, worker, name))
    return OpenedResult(found, bench.plan.opened)


async def _open(bench: Bench, server: DevServer, worker: Running, task_queue: str) -> float:
    client = await connect(server.address)
    await warm_up(client, task_queue, bench.plan.warm_up, worker)
    turns = asyncio.Semaphore(AT_ONCE)
    opened: dict[str, WorkflowHandle[object, str]] = {}

    async def begin() -> None:
        name = uuid4().hex
        async with turns:
            opened[name] = await _greeted(client, task_queue, name)

    async def end(name: str, run: WorkflowHandle[object, str]) -> None:
        async with turns:
            await run.signal("release")
            check(name, await run.result())

    limit = LIMIT + SECONDS_A_RUN * bench.plan.opened
    try:
        async with asyncio.timeout(limit):
            await begin()
            one = resident(worker.pid)
            await asyncio.gather(*(begin() for _ in range(bench.plan.opened - 1)))
            many = resident(worker.pid)
            await asyncio.gather(*(end(name, run) for name, run in opened.items()))
    except TimeoutError:
        raise BenchError(f"{bench.plan.opened} workflows were not opened and ended within {limit:.0f} s") from None
    return (many - one) * 1024 / (bench.plan.opened - 1)


async def _greeted(client: Client, task_queue: str, name: str) -> WorkflowHandle[object, str]:
    """Return a run that has greeted and stays open; its worker has it in its cache, since it answers for it."""
    run: WorkflowHandle[object, str] = await client.start_workflow(
        "SayHelloAndStay",
        name,
        id=f"bench-{name}",
        task_queue=task_queue,
        result_type=str,
        execution_timeout=timedelta(minutes=20),
    )
    while not await run.query("greeted", result_type=bool):  # noqa: ASYNC110 - it happens in another process
        await asyncio.sleep(0.05)
    return run
