"""`python -m embedded demo --name NAME` or `python -m embedded local`."""

import os
import signal

# Nothing was started yet: leave quietly.
for early in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(early, lambda number, _: os._exit(128 + number))

import asyncio
from argparse import ArgumentParser

from connection.leave import Exit, complain, leave
from connection.settings import Settings, SettingsError, load
from embedded.process import EmbeddedError
from embedded.stack import demo, local


async def run(settings: Settings, mode: str, arguments: list[str]) -> int:
    """Run ``mode`` until it ends or a signal asks for its end; return the exit code. All processes are ended either way."""
    task = asyncio.ensure_future(demo(settings, arguments) if mode == "demo" else local(settings))
    signals: list[int] = []

    def stop(number: int) -> None:
        signals.append(number)
        task.cancel()  # again: what is being waited for in order is cut short

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        # Ctrl-C is how `local` is meant to end.
        return Exit.OK if mode == "local" else 128 + signals[0]


def main() -> int:
    """Return the exit code."""
    parser = ArgumentParser(prog="embedded", description="The stack without Docker.")
    parser.add_argument("mode", choices=["demo", "local"])
    parsed, starter_arguments = parser.parse_known_args()
    try:
        return asyncio.run(run(load(), parsed.mode, starter_arguments))
    except SettingsError as error:
        complain("embedded", str(error))
        return Exit.USAGE
    except EmbeddedError as error:
        complain("embedded", str(error))
        return Exit.FAILED


try:
    code = main()
except SystemExit as exit_:  # argparse
    code = exit_.code if isinstance(exit_.code, int) else Exit.USAGE
leave(code)
