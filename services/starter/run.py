"""A run as the starter asks the server for it, call by call.

The SDK's client has these calls with types around them; importing it takes longer than all that the starter does.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import HistoryEventFilterType, WorkflowIdReusePolicy
from temporalio.api.errordetails.v1 import WorkflowExecutionAlreadyStartedFailure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest,
    StartWorkflowExecutionRequest,
)
from temporalio.service import RPCError, ServiceClient

from connection.service import refusal
from connection.settings import Settings
from starter.arguments import Request
from starter.ending import RunFailedError, next_run, result_of
from starter.payload import encode

# For the server to accept the run, several tries included.
START_TIMEOUT = timedelta(seconds=10)
CLOSE = HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT
ALL = HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT


@dataclass(frozen=True)
class Run:
    """One run on the server."""

    services: ServiceClient
    namespace: str
    workflow_id: str
    run_id: str

    async def result(self) -> Any:
        """Wait for the run's end and return its result, of the last one where the workflow went on in further runs.

        Raises RunFailedError, and RPCError as the server refuses a call.
        """
        run_id = self.run_id
        while True:
            async with aclosing(self.history(run_id, CLOSE)) as events:
                event = await anext(events)
            run_id = next_run(event)
            if not run_id:
                return result_of(event)

    async def describe(self, within: timedelta) -> DescribeWorkflowExecutionResponse:
        """Return what the server knows of the run, or of the last one that the workflow went on in; raise RPCError."""
        request = DescribeWorkflowExecutionRequest(namespace=self.namespace, execution=self._execution(""))
        return await self.services.workflow_service.describe_workflow_execution(request, retry=True, timeout=within)

    async def history(
        self, run_id: str, events: HistoryEventFilterType.ValueType, within: timedelta | None = None
    ) -> AsyncGenerator[HistoryEvent, None]:
        """Iterate over a run's events, page by page; of `CLOSE` the one there is, waited for. Raises RPCError."""
        request = GetWorkflowExecutionHistoryRequest(
            namespace=self.namespace,
            execution=self._execution(run_id),
            wait_new_event=events == CLOSE,
            history_event_filter_type=events,
            skip_archival=True,
        )
        more = True
        while more:
            page = await self.services.workflow_service.get_workflow_execution_history(request, retry=True, timeout=within)
            for event in page.history.events:
                yield event
            request.next_page_token = page.next_page_token
            more = bool(page.next_page_token)

    def _execution(self, run_id: str) -> WorkflowExecution:
        return WorkflowExecution(workflow_id=self.workflow_id, run_id=run_id)


async def start_run(services: ServiceClient, settings: Settings, request: Request) -> tuple[Run, bool]:
    """Return the run that the request's id stands for, and whether it was there before: it goes on, or is completed.

    Raises RPCError.
    """
    asked = StartWorkflowExecutionRequest(
        namespace=settings.namespace,
        workflow_id=request.workflow_id,
        identity=services.config.identity,
        # Tells the server a call that is tried again from a second one.
        request_id=os.urandom(16).hex(),
        # The id is the caller's word for "this once": a call repeated after a crash must not do the work again.
        workflow_id_reuse_policy=WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
    )
    asked.workflow_type.name = request.workflow
    asked.task_queue.name = settings.task_queue
    asked.input.payloads.append(encode(request.input))
    try:
        answer = await services.workflow_service.start_workflow_execution(asked, retry=True, timeout=START_TIMEOUT)
    except RPCError as error:
        there = WorkflowExecutionAlreadyStartedFailure()
        if not any(detail.Unpack(there) for detail in error.grpc_status.details):
            raise
        return Run(services, settings.namespace, request.workflow_id, there.run_id), True
    return Run(services, settings.namespace, request.workflow_id, answer.run_id), False


async def outcome(run: Run, settings: Settings) -> Any:
    """Return the run's result, whatever happens to the server meanwhile; raise RunFailedError or Fault."""
    while True:
        try:
            return await run.result()
        except RPCError as error:  # the SDK has retried for some seconds already
            if error.status.name == "NOT_FOUND":
                raise RunFailedError("The run is gone: somebody deleted it, or its retention is over") from None
            fault = refusal(error, settings)
            if not fault.may_pass:
                raise fault from error
            await asyncio.sleep(1)
