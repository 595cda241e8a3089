import time
from datetime import timedelta
from typing import Any

from temporalio import workflow


@workflow.defn
class Exercise:
    @workflow.run
    async def run(self, what: str) -> Any:
        """Do ``what``: ``<activity>:<argument>``, or one of the kinds below."""
        kind, _, argument = what.partition(":")
        if kind == "again":
            if int(argument):  # as many times as it says
                workflow.continue_as_new(f"again:{int(argument) - 1}")
            return None
        if kind == "clock":
            return time.time() > 0
        if kind == "stuck":
            raise RuntimeError(argument)  # a workflow task that fails again and again
        if kind == "wait":
            await workflow.sleep(float(argument))
            return "waited"
        return await workflow.execute_activity(kind, argument, start_to_close_timeout=timedelta(seconds=60))
