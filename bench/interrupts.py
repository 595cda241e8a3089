"""Ctrl-C and SIGTERM: raised once, never while a process is being started, and not again while what runs is ended."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(KeyboardInterrupt):
    """A signal asked for the end. A KeyboardInterrupt, since asyncio lets no other exception through its tasks at once."""

    def __init__(self, number: int) -> None:
        """Keep the signal's ``number``."""
        super().__init__()
        self.number = number


class _State:
    held = False
    waiting = 0
    told = False


def install() -> None:
    """Turn the signals into Interrupted."""
    for number in NUMBERS:
        signal.signal(number, _received)


def _received(number: int, frame: FrameType | None) -> None:
    if _State.told:
        return
    if _State.held:
        _State.waiting = number
        return
    _State.told = True
    logging.disable()  # asyncio would tell of every call that this cuts off
    raise Interrupted(number)


@contextmanager
def held() -> Iterator[None]:
    """Keep signals waiting: a process that starts in this block is known when it ends."""
    _State.held = True
    try:
        yield
    finally:
        _State.held = False
    if _State.waiting:
        _received(_State.waiting, None)
