"""Keeps a deadline in a file for `worker/healthy`: healthy: the event loop turns, the server answers and sees us poll.

The check itself then costs no Python process, and a loop that is blocked, or a process that is paused, misses its deadline with
nobody having to notice.
"""

import asyncio
import logging
import time
from datetime import timedelta
from pathlib import Path

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from application import Hosted
from connection.service import refusal
from connection.settings import Settings
from worker.inflight import InFlight

log = logging.getLogger("worker.health")

REPORT_SECONDS = 5.0
# Three reports may fail before the worker is unhealthy; with the check's own interval that stays under 30 s.
VALID_SECONDS = 15
RPC_TIMEOUT = timedelta(seconds=4)
# A poll ends after 60 s at the latest and the next one begins: a poll that is older is no longer a poll.
POLL_SECONDS = 100
# A first poll is seen within a second, unless the task queue has partitions (a production server's have four): the server tells
# of the root's polls alone, and it can take a worker a minute to poll that one. So after this time a worker gets the benefit of
# the doubt until `POLL_SECONDS` are over.
FIRST_POLL_SECONDS = 10
NO_POLL = "the server sees no poll of this worker"


async def report_health(
    client: Client, settings: Settings, application: Hosted, in_flight: InFlight, health_file: Path | None
) -> None:
    """Ask the server about our polls every `REPORT_SECONDS`, extend the deadline while all is well; runs until cancelled."""
    workflows = bool(application.WORKFLOWS)
    kind = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW if workflows else TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    request = DescribeTaskQueueRequest(
        namespace=settings.namespace, task_queue=TaskQueue(name=settings.task_queue), task_queue_type=kind
    )
    started = polled_at = time.monotonic()
    last_poll = 0
    trouble = NO_POLL  # of a worker that starts: nothing to warn of yet
    wrong = ""
    while True:
        before, wrong = wrong, ""
        try:
            response = await client.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)
            polls = [p.last_access_time.ToNanoseconds() for p in response.pollers if p.identity == client.identity]
            # Compared with its own last value and not with our clock, which may differ from the server's.
            if polls and max(polls) != last_poll:
                last_poll, polled_at = max(polls), time.monotonic()
            busy = not workflows and in_flight.full
            now = time.monotonic()
            if (now - polled_at > POLL_SECONDS and not busy) or (not last_poll and now - started < FIRST_POLL_SECONDS):
                wrong = NO_POLL
        except RPCError as error:
            if error.status.name != "PERMISSION_DENIED":  # it answers, it just does not tell
                fault = refusal(error, settings)
                wrong = f"the server does not answer: {error.status.name}" if fault.may_pass else str(fault)
        if not wrong and health_file:
            wrong = write_deadline(health_file)
        # Once is no trouble: a server closes every connection after some minutes, with whatever call is on it.
        if wrong != trouble and (not wrong or before):
            log.warning("Unhealthy: %s", wrong) if wrong else log.info("Healthy")
            trouble = wrong
        await asyncio.sleep(1.0 if wrong else REPORT_SECONDS)


def write_deadline(health_file: Path) -> str:
    """Write when the health ends: seconds since boot, the clock of /proc/uptime, which no clock adjustment moves.

    Return why that was not possible, or an empty string.
    """
    part = health_file.with_suffix(".part")
    try:
        part.write_text(f"{int(time.clock_gettime(time.CLOCK_BOOTTIME)) + VALID_SECONDS}\n", encoding="ascii")
        part.replace(health_file)
    except OSError as error:
        return f"{health_file} cannot be written: {error.strerror}"
    return ""
