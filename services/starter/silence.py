"""Why there is no result yet: asked of the server, said once for every new reason."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import (
    EventType,
    PendingActivityState,
    PendingWorkflowTaskState,
    TaskQueueType,
    WorkflowExecutionStatus,
)
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeWorkflowExecutionResponse
from temporalio.service import RPCError, ServiceClient

from connection.settings import Settings
from starter.failure import failure_text
from starter.report import Report
from starter.run import ALL, Run

SILENCE_SECONDS = 3.0
RPC_TIMEOUT = timedelta(seconds=3)


@contextmanager
def say_later(say: Callable[[str], None], message: str) -> Iterator[None]:
    """Say ``message`` if the block takes longer than `SILENCE_SECONDS`."""
    timer = asyncio.get_running_loop().call_later(SILENCE_SECONDS, say, message)
    try:
        yield
    finally:
        timer.cancel()


async def explain_silence(settings: Settings, run: Run, report: Report) -> None:
    """Tell ``report`` every few seconds why ``run`` has no result; return when the server says that it has ended."""
    while True:
        await asyncio.sleep(SILENCE_SECONDS)
        try:
            description = await run.describe(RPC_TIMEOUT)
            if description.workflow_execution_info.status != WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING:
                return
            report.waits(await _reason(settings, run, description))
        except RPCError as error:
            away = error.status.name in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED")
            words = "does not answer" if away else f"does not tell why: {error.message}"
            report.waits(f"The server at {settings.address} {words}", unreachable=away)


async def _reason(settings: Settings, run: Run, description: DescribeWorkflowExecutionResponse) -> str:
    if description.HasField("pending_workflow_task"):
        task = description.pending_workflow_task
        if task.attempt > 1 and (failure := await _workflow_task_failure(run)):
            return f"The workflow task fails again and again (attempt {task.attempt}): {failure}"
        if task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED:
            return "A worker has the workflow task and has not answered yet"
        return await _no_taker(run.services, settings, "the run", TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    for activity in description.pending_activities:
        return await _activity_reason(run.services, settings, activity)
    return "The workflow is running and waits for a timer, a signal or another workflow"


async def _activity_reason(services: ServiceClient, settings: Settings, activity: PendingActivityInfo) -> str:
    name = activity.activity_type.name
    if activity.HasField("last_failure"):
        failure = failure_text(activity.last_failure)
        return f"Activity {name} has failed and is tried again (attempt {activity.attempt}): {failure}"
    if activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
        return f"Activity {name} is running on worker {activity.last_worker_identity}"
    return await _no_taker(services, settings, f"activity {name}", TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)


async def _no_taker(services: ServiceClient, settings: Settings, what: str, kind: TaskQueueType.ValueType) -> str:
    """Say who polls the task queue. The server remembers pollers for five minutes, so an old poll is told with its age."""
    request = DescribeTaskQueueRequest(
        namespace=settings.namespace, task_queue=TaskQueue(name=settings.task_queue), task_queue_type=kind
    )
    response = await services.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)
    if not response.pollers:
        return no_taker(settings)
    last = max(response.pollers, key=lambda poller: poller.last_access_time.ToNanoseconds())
    age = datetime.now(UTC) - last.last_access_time.ToDatetime(UTC)
    return (
        f"No worker has taken {what} from {_queue(settings)}: the last poll was {max(age.total_seconds(), 0):.0f} s ago, by"
        f" {last.identity}, which is busy or gone"
    )


def no_taker(settings: Settings) -> str:
    """Return what is said of a task queue without a worker."""
    return f"No worker polls {_queue(settings)}: start one, or mend its TEMPORAL_TASK_QUEUE"


def _queue(settings: Settings) -> str:
    return f"task queue {settings.task_queue!r} in namespace {settings.namespace!r}"


async def _workflow_task_failure(run: Run) -> str:
    """Return the newest failure of a workflow task, or nothing. Attempts after the first leave no event of their own."""
    failed, timed_out = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED, EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT
    newest = ""
    async for event in run.history(run.run_id, ALL, RPC_TIMEOUT):
        if event.event_type == failed:
            newest = failure_text(event.workflow_task_failed_event_attributes.failure)
        elif event.event_type == timed_out:
            newest = "the worker took the task and did not answer in time"
    return newest
