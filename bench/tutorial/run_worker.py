"""The tutorial's worker: `run_worker.py ADDRESS TASK_QUEUE`."""

import asyncio
import sys

from activities import say_hello
from temporalio.client import Client
from temporalio.worker import Worker
from workflows import SayHello


async def main() -> None:
    client = await Client.connect(sys.argv[1], namespace="default")
    worker = Worker(client, task_queue=sys.argv[2], workflows=[SayHello], activities=[say_hello])
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
