"""The end of a load: its errors by their reasons on standard error, its figures on standard output."""

import errno
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from connection.leave import Exit
from starter.tally import MOST_RESULTS, Tally


def summarize(tally: Tally, code: Exit, details: dict[str, Any], say: Callable[[str], None], *, as_json: bool) -> int:
    """Write the summary of ``tally``; return the exit code: ``code``, or `Exit.OUTPUT` when the figures cannot be written.

    Lines for standard error go to ``say``. ``details`` are further members of the JSON object.
    """
    for reason, of in tally.reasons.items():
        say(f"{runs(of.runs)}: {reason}; {'it is' if of.runs == 1 else 'one of them:'} {of.workflow_id}")
    figures: dict[str, Any] = tally.figures()
    if as_json:
        reasons = [{"reason": reason, "runs": of.runs, "workflow_id": of.workflow_id} for reason, of in tally.reasons.items()]
        status = "completed" if code == Exit.OK else code.name.lower()
        text = json.dumps(
            {"status": status, **figures, "results": tally.results, "reasons": reasons, **details}, ensure_ascii=False
        )
    else:
        if tally.results > 1:
            figures["results"] = f"{tally.results}{' or more' if tally.results == MOST_RESULTS else ''} different"
        text = "\n".join(f"{name:<16} {'-' if figure is None else figure}" for name, figure in figures.items())
    try:
        if sys.stdout is None:  # closed by the caller
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        sys.stdout.buffer.write(text.encode(errors="backslashreplace") + b"\n")
        sys.stdout.flush()
    except OSError as error:
        say(f"The summary could not be written: {error.strerror}")
        return Exit.OUTPUT
    return code


def runs(number: int) -> str:
    """Return ``number`` with its noun."""
    return f"{number} run{'' if number == 1 else 's'}"
