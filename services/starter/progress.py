"""How far a load is, on standard error: a bar that is drawn again in place on a terminal, else a line now and then."""

import asyncio
import logging
import os
import sys
import threading
from contextlib import suppress

from connection.leave import complain
from starter.tally import Tally

BAR_SECONDS = 0.2
LINE_SECONDS = 5.0
BAR_WIDTH = 40
ECHO = "^C"  # a terminal writes it behind the bar when the load is interrupted


class Progress:
    """The progress of what ``tally`` counts, and whatever else is said meanwhile."""

    def __init__(self, tally: Tally) -> None:
        """Show nothing yet."""
        self._tally = tally
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._drawn = 0  # characters of the bar that stand in the terminal's last line
        self._lock = threading.RLock()  # the SDK's core logs on threads of its own

    async def show(self) -> None:
        """Show the progress until cancelled."""
        for handler in logging.getLogger().handlers:
            if self._terminal and isinstance(handler, logging.StreamHandler):
                handler.setStream(self)
        while True:
            await asyncio.sleep(BAR_SECONDS if self._terminal else LINE_SECONDS)
            if self._terminal:
                self._draw()
            else:
                complain("starter", self._text())

    def say(self, message: str) -> None:
        """Write ``message`` to standard error, on a line of its own."""
        with self._lock:
            self.clear()
            complain("starter", message)

    def clear(self) -> None:
        """Take the bar away. Blanks do it on every terminal, control sequences do not."""
        with self._lock:
            if self._drawn:
                self._put("\r" + " " * (self._drawn + len(ECHO)) + "\r")
                self._drawn = 0

    def write(self, text: str) -> None:
        """Write ``text``, whole lines, where the bar was. With `flush` it makes this a stream for the logs."""
        with self._lock:
            self.clear()
            self._put(text)

    def flush(self) -> None:
        """Do nothing: what is written is flushed."""

    def _draw(self) -> None:
        width = self._width() - len(ECHO) - 1  # a character in the last column would begin a new line on some terminals
        text = self._text()
        cells = min(BAR_WIDTH, width - len(text) - 3)
        if cells > 0:
            text = f"[{'#' * (cells * self._tally.done // self._tally.total):.<{cells}}] {text}"
        text = text[:width]
        with self._lock:
            self._put("\r" + text.ljust(self._drawn))
            self._drawn = len(text)

    def _text(self) -> str:
        tally = self._tally
        rate = tally.done / tally.seconds()
        left = f"{_duration((tally.total - tally.done) / rate)} left" if tally.done else "time left not known"
        return f"{tally.done}/{tally.total} runs, {rate:.1f} a second, {tally.errors} errors, {left}"

    def _width(self) -> int:
        with suppress(OSError):
            return os.get_terminal_size(sys.stderr.fileno()).columns or 80  # 0: a terminal that was not told its size
        return 80

    def _put(self, text: str) -> None:
        with suppress(OSError):  # the terminal is gone; what counts is the load
            sys.stderr.write(text)
            sys.stderr.flush()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
