"""From settings to a polling worker to a drained one."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker

from application import Hosted
from connection.client import connect_patiently
from connection.leave import Exit
from connection.logs import configure
from connection.settings import Settings
from worker.health import report_health
from worker.inflight import InFlight
from worker.sandbox import runner
from worker.watchdog import Watchdog

log = logging.getLogger("worker")

# Beyond the grace: for cancelled activities to end and the SDK to wind up. Compose kills 10 s after the grace.
WIND_UP_SECONDS = 5


def event_loop(settings: Settings) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the event loop that ``settings`` name; None: Python's own."""
    if settings.event_loop == "asyncio":
        return None
    import uvloop  # noqa: PLC0415 - a library of 14 MB, mapped into memory only where it is used

    return uvloop.new_event_loop


async def host(settings: Settings, application: Hosted, health_file: Path | None) -> int:
    """Poll until SIGTERM or SIGINT, drain, and return the exit code; a second signal ends the process at once.

    Raises Fault when the server stays out of reach or cannot be used.
    """
    if settings.core_threads:  # read by the threads' own library, when the runtime is made
        os.environ["TOKIO_WORKER_THREADS"] = str(settings.core_threads)
    runtime = configure(settings.log_level, settings.log_format)
    workflow.logger.workflow_info_on_message = False  # the ids are fields
    activity.logger.activity_info_on_message = False
    if settings.stall_seconds:
        Watchdog(settings.stall_seconds).start()
    stopping = asyncio.ensure_future(_stop_signal())
    connecting = asyncio.ensure_future(connect_patiently(settings, runtime, log.info))
    await asyncio.wait({connecting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not connecting.done():
        log.info("Stopped before the server was reached; nothing to drain")
        return Exit.OK
    return await _poll(await connecting, settings, application, health_file, stopping)


async def _stop_signal() -> int:
    """Wait for the first SIGTERM or SIGINT and return its number."""
    first: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def received(number: int) -> None:
        if first.done():
            log.warning("Second signal: leaving at once, what is in flight is left to the server's timeouts")
            os._exit(128 + number)
        first.set_result(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, received, number)
    return await first


def _tell_its_end(watching: asyncio.Future[None]) -> None:
    # The worker goes on, with what it has in flight; its container turns unhealthy, and here stands why.
    if not watching.cancelled():
        log.error("The health report ended", exc_info=watching.exception())


async def _poll(
    client: Client, settings: Settings, application: Hosted, health_file: Path | None, stopping: asyncio.Future[int]
) -> int:
    in_flight = InFlight(settings.activity_slots)
    polls = PollerBehaviorSimpleMaximum(settings.pollers)
    worker = Worker(
        client,
        task_queue=settings.task_queue,
        workflows=application.WORKFLOWS,
        activities=application.ACTIVITIES,
        # As many threads as slots: with fewer, activities would be taken from the server and then wait here.
        activity_executor=ThreadPoolExecutor(settings.activity_slots, thread_name_prefix="activity"),
        max_concurrent_activities=settings.activity_slots,
        max_concurrent_workflow_tasks=settings.workflow_slots,
        max_cached_workflows=settings.cached_workflows,
        workflow_task_poller_behavior=polls,
        activity_task_poller_behavior=polls,
        workflow_runner=runner(client, sandbox=settings.sandbox),
        # The SDK's default is none: it would cancel what is in flight.
        graceful_shutdown_timeout=timedelta(seconds=settings.grace_seconds),
        interceptors=[in_flight],
    )
    running = asyncio.ensure_future(worker.run())
    where = f"task queue {settings.task_queue} in namespace {settings.namespace} at {settings.address}"
    log.info("Polling %s as %s", where, client.identity)
    watching = asyncio.ensure_future(report_health(client, settings, application, in_flight, health_file))
    watching.add_done_callback(_tell_its_end)
    ends: set[asyncio.Future[Any]] = {running, stopping}
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    watching.cancel()
    if running.done():
        log.error("The worker stopped by itself: %s", running.exception())
        return Exit.FAILED
    name = signal.Signals(stopping.result()).name
    log.info("%s: draining, %d activities in flight, %d s at most", name, in_flight.count, settings.grace_seconds)
    try:
        async with asyncio.timeout(settings.grace_seconds + WIND_UP_SECONDS):
            await worker.shutdown()
            await running
    except TimeoutError:
        log.error("%d activities did not end; left to the server's timeouts", in_flight.count)
        return Exit.FAILED
    if in_flight.cut_short:
        log.error("%d activities were cut short by the grace; the server has them tried again", in_flight.cut_short)
        return Exit.FAILED
    log.info("Drained")
    return Exit.OK
