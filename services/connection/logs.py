"""Logs: one line an event on standard error, as text or JSON, the SDK's native core included."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

# What identifies a run, out of what the SDK attaches to a record: its name there, its name here.
FIELDS = {
    "workflow_type": "workflow_type",
    "workflow_id": "workflow_id",
    "workflow_run_id": "run_id",
    "run_id": "run_id",
    "activity_type": "activity_type",
    "attempt": "attempt",
}


REPEAT_SECONDS = 30.0


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return the ids of the run that ``record`` speaks of, and the extra fields of a record of the SDK's core."""
    fields: dict[str, Any] = {}
    for source in ("temporal_workflow", "temporal_activity"):
        details = getattr(record, source, None) or {}
        fields.update({ours: details[theirs] for theirs, ours in FIELDS.items() if theirs in details})
    if core := getattr(record, "temporal_log", None):
        fields.update(core.fields)
    return fields


class Text(logging.Formatter):
    """Time, level, logger, message, then ``key=value`` fields. Line breaks are escaped: an event stays one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the one line of ``record``."""
        line = f"{timestamp(record)} {record.levelname:<7} {record.name}: {record.getMessage()}"
        line += "".join(f" {name}={value}" for name, value in fields_of(record).items())
        if record.exc_info:
            line += f" exception={self.formatException(record.exc_info)}"
        return line.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")


class Json(logging.Formatter):
    """One JSON object: time, level, logger, message, the fields, and the traceback as ``exception``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the one line of ``record``."""
        event: dict[str, Any] = fields_of(record)
        event |= {"time": timestamp(record), "level": record.levelname, "logger": record.name}
        event["message"] = record.getMessage()
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=False, default=str)


class Once(logging.Filter):
    """Lets a message through once in `REPEAT_SECONDS`, whatever the numbers in it.

    While a server is away every poller of the core tells of every retry: ten lines for one event.
    """

    def __init__(self) -> None:
        """Start with nothing said."""
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether ``record`` is news."""
        message = re.sub(r"\d+", "", record.getMessage())
        if record.created - self._said.get(message, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return False
        self._said[message] = record.created
        return True


def timestamp(record: logging.LogRecord) -> str:
    """Return the record's time in UTC, ISO 8601 with milliseconds."""
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def configure(level: str, form: str) -> Runtime:
    """Send all logs of ``level`` and above to standard error as ``form`` (text or json); return the SDK runtime that joins in.

    Left to itself the core writes to standard output, with colour codes, also into files.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    core_log = logging.getLogger("temporalio.core")
    if level != "DEBUG" and not core_log.filters:
        core_log.addFilter(Once())
    forwarding = LogForwardingConfig(
        logger=core_log,
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    # The core's INFO speaks of its own workings; its warnings are what an operator wants.
    core = "DEBUG" if level == "DEBUG" else "ERROR" if level == "ERROR" else "WARN"
    core_filter = TelemetryFilter(core_level=core, other_level="ERROR")
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(core_filter, forwarding=forwarding)))
