from datetime import timedelta
from typing import Any

from temporalio import workflow


@workflow.defn
class Exercise:
    @workflow.run
    async def run(self, what: str) -> Any:
        """Do ``what``: ``<activity>:<argument>``, or ``stuck:<reason>`` for a workflow task that fails again and again."""
        kind, _, argument = what.partition(":")
        if kind == "stuck":
            raise RuntimeError(argument)
        if kind == "wait":
            await workflow.sleep(float(argument))
            return "waited"
        return await workflow.execute_activity(kind, argument, start_to_close_timeout=timedelta(seconds=60))
