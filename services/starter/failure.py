"""A failure of Temporal's as one line."""

from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError


def failure_text(error: BaseException | None) -> str:
    """Return the messages of ``error`` and its causes, outermost first, with the type of an application's error."""
    parts: list[str] = []
    while error is not None:
        message = getattr(error, "message", None) or str(error) or type(error).__name__
        kind = error.type if isinstance(error, ApplicationError) else None
        parts.append(f"{kind}: {message}" if kind else message)
        error = getattr(error, "cause", None) or error.__cause__
    return ": ".join(parts)


def raw_failure_text(failure: Failure) -> str:
    """Return the same of a failure as the server stores it."""
    parts: list[str] = []
    current: Failure | None = failure
    while current is not None:
        kind = current.application_failure_info.type
        parts.append(f"{kind}: {current.message}" if kind else current.message)
        current = current.cause if current.HasField("cause") else None
    return ": ".join(part for part in parts if part)
