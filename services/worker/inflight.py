"""Knows how many activities this worker is executing."""

import asyncio
from typing import Any

from temporalio import activity
from temporalio.exceptions import CancelledError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor


class InFlight(Interceptor):
    """Counts activities; give it to the worker as an interceptor."""

    def __init__(self, slots: int) -> None:
        """Count up to ``slots``, the worker's limit."""
        self._slots = slots
        self.count = 0
        self.cut_short = 0  # cancelled because the worker shut down

    @property
    def full(self) -> bool:
        """Whether every slot is taken: the worker then polls for no activity, and rightly."""
        return self.count >= self._slots

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Put the counter in front of ``next``."""
        return _Counting(next, self)


class _Counting(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, in_flight: InFlight) -> None:
        super().__init__(next)
        self._in_flight = in_flight

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        self._in_flight.count += 1
        try:
            return await super().execute_activity(input)
        except (asyncio.CancelledError, CancelledError):
            if activity.is_worker_shutdown():
                self._in_flight.cut_short += 1
            raise
        finally:
            self._in_flight.count -= 1
