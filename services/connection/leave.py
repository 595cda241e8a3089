"""How a process of this stack ends: its exit codes, and an end that keeps them."""

import os
import sys
from contextlib import suppress
from enum import IntEnum
from typing import NoReturn


class Exit(IntEnum):
    """Exit codes of the worker, the starter and the embedded stack; documented in the README."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    NO_RESULT = 4
    OUTPUT = 5
    INTERRUPTED = 130
    TERMINATED = 143


def complain(program: str, message: str) -> None:
    """Write ``message`` to standard error, each line of it headed by the program's name."""
    for line in message.splitlines():
        print(f"{program}: {line}", file=sys.stderr, flush=True)


def leave(code: int) -> NoReturn:
    """End the process with ``code``, at once, with all that was written flushed.

    A process that used the SDK's native runtime can crash while the interpreter shuts down, after it had its result: about
    one run in ten ends with SIGABRT or SIGSEGV instead of its own exit code (temporalio/sdk-python issue 300). Not running
    that shutdown is the one sure way past it. So nothing may rely on `atexit` here.
    """
    for stream in (sys.stdout, sys.stderr):
        # A closed pipe: whoever would read it is gone. RuntimeError: called by a signal handler in the middle of another flush.
        with suppress(OSError, ValueError, RuntimeError):
            stream.flush()
    os._exit(code)
