"""Child processes that are ended in order, whatever ends their parent."""

import asyncio
import ctypes
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path


class EmbeddedError(Exception):
    """The embedded stack cannot go on; the text is for a person."""


@asynccontextmanager
async def running(
    *command: str, environment: Mapping[str, str], patience: float, log: Path | None = None
) -> AsyncIterator[Process]:
    """Run ``command`` for the length of the block, then end it: SIGTERM, and SIGKILL after ``patience`` seconds.

    Its output goes to ``log``, if given. It gets ``environment`` on top of this process's own. It is in a session of its own,
    so that a Ctrl-C at the terminal reaches this process alone, which ends its children in order.
    """
    output = log.open("wb") if log else None
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
    finally:
        if output:
            output.close()
    try:
        yield process
    finally:
        await _end(process, patience)


def _end_with_parent() -> None:
    """Have the kernel send this process SIGTERM when its parent dies without a chance to. Linux alone can."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1  # linux/prctl.h
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


async def _end(process: Process, patience: float) -> None:
    try:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(patience):
            await process.wait()
    except (TimeoutError, asyncio.CancelledError) as error:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if isinstance(error, asyncio.CancelledError):
            raise
