"""From a request to a run to its result, and what is said on the way."""

import asyncio
from typing import Any

from temporalio.service import RPCError, ServiceClient

from connection.faults import Fault
from connection.leave import Exit
from connection.logs import configure
from connection.service import reach, refusal
from connection.settings import Settings
from starter.arguments import Request
from starter.ending import RunFailedError
from starter.interrupt import interruptible
from starter.report import Report
from starter.run import Run, outcome, start_run
from starter.silence import explain_silence, say_later


async def start(settings: Settings, request: Request) -> int:
    """Start ``request``'s run, wait for its result, report it; return the exit code. SIGINT and SIGTERM end the wait."""
    report = Report(settings, request)
    return await interruptible(_start(settings, request, report), report.interrupted)


async def _start(settings: Settings, request: Request, report: Report) -> int:
    try:
        with say_later(report.say, f"Still connecting to {settings.address}"):
            services = await reach(settings, configure(settings.log_level, settings.log_format))
        with say_later(report.say, f"{settings.address} is slow to accept the run"):
            run = await _run(services, settings, request, report)
        if not request.wait:
            return report.started()
        return await _result(settings, request, report, run)
    except Fault as fault:
        return report.failed(Exit.UNREACHABLE if fault.may_pass else Exit.USAGE, str(fault))


async def _run(services: ServiceClient, settings: Settings, request: Request, report: Report) -> Run:
    try:
        run, attached = await start_run(services, settings, request)
    except RPCError as error:
        raise refusal(error, settings) from error
    report.run(run.run_id, attached=attached)
    return run


async def _result(settings: Settings, request: Request, report: Report, run: Run) -> int:
    try:
        async with asyncio.timeout(request.timeout):
            return report.result(await _outcome(settings, report, run))
    except RunFailedError as error:
        return report.failed(Exit.FAILED, str(error))
    except TimeoutError:
        code = Exit.UNREACHABLE if report.unreachable else Exit.NO_RESULT
        reason = f" {report.reason}." if report.reason else ""
        return report.failed(code, f"No result after {request.timeout:g} s.{reason} The run goes on; {report.again()}")


async def _outcome(settings: Settings, report: Report, run: Run) -> Any:
    """Return the run's result; raise RunFailedError or Fault. Every silence is explained."""
    while True:
        waiting = asyncio.ensure_future(outcome(run, settings))
        watching = asyncio.ensure_future(explain_silence(settings, run, report))
        try:
            await asyncio.wait({waiting, watching}, return_when=asyncio.FIRST_COMPLETED)
            # Whatever became of the watch, it is the result that counts.
            if waiting.done() or watching.exception():
                return await waiting
        finally:
            watching.cancel()
            if not waiting.done():
                waiting.cancel()
        # The run has ended and we were not told, which happens: the server is asked again, and has the answer at hand.
