"""SIGINT and SIGTERM for what the starter waits for: the first one ends it in order, the second one at once."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def interruptible(work: Coroutine[Any, Any, int], interrupted: Callable[[int], int]) -> int:
    """Return what ``work`` returns; a signal cancels it, and ``interrupted``, given the exit code, has the last word."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    codes: list[int] = []

    def interrupt(number: int) -> None:
        codes.append(128 + number)
        for each in SIGNALS:
            # Not by way of the loop: it stands still while the last word waits for somebody to read it.
            loop.remove_signal_handler(each)
            signal.signal(each, lambda again, _: os._exit(128 + again))
        task.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, interrupt, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not codes:
            raise
        return interrupted(codes[0])
