"""Ends a worker whose event loop no longer turns, so that the engine starts a new one.

Compose does not restart a container for being unhealthy, and a loop that is held up cannot end its own process: it takes a
thread. One call that neither waits nor lets Python go (a regular expression without an end) holds up this thread too.
"""

import asyncio
import logging
import os
import sys
import threading
import time
import traceback

from connection.leave import Exit

log = logging.getLogger("worker.watchdog")

TICK_SECONDS = 1.0
# For the last words: the log may be just what blocks.
WORDS_SECONDS = 5.0


class Watchdog(threading.Thread):
    """Ends the process with `Exit.FAILED` when the running event loop has not turned for ``seconds``."""

    def __init__(self, seconds: int) -> None:
        """Watch the loop of the calling thread."""
        super().__init__(name="watchdog", daemon=True)
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._turned = threading.Event()

    def run(self) -> None:
        """Watch until the loop is closed."""
        missed = 0.0
        while missed < self._seconds:
            self._turned.clear()
            try:
                self._loop.call_soon_threadsafe(self._turned.set)
            except RuntimeError:  # the loop is closed: the worker ends by itself
                return
            time.sleep(TICK_SECONDS)
            # Ticks are counted, not read off a clock: when the machine or the container slept, this thread slept too, and that
            # time is one tick.
            missed = 0.0 if self._turned.is_set() else missed + TICK_SECONDS
        self._end()

    def _end(self) -> None:
        threading.Timer(WORDS_SECONDS, os._exit, [Exit.FAILED]).start()
        stack = traceback.format_stack(sys._current_frames()[self._loop_thread])
        log.critical(
            "The event loop is blocked for %d s: ending, to be started anew. It is at\n%s", self._seconds, "".join(stack)
        )
        os._exit(Exit.FAILED)
