"""`python -m starter`: one run, one result on standard output, everything else on standard error, an exit code that is true."""

import gc
import os
import signal
import sys

# Nothing was started yet: leave quietly. As PID 1 a process without a handler of its own would ignore SIGTERM.
signal.signal(signal.SIGINT, lambda *_: os._exit(130))
signal.signal(signal.SIGTERM, lambda *_: os._exit(143))

from connection.leave import Exit, leave

# One call at a time needs one thread, whatever the number of CPUs; read by the threads' own library.
os.environ.setdefault("TOKIO_WORKER_THREADS", "1")
# Nearly everything that the imports allocate lives as long as the process: collecting it is work for nothing.
gc.disable()


def main() -> int:
    """Return the exit code."""
    if "--check" in sys.argv[1:]:  # before the arguments of a run, which it needs none of
        from starter.check import examine

        return examine()
    from starter.arguments import parse

    request = parse(sys.argv[1:])

    import asyncio

    from connection.leave import complain
    from connection.settings import SettingsError, load

    if request.count:
        from starter.load import run_load as start
    else:
        from starter.start import start

    try:
        settings = load()
    except SettingsError as error:
        complain("starter", str(error))
        return Exit.USAGE
    gc.enable()
    return asyncio.run(start(settings, request))


try:
    code = main()
except SystemExit as exit_:  # argparse
    code = exit_.code if isinstance(exit_.code, int) else Exit.USAGE
except BaseException:  # a bug: its traceback, and an exit code that says "not a result"
    import traceback

    traceback.print_exc()
    code = Exit.FAILED
leave(code)
