import asyncio
import time

from temporalio import activity


def answer(what: str) -> str:
    return f"{what} done"


@activity.defn
async def quick(what: str) -> str:
    return answer(what)


@activity.defn
async def slow(what: str) -> str:
    await asyncio.sleep(2)
    return answer(what)


@activity.defn
def hoard(what: str) -> str:
    """Take memory without end, the first time."""
    hoarded = []
    while activity.info().attempt == 1:
        hoarded.append(bytearray(16 << 20))
    return answer(what)


@activity.defn
async def block(what: str) -> str:
    """Hold up the event loop without end, the first time."""
    if activity.info().attempt == 1:
        time.sleep(3600)  # noqa: ASYNC251 - the mistake under test
    return answer(what)
