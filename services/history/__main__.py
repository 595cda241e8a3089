"""`python -m history STEP DATABASE`: the steps of `make backup` and `make restore` that need SQLite.

- ``backup``: write a checked copy of DATABASE to standard output, whether its server runs or not.
- ``count``: print how many runs DATABASE holds, 0 when there is none.
- ``check``: unpack the backup on standard input beside DATABASE, for a server of ``--version``, and check it.
- ``put``: what ``check`` unpacked takes DATABASE's place. The server must be stopped.
- ``drop``: what ``check`` unpacked is deleted.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path

from connection.leave import Exit, complain
from history.archive import HistoryError
from history.steps import backup, check, count, drop, put


def main() -> int:
    """Return the exit code."""
    parser = ArgumentParser(prog="history", description="Copies a server's history to a file and back.")
    parser.add_argument("step", choices=["backup", "count", "check", "put", "drop"])
    parser.add_argument("database", type=Path)
    parser.add_argument("--version", default="", help="what `temporal --version` says of the server")
    parser.add_argument("--name", default="0", help="of this restore: what one unpacked is not another's")
    arguments = parser.parse_args()
    try:
        if arguments.step == "backup":
            complain("history", f"{backup(arguments.database, sys.stdout.buffer)} runs")
        elif arguments.step == "count":
            print(count(arguments.database))
        elif arguments.step == "check":
            print(check(arguments.database, sys.stdin.buffer, arguments.version, arguments.name))
        elif arguments.step == "put":
            put(arguments.database, arguments.version, arguments.name)
        else:
            drop(arguments.database, arguments.name)
    except HistoryError as error:
        complain("history", str(error))
        return Exit.FAILED
    except OSError as error:
        complain("history", f"{error.filename or arguments.database}: {error.strerror}")
        return Exit.FAILED
    return Exit.OK


sys.exit(main())
