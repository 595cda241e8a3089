"""Why a load gives no results: asked of the server once there was none for a while."""

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import RPCError, ServiceClient

from connection.settings import Settings
from starter.check import POLL_SECONDS
from starter.progress import Progress
from starter.silence import no_taker
from starter.tally import Tally

SILENCE_SECONDS = 3.0
REMIND_SECONDS = 30.0
RPC_TIMEOUT = timedelta(seconds=3)


class Watch:
    """Tells ``progress`` why ``tally`` counts nothing."""

    def __init__(self, services: ServiceClient, settings: Settings, tally: Tally, progress: Progress) -> None:
        """Say nothing yet."""
        self._services = services
        self._settings = settings
        self._tally = tally
        self._progress = progress
        self._said = ""
        self._said_at = 0.0
        self.latest = ""  # the id of the run that was accepted last

    async def keep(self) -> None:
        """Explain every silence, until cancelled: when its reason is new, and now and then again."""
        answered = 0
        while True:
            await asyncio.sleep(SILENCE_SECONDS)
            if self._tally.answered == answered and self._tally.accepted:
                await self.explain()
            else:
                self._said, answered = "", self._tally.answered

    async def explain(self) -> None:
        """Say why there is no result, unless that was just said."""
        reason, hint = await self._reason()
        if reason != self._said or monotonic() - self._said_at >= REMIND_SECONDS:
            since = "for some seconds" if self._tally.answered else "yet"
            self._progress.say(f"No result {since}. {reason}{hint}")
            self._said, self._said_at = reason, monotonic()

    async def _reason(self) -> tuple[str, str]:
        settings = self._settings
        request = DescribeTaskQueueRequest(
            namespace=settings.namespace,
            task_queue=TaskQueue(name=settings.task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            pollers = (await self._services.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)).pollers
        except RPCError:
            return f"The server at {settings.address} does not answer", ""
        now = datetime.now(UTC)
        ages = {poller.identity: (now - poller.last_access_time.ToDatetime(UTC)).total_seconds() for poller in pollers}
        last = min(ages, key=ages.__getitem__, default="")
        if not last or ages[last] > POLL_SECONDS:
            return no_taker(settings), ""
        return (
            f"Worker {last} is busy, or gone, or the workflow waits",
            f": its last poll was {max(ages[last], 0):.0f} s ago. What one run waits for is told by"
            f" --workflow-id {self.latest} in the place of --count",
        )
