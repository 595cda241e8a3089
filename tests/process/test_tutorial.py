"""The Hello World tutorial's own worker and starter, as a reader has them in the other tab, work with this stack's."""

import subprocess
import sys
from pathlib import Path

from support import BARE, DevServer, program, starter, worker

WORKER = """
import asyncio
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

@activity.defn
async def say_hello(name: str) -> str:
    return f"Hello, {name}!"

@workflow.defn
class SayHello:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(say_hello, name, start_to_close_timeout=timedelta(seconds=5))

async def main():
    client = await Client.connect("ADDRESS", namespace="default")
    worker = Worker(client, task_queue="my-task-queue", workflows=[SayHello], activities=[say_hello])
    print("Worker started", flush=True)
    await worker.run()

if __name__ == "__main__":
    asyncio.run(main())
"""
STARTER = """
import asyncio
from temporalio.client import Client

async def main():
    client = await Client.connect("ADDRESS")
    print(await client.execute_workflow("SayHello", "Temporal", id="my-workflow-id", task_queue="my-task-queue"))

asyncio.run(main())
"""


def script(here: Path, text: str, server: DevServer) -> Path:
    file = here / "script.py"
    file.write_text(text.replace("ADDRESS", server.address), encoding="utf-8")
    return file


def test_the_tutorials_starter_gets_its_result_from_this_worker(here: Path, own_server: DevServer) -> None:
    own_server.start()
    with worker(here, own_server.environment):
        command = [sys.executable, str(script(here, STARTER, own_server))]
        # Without a check of the exit code: the script does not guard itself against the SDK's crash at exit.
        done = subprocess.run(command, env=BARE, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "Hello, Temporal!\n"


def test_the_tutorials_worker_serves_this_starter(here: Path, own_server: DevServer) -> None:
    own_server.start()
    with program(sys.executable, str(script(here, WORKER, own_server)), environment={}, cwd=here) as tutorial:
        tutorial.says("Worker started")
        assert starter(here, own_server.environment, "--name", "Ada").stdout == "Result: Hello, Ada!\n"
