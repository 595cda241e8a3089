"""What became of the runs, by the server's own records."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from drill.load import Errand

COMPLETED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED


@dataclass(frozen=True)
class Verdict:
    """What became of a drill's runs. Seconds are between events as the server recorded them."""

    runs: int
    lost: list[str]  # ids without a result
    wrong: list[str]  # ids with another result, or with more than one run
    retried: int  # activity attempts after the first
    pause: float  # longest time in which no run was completed


async def judge(client: Client, name: str, errands: list[Errand]) -> Verdict:
    """Read the history of every run there is and compare it with what was asked for."""
    executions = Counter[str]()
    async for run in client.list_workflows(f"WorkflowId STARTS_WITH '{name}-'", page_size=1000):
        executions[run.id] += 1
    wanted = {errand.workflow_id: errand for errand in errands}
    lost = [id_ for id_ in wanted if not executions[id_]]
    wrong = [id_ for id_, count in executions.items() if count > 1 or id_ not in wanted]
    there = [id_ for id_ in wanted if executions[id_]]
    at_once = asyncio.Semaphore(20)

    async def events(id_: str) -> list[HistoryEvent]:
        async with at_once:
            return list((await client.get_workflow_handle(id_).fetch_history()).events)

    retried, ends = 0, []
    for id_, history in zip(there, await asyncio.gather(*map(events, there)), strict=True):
        retried += sum(max(0, event.activity_task_started_event_attributes.attempt - 1) for event in history)
        last = history[-1]
        if last.event_type != COMPLETED:
            lost.append(id_)
            continue
        ends.append(last.event_time.ToNanoseconds() / 1e9)
        payloads = last.workflow_execution_completed_event_attributes.result.payloads
        if [json.loads(payload.data) for payload in payloads] != [wanted[id_].result] and id_ not in wrong:
            wrong.append(id_)
    pause = max((after - before for before, after in pairwise(sorted(ends))), default=0.0)
    return Verdict(len(errands), lost, wrong, retried, pause)
