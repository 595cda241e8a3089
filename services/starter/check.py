"""`--check`: what is set and from where, then the way to a result, step by step, up to the first step that fails."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, GetSystemInfoRequest
from temporalio.service import RPCError, ServiceClient

from connection import faults, probe
from connection.environment import Environment
from connection.faults import Fault
from connection.leave import Exit
from connection.logs import configure
from connection.service import reach, refusal, require_namespace
from connection.settings import Settings, SettingsError, check, read
from connection.variables import DEFAULTS, GRPC_META, is_secret
from starter.silence import RPC_TIMEOUT, no_taker

# A poll ends after 60 s at the latest and the next one begins: an older one is of a worker that is gone.
POLL_SECONDS = 70
# For a worker that has only just been started.
PATIENCE_SECONDS = 5


def examine() -> int:
    """Print the settings and the steps; return the exit code, 0 when all is well."""
    try:
        environment = read()
        _show(environment)
        settings = check(environment)
    except SettingsError as error:
        for problem in error.problems:
            _say("FAILED", "settings", problem)
        return Exit.USAGE
    return asyncio.run(_walk(settings))


def _show(environment: Environment) -> None:
    headers = sorted(name for name in environment if name.startswith(GRPC_META))
    for name in [*DEFAULTS, *headers]:
        hidden = environment.is_set(name) and (is_secret(name) or name.endswith("_DATA"))
        held = "set" if hidden else environment.get(name) or "-"
        _print(f"{name:<33} {held:<34} {environment.source(name)}")
    _print("")


async def _walk(settings: Settings) -> int:
    services, fault = None, None
    try:
        # First, though it is the fourth step: the SDK's own connection is what counts, and its fault names its step.
        services = await reach(settings, configure("ERROR", "text"))
        await require_namespace(services, settings)
    except Fault as caught:
        fault = caught
    below: dict[str, Callable[[Settings], Awaitable[str]]] = {
        faults.NAME: probe.resolve,
        faults.TCP: probe.reach,
        faults.TLS: probe.certificate,
    }
    for step, look in below.items():
        failed = fault is not None and fault.step == step
        try:
            found = "" if failed else await look(settings)
        except (OSError, TimeoutError) as error:
            # The SDK went further than this look: then it is no failure.
            failed = fault is not None and fault.step is None
            found = f"fine, but not to be shown here ({error})"
        if failed:
            return _failed(step, fault)
        _say("ok", step, found)
    if fault and fault.step in (None, faults.SERVER):
        return _failed(faults.SERVER, fault)
    _say("ok", faults.SERVER, await _version(services) if services else "answers")
    if fault and fault.step == faults.KEY:
        return _failed(faults.KEY, fault)
    _say("ok", faults.KEY, "accepted" if "api_key" in settings.connect else "none is set, and none is asked for")
    if fault or not services:
        return _failed(faults.NAMESPACE, fault)
    _say("ok", faults.NAMESPACE, settings.namespace)
    return await _poller(services, settings)


async def _version(services: ServiceClient) -> str:
    try:
        found = await services.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=RPC_TIMEOUT)
    except RPCError as error:
        return f"answers, but not with its version ({error.status.name})"
    return f"Temporal {found.server_version}"


async def _poller(services: ServiceClient, settings: Settings) -> int:
    request = DescribeTaskQueueRequest(namespace=settings.namespace, task_queue=TaskQueue(name=settings.task_queue))
    for _ in range(PATIENCE_SECONDS):
        try:
            pollers = (await services.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)).pollers
        except RPCError as error:
            return _failed(faults.QUEUE, refusal(error, settings))
        now = datetime.now(UTC)
        ages = {poller.identity: (now - poller.last_access_time.ToDatetime(UTC)).total_seconds() for poller in pollers}
        present = [identity for identity, age in ages.items() if age < POLL_SECONDS]
        if present:
            _say("ok", faults.QUEUE, f"{settings.task_queue} is polled by {', '.join(sorted(present))}")
            return Exit.OK
        await asyncio.sleep(1)
    _say("FAILED", faults.QUEUE, no_taker(settings))
    return Exit.NO_RESULT


def _failed(step: str, fault: Fault | None) -> int:
    _say("FAILED", step, str(fault))
    return Exit.UNREACHABLE if fault and fault.may_pass else Exit.USAGE


def _say(state: str, step: str, text: str) -> None:
    _print(f"{state:<6}  {step:<10}  {text}")


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
