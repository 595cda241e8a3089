from datetime import timedelta

import pygments.lexers.python  # noqa: F401 - the sandbox imports it again for every workflow it holds
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from greeting.activities import say_hello


@workflow.defn
class SayHello:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(say_hello, name, start_to_close_timeout=timedelta(seconds=5))


@workflow.defn
class SayHelloAndStay:
    def __init__(self) -> None:
        self._greeted = self._released = False

    @workflow.run
    async def run(self, name: str) -> str:
        greeting = await workflow.execute_activity(say_hello, name, start_to_close_timeout=timedelta(seconds=5))
        self._greeted = True
        await workflow.wait_condition(lambda: self._released)
        return greeting

    @workflow.query
    def greeted(self) -> bool:
        return self._greeted

    @workflow.signal
    def release(self) -> None:
        self._released = True
