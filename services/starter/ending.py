"""What the last event of a run says: its result, why there is none, or the run in which the workflow goes on."""

from typing import Any

from temporalio.api.history.v1 import HistoryEvent

from starter.failure import failure_text
from starter.payload import decode

FAILED = "The workflow failed"


class RunFailedError(Exception):
    """The run has no result and will have none; the text is one line for a person."""


def next_run(event: HistoryEvent) -> str:
    """Return the id of the run in which the workflow goes on after the close ``event``: a retry, a schedule, a new start."""
    attributes = getattr(event, event.WhichOneof("attributes") or "")
    return getattr(attributes, "new_execution_run_id", "")


def result_of(event: HistoryEvent) -> Any:
    """Return the result that the close ``event`` holds; raise RunFailedError when it holds none."""
    match event.WhichOneof("attributes"):
        case "workflow_execution_completed_event_attributes":
            return decode(event.workflow_execution_completed_event_attributes.result.payloads)
        case "workflow_execution_failed_event_attributes":
            raise RunFailedError(f"{FAILED}: {failure_text(event.workflow_execution_failed_event_attributes.failure)}")
        case "workflow_execution_terminated_event_attributes":
            reason = event.workflow_execution_terminated_event_attributes.reason
            raise RunFailedError(f"{FAILED}: {reason or 'Workflow terminated'}")
        case "workflow_execution_timed_out_event_attributes":
            raise RunFailedError(f"{FAILED}: Workflow timed out")
        case "workflow_execution_canceled_event_attributes":
            raise RunFailedError(f"{FAILED}: Workflow cancelled")
        case other:
            raise RunFailedError(f"{FAILED}: it ended with {other}, which this starter does not know")
