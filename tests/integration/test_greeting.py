"""The application on a real server whose clock can jump."""

from collections.abc import AsyncIterator

import pytest
from temporalio import activity
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment
from temporalio.worker import Worker

from greeting.activities import say_hello
from greeting.workflows import SayHello
from support import installed


@pytest.fixture
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    path = installed("temporal-test-server")
    async with await WorkflowEnvironment.start_time_skipping(test_server_existing_path=path) as started:
        yield started


async def test_the_activity_greets() -> None:
    assert await ActivityEnvironment().run(say_hello, "Ada") == "Hello, Ada!"


async def test_the_workflow_returns_what_the_activity_says(environment: WorkflowEnvironment) -> None:
    @activity.defn(name="say_hello")
    async def replacement(name: str) -> str:
        return f"Bonjour, {name}"

    async with Worker(environment.client, task_queue="q", workflows=[SayHello], activities=[replacement]):
        run = environment.client.execute_workflow(SayHello.run, "Ada", id="ada", task_queue="q")
        assert await run == "Bonjour, Ada"


async def test_a_failed_attempt_is_tried_again(environment: WorkflowEnvironment) -> None:
    attempts = 0

    @activity.defn(name="say_hello")
    async def fails_once(name: str) -> str:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise RuntimeError("a passing fault")
        return f"Hello, {name}!"

    async with Worker(environment.client, task_queue="q", workflows=[SayHello], activities=[fails_once]):
        run = environment.client.execute_workflow(SayHello.run, "Ada", id="ada", task_queue="q")
        assert await run == "Hello, Ada!"
    assert attempts == 2
