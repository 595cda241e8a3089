"""The starter's command line."""

import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from application import command
from connection.leave import Exit, complain, leave

EPILOG = """\
exit codes:
  0 result   1 the workflow failed   2 bad usage or configuration   3 server out of reach
  4 no result in time   5 result not writable   130 interrupted   143 terminated
"""


@dataclass(frozen=True)
class Request:
    """One call of the starter."""

    workflow: str
    input: Any
    workflow_id: str  # of a load: what the ids of its runs begin with
    timeout: float | None  # seconds to wait for the result; None: no limit
    json: bool
    wait: bool
    count: int = 0  # the runs of a load; 0: one run that is no load
    concurrency: int = 0  # how many of them at once


class Parser(ArgumentParser):
    """An ArgumentParser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with `Exit.USAGE`."""
        if message.endswith("expected one argument"):
            option = message.split()[1].rstrip(":").split("/")[0]
            message += f" (a value that starts with a dash is written {option}=-value)"
        complain("starter", f"{message}; see --help")
        leave(Exit.USAGE)


def seconds(text: str) -> float | None:
    """Parse ``--timeout``: seconds, 0 for no limit."""
    value = float(text)
    if not 0 <= value < 1e9:
        raise ValueError
    return value or None


def whole(high: int) -> Callable[[str], int]:
    """Return a parser for ``--count`` and ``--concurrency``: a whole number from 1 to ``high``."""

    def parse(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= high:
            raise ArgumentTypeError(f"{text!r} is no whole number from 1 to {high}")
        return int(text)

    return parse


def identifier(text: str) -> str:
    """Parse ``--workflow-id``."""
    if not text.strip():
        raise ValueError
    return text


def readable_id(workflow: str) -> str:
    """Return an id that sorts by time, such as ``say-hello-20261122-093015-3f9c1a``: UTC, and 24 random bits."""
    stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", workflow).lower()
    return f"{stem}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.urandom(3).hex()}"


def parse(argv: list[str]) -> Request:
    """Return the request that ``argv`` holds; an error in it is said, and ends the process."""
    application = command()
    parser = Parser(
        prog="starter",
        description=f"Starts one run of the workflow {application.WORKFLOW} and prints its result.",
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    application.add_arguments(parser)
    parser.add_argument(
        "--workflow-id",
        type=identifier,
        metavar="ID",
        help="the run's id; with the id of a run that goes on or is completed, its result is printed and none is started;"
        " after a failed run a new one is (default: readable and unique)",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=60.0,
        metavar="SECONDS",
        help="how long to wait for the result, 0: no limit (default: 60); the run itself goes on",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, of a failure too")
    parser.add_argument("--check", action="store_true", help="start nothing; check settings and server step by step instead")
    parser.add_argument("--no-wait", action="store_false", dest="wait", help="print the id of the run and do not wait")
    parser.add_argument(
        "--count",
        type=whole(100_000),
        default=0,
        metavar="RUNS",
        help="a load: so many runs with the same input, each awaited for --timeout, and a summary in the place of the result",
    )
    parser.add_argument("--concurrency", type=whole(1000), metavar="RUNS", help="of a load, how many at once (default: 10)")
    try:
        for argument in argv:
            argument.encode()
    except UnicodeEncodeError:
        parser.error(f"{argument.encode(sys.getfilesystemencoding(), 'surrogateescape')!r} is not valid UTF-8")
    arguments = parser.parse_args(argv)
    try:
        value = application.workflow_input(arguments)
    except ValueError as error:
        parser.error(str(error))
    if arguments.concurrency and not arguments.count:
        parser.error("--concurrency is of a load: say how many runs with --count")
    if arguments.count and (arguments.workflow_id or not arguments.wait):
        parser.error(f"--count does not go with {'--workflow-id' if arguments.workflow_id else '--no-wait'}")
    workflow_id = arguments.workflow_id or readable_id(application.WORKFLOW + ("-load" if arguments.count else ""))
    return Request(
        application.WORKFLOW,
        value,
        workflow_id,
        arguments.timeout,
        arguments.json,
        arguments.wait,
        arguments.count,
        arguments.concurrency or 10,
    )
