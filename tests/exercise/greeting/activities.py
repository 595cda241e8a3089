import asyncio
import time

from temporalio import activity
from temporalio.exceptions import ApplicationError


@activity.defn
async def slow(seconds: str) -> str:
    activity.logger.info("in flight")
    await asyncio.sleep(float(seconds))
    return f"slow {seconds}"


@activity.defn
def plain(seconds: str) -> str:
    activity.logger.info("in flight")
    time.sleep(float(seconds))
    return f"plain {seconds}"


@activity.defn
async def block(seconds: str) -> str:
    activity.logger.info("in flight")
    time.sleep(float(seconds))  # noqa: ASYNC251 - the mistake under test: it blocks the event loop
    return f"block {seconds}"


@activity.defn
async def fail(reason: str) -> str:
    raise ApplicationError(reason, type="Refusal", non_retryable=True)


@activity.defn
async def flaky(reason: str) -> str:
    raise ValueError(reason)


@activity.defn
async def count(number: str) -> list[int]:
    return list(range(int(number)))


@activity.defn
async def loop(_: str) -> str:
    return type(asyncio.get_running_loop()).__module__
