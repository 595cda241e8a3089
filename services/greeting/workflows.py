"""Workflows: deterministic code that Temporal can replay. `tests/integration/test_replay.py` guards it."""

from datetime import timedelta

from temporalio import workflow

# Passed through: the sandbox would import the module, and all it imports, again for every cached workflow.
with workflow.unsafe.imports_passed_through():
    from greeting.activities import say_hello


@workflow.defn
class SayHello:
    """Greets one person."""

    @workflow.run
    async def run(self, name: str) -> str:
        """Return ``Hello, {name}!``, as the activity `say_hello` makes it."""
        # Without a timeout a worker that dies in the middle of the activity would be waited for without end.
        return await workflow.execute_activity(say_hello, name, start_to_close_timeout=timedelta(seconds=5))
