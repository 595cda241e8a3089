"""From settings to a connected client."""

import asyncio
from collections.abc import Callable
from time import monotonic

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from connection.faults import Fault, calling, connecting, no_answer, wants_tls
from connection.settings import Settings

# A server that answers at all does so in milliseconds, one across an ocean with TLS in under a second. The SDK itself has no
# bound: a peer that accepts the connection and stays silent would hold it for ever.
ATTEMPT_SECONDS = 5.0
RETRY_SECONDS = 1.0
REMIND_SECONDS = 10.0


async def connect(settings: Settings, runtime: Runtime) -> Client:
    """Return a client; raise Fault when the server does not answer the first call within `ATTEMPT_SECONDS`."""
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            return await Client.connect(**settings.connect, runtime=runtime)
    except TimeoutError:
        raise no_answer(settings.address, ATTEMPT_SECONDS) from None
    except (RuntimeError, ValueError) as error:
        fault = connecting(error, settings.address, has_key="api_key" in settings.connect)
        raise (await _told(settings) if fault.unheard else None) or fault from error


async def require_namespace(client: Client, settings: Settings) -> None:
    """Return when the settings' namespace exists; raise Fault otherwise. Connecting alone does not tell."""
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=settings.namespace))
    except TimeoutError:
        raise no_answer(settings.address, ATTEMPT_SECONDS) from None
    except RPCError as error:
        raise refusal(error, settings) from error


def refusal(error: RPCError, settings: Settings) -> Fault:
    """Return the fault behind an ``error`` of a call with ``settings``."""
    has_key = "api_key" in settings.connect
    return calling(error.status.name, error.message, settings.address, settings.namespace, has_key=has_key)


async def _told(settings: Settings) -> Fault | None:
    """Return the fault that a server which ends the connection tells those who listen."""
    from connection.probe import SPEAKS_TLS, why_closed  # noqa: PLC0415 - asyncio's TLS is loaded only in this plight

    why = await why_closed(settings)
    if why == SPEAKS_TLS:
        return wants_tls(settings.address)
    return connecting(RuntimeError(why), settings.address) if why else None


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
            await require_namespace(client, settings)
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
