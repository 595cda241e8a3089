from datetime import timedelta

from temporalio import workflow


@workflow.defn
class Errand:
    @workflow.run
    async def run(self, what: str) -> str:
        """Do ``what``: ``<activity>:<number>``."""
        kind = what.partition(":")[0]
        # What a lost worker had in hand is tried again after this time: four times what the longest activity takes.
        result: str = await workflow.execute_activity(kind, what, start_to_close_timeout=timedelta(seconds=8))
        return result
