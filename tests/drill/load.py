"""The load: runs with ids and results that are known before the first one starts."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

TASK_QUEUE = "my-task-queue"
RPC_TIMEOUT = timedelta(seconds=5)


@dataclass(frozen=True)
class Errand:
    """One run: the activity ``kind`` is done for ``number``."""

    workflow_id: str
    kind: str
    number: int

    @property
    def what(self) -> str:
        return f"{self.kind}:{self.number}"

    @property
    def result(self) -> str:
        return f"{self.what} done"


def plan(name: str, runs: int, special: str = "") -> list[Errand]:
    """Return ``runs`` errands: every tenth takes seconds, and two in the first third are ``special``, if given."""
    kinds = ["slow" if number % 10 == 5 else "quick" for number in range(runs)]
    if special:
        kinds[runs // 8] = kinds[runs // 4 + 1] = special
    return [Errand(f"{name}-{number:04}", kind, number) for number, kind in enumerate(kinds)]


async def begin(client: Client, errand: Errand) -> None:
    """Start the errand's run, once, however often the call for it has to be repeated."""
    while True:
        try:
            await client.start_workflow(
                "Errand",
                errand.what,
                id=errand.workflow_id,
                task_queue=TASK_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                rpc_timeout=RPC_TIMEOUT,
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError:  # the server is away: that is the drill
            await asyncio.sleep(0.5)
        else:
            return


async def drive(client: Client, errands: list[Errand], rate: float, under_way: asyncio.Event) -> None:
    """Start ``rate`` errands a second; set ``under_way`` after a tenth of them; return when all are started."""
    started = monotonic()
    beginnings = []
    for number, errand in enumerate(errands):
        await asyncio.sleep(max(0.0, started + number / rate - monotonic()))
        beginnings.append(asyncio.ensure_future(begin(client, errand)))
        if number >= len(errands) // 10:
            under_way.set()
    await asyncio.gather(*beginnings)


async def finish(client: Client, name: str, seconds: float) -> None:
    """Return when none of the drill's runs goes on, or after ``seconds``."""
    end = monotonic() + seconds
    running = f"WorkflowId STARTS_WITH '{name}-' AND ExecutionStatus = 'Running'"
    while monotonic() < end:
        try:
            if not (await client.count_workflows(running, rpc_timeout=RPC_TIMEOUT)).count:
                return
        except RPCError:
            pass
        await asyncio.sleep(0.3)
