"""From settings to the SDK's client. The starter does without: importing it takes as long as all the rest of a run."""

import asyncio
from collections.abc import Callable
from time import monotonic

from temporalio.client import Client
from temporalio.runtime import Runtime

from connection.faults import Fault
from connection.service import reach, require_namespace
from connection.settings import Settings

RETRY_SECONDS = 1.0
REMIND_SECONDS = 10.0


async def connect(settings: Settings, runtime: Runtime) -> Client:
    """Return a client; raise Fault when the server does not answer in time."""
    return Client(await reach(settings, runtime), namespace=settings.namespace)


async def connect_patiently(settings: Settings, runtime: Runtime, say: Callable[[str], None]) -> Client:
    """Return a client whose namespace exists, trying again for ``settings.connect_seconds`` while the fault may pass.

    Every new fault, and a lasting one now and then, goes to ``say``. Raises Fault: at once when waiting cannot help, else the
    last.
    """
    started = monotonic()
    said, said_at = "", started
    while True:
        try:
            client = await connect(settings, runtime)
            await require_namespace(client.service_client, settings)
            return client
        except Fault as fault:
            now = monotonic()
            left = settings.connect_seconds - (now - started)
            if not fault.may_pass:
                raise
            if left <= 0:
                raise Fault(f"{fault}. Gave up after {settings.connect_seconds} s", may_pass=True) from fault
            if str(fault) != said or now - said_at >= REMIND_SECONDS:
                say(f"Waiting for the server, {left:.0f} s more at most. {fault}")
                said, said_at = str(fault), now
        await asyncio.sleep(min(RETRY_SECONDS, left))
