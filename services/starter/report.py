"""What the starter writes: the result to standard output, everything else to standard error."""

import json
import sys
from time import monotonic
from typing import Any
from urllib.parse import quote

from connection.leave import Exit, complain
from connection.settings import Settings
from starter.arguments import Request

REMIND_SECONDS = 30.0


class Report:
    """Everything one call of the starter says. Methods that end it return the exit code."""

    def __init__(self, settings: Settings, request: Request) -> None:
        """Report on ``request``, made with ``settings``."""
        self._settings = settings
        self._request = request
        self._run_id: str | None = None
        self._url: str | None = None
        self._said_at = 0.0
        self.reason = ""  # why there is no result yet
        self.unreachable = False  # the reason is the server

    def say(self, message: str) -> None:
        """Write ``message`` to standard error."""
        complain("starter", message)

    def run(self, run_id: str, *, attached: bool) -> None:
        """Name the run that is waited for; ``attached``: it was there before."""
        settings, workflow_id = self._settings, self._request.workflow_id
        self._run_id = run_id
        if attached:
            self.say(f"{workflow_id} is there already: waiting for its result, and starting no other run")
        if settings.ui_url:
            namespace, id_ = quote(settings.namespace, safe=""), quote(workflow_id, safe="")
            self._url = f"{settings.ui_url}/namespaces/{namespace}/workflows/{id_}/{run_id}/history"
        self.say(f"Run {self._url or workflow_id}")

    def waits(self, reason: str, *, unreachable: bool = False) -> None:
        """Note why there is no result; say it when it is new, and now and then again."""
        now = monotonic()
        if reason != self.reason or now - self._said_at >= REMIND_SECONDS:
            self.say(f"No result yet. {reason}")
            self._said_at = now
        self.reason, self.unreachable = reason, unreachable

    def again(self) -> str:
        """Return how to come back to the run."""
        look = f"look at it: {self._url} or " if self._url else ""
        return f"{look}wait for it again: --workflow-id {self._request.workflow_id}"

    def result(self, value: Any) -> int:
        """Print the workflow's result: a string as it is, anything else as JSON."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return self._out(f"Result: {text}", {"status": "completed", "result": value}, Exit.OK)

    def started(self) -> int:
        """Print the id of the run, for ``--no-wait``."""
        return self._out(f"Started: {self._request.workflow_id}", {"status": "started"}, Exit.OK)

    def failed(self, code: Exit, message: str) -> int:
        """Say what went wrong."""
        self.say(message)
        if self._request.json:
            return self._out("", {"status": code.name.lower(), "error": message}, code)
        return code

    def interrupted(self, code: int) -> int:
        """Say what becomes of the run after SIGINT or SIGTERM."""
        state = "The run goes on" if self._run_id else "It is not known whether the run was started"
        self.say(f"Interrupted. {state}; {self.again()}")
        return code

    def _out(self, line: str, details: dict[str, Any], code: Exit) -> int:
        if self._request.json:
            known = {"workflow_id": self._request.workflow_id, "run_id": self._run_id, "url": self._url}
            line = json.dumps({**details, **known}, ensure_ascii=False)
        try:
            # Whatever the locale: a name in any script must come out as it went in.
            sys.stdout.buffer.write(line.encode() + b"\n")
            sys.stdout.flush()
        except OSError as error:
            self.say(f"The result could not be written: {error.strerror}. It is kept; {self.again()}")
            return Exit.OUTPUT
        return code
