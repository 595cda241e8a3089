"""From settings to a connection to the server's gRPC services, and what a refused call means."""

import asyncio

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.runtime import Runtime
from temporalio.service import ConnectConfig, GrpcCompression, RPCError, ServiceClient

from connection.faults import Fault, calling, connecting, no_answer, wants_tls
from connection.settings import Settings

# A server that answers at all does so in milliseconds, one across an ocean with TLS in under a second. The SDK itself has no
# bound: a peer that accepts the connection and stays silent would hold it for ever.
ATTEMPT_SECONDS = 5.0


async def reach(settings: Settings, runtime: Runtime) -> ServiceClient:
    """Return the server's services; raise Fault when it does not answer the first call within `ATTEMPT_SECONDS`."""
    connect = settings.connect
    config = ConnectConfig(
        target_host=settings.address,
        api_key=connect.get("api_key"),
        tls=connect.get("tls"),
        rpc_metadata=connect.get("rpc_metadata", {}),
        grpc_compression=GrpcCompression.GZIP if settings.compression else GrpcCompression.NONE,
        runtime=runtime,
    )
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            return await ServiceClient.connect(config)
    except TimeoutError:
        raise no_answer(settings.address, ATTEMPT_SECONDS) from None
    except (RuntimeError, ValueError) as error:
        fault = connecting(error, settings.address, has_key="api_key" in connect)
        raise (await _told(settings) if fault.unheard else None) or fault from error


async def require_namespace(services: ServiceClient, settings: Settings) -> None:
    """Return when the settings' namespace exists; raise Fault otherwise. Connecting alone does not tell."""
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            await services.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=settings.namespace))
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
