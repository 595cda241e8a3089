"""Says what is measured now: in place on a terminal, a line each elsewhere."""

import sys
from time import monotonic
from typing import TextIO


class Progress:
    """Counts the steps of a bench, of which there are ``total``."""

    def __init__(self, total: int, to: TextIO = sys.stderr) -> None:
        """Begin with none done."""
        self._total = total
        self._to = to
        self._started = monotonic()
        self._done = 0
        self.now = "the preparation"

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return monotonic() - self._started

    def step(self, what: str) -> None:
        """Begin the next step."""
        self._done += 1
        self.now = what
        minutes, seconds = divmod(int(self.seconds), 60)
        line = f"[{self._done} of {self._total}] {minutes}:{seconds:02} {what}"
        print(f"\r\033[K{line}" if self._to.isatty() else f"{line}\n", end="", file=self._to, flush=True)

    def clear(self) -> None:
        """Take the line away, for what is printed next."""
        if self._to.isatty():
            print("\r\033[K", end="", file=self._to, flush=True)
