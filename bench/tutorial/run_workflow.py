"""The tutorial's starter: `run_workflow.py ADDRESS TASK_QUEUE NAME ID`."""

import asyncio
import sys

from temporalio.client import Client
from workflows import SayHello


async def main() -> None:
    address, task_queue, name, id_ = sys.argv[1:]
    client = await Client.connect(address)
    result = await client.execute_workflow(SayHello.run, name, id=id_, task_queue=task_queue)
    print(f"Result: {result}")


if __name__ == "__main__":
    asyncio.run(main())
