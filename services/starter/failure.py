"""A failure of Temporal's as one line."""

from temporalio.api.failure.v1 import Failure


def failure_text(failure: Failure) -> str:
    """Return the messages of ``failure`` and its causes, outermost first, with the type of an application's error."""
    parts: list[str] = []
    current: Failure | None = failure
    while current is not None:
        kind = current.application_failure_info.type
        parts.append(f"{kind}: {current.message}" if kind else current.message)
        current = current.cause if current.HasField("cause") else None
    return ": ".join(part for part in parts if part)
