"""`python -m worker [--health-file PATH]`: poll until SIGTERM or SIGINT, then drain."""

import gc
import os
import signal

# While the imports still run there is nothing to drain. As PID 1 a process without a handler of its own would ignore SIGTERM.
signal.signal(signal.SIGINT, lambda *_: os._exit(0))
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))

from connection.leave import Exit, complain, leave

# Nearly everything that the imports allocate lives as long as the process: collecting it is work for nothing.
gc.disable()


def main() -> int:
    """Return the exit code."""
    import asyncio
    import logging
    from argparse import ArgumentParser
    from pathlib import Path

    from application import hosted
    from connection.faults import Fault
    from connection.settings import SettingsError, load
    from worker.host import event_loop, host

    parser = ArgumentParser(prog="worker", description="Hosts the application's workflows and activities.")
    parser.add_argument("--health-file", type=Path, help="keep a deadline in this file for `worker/healthy` to check")
    arguments = parser.parse_args()
    try:
        settings = load()
        application = hosted()
        # All that is imported stays: the collector need not look through it again and again.
        gc.enable()
        gc.freeze()
        with asyncio.Runner(loop_factory=event_loop(settings)) as loop:
            return loop.run(host(settings, application, arguments.health_file))
    except SettingsError as error:
        complain("worker", str(error))
        return Exit.USAGE
    except Fault as fault:
        logging.getLogger("worker").error("%s", fault)  # `host` has set the logs up by then
        return Exit.UNREACHABLE if fault.may_pass else Exit.USAGE


try:
    code = main()
except SystemExit as exit_:  # argparse
    code = exit_.code if isinstance(exit_.code, int) else Exit.USAGE
except BaseException:  # a bug, here or in the application's modules
    import traceback

    traceback.print_exc()
    code = Exit.FAILED
leave(code)
