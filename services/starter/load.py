"""`--count`: many runs with the same input, some of them at once, each awaited, and the summary of them."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic
from typing import Any
from urllib.parse import quote

from temporalio.service import RPCError, ServiceClient

from connection.faults import Fault
from connection.leave import Exit
from connection.logs import configure
from connection.service import reach, refusal
from connection.settings import Settings
from starter.arguments import Request
from starter.ending import RunFailedError
from starter.interrupt import interruptible
from starter.progress import Progress
from starter.run import outcome, start_run
from starter.silence import say_later
from starter.summary import runs, summarize
from starter.tally import Tally
from starter.watch import Watch


async def run_load(settings: Settings, request: Request) -> int:
    """Put the load that ``request`` asks for on the server, print its summary; return the exit code.

    The first SIGINT or SIGTERM ends it with the summary so far, the second one at once.
    """
    load = Load(settings, request)
    return await interruptible(load.run(), lambda code: load.interrupted(Exit(code)))


class Load:
    """One load: ``request.count`` runs, at most ``request.concurrency`` of them at once."""

    def __init__(self, settings: Settings, request: Request) -> None:
        """Start nothing yet."""
        self._settings = settings
        self._request = request
        self._tally = Tally(request.count)
        self._progress = Progress(self._tally)
        self._url: str | None = None
        if settings.ui_url:
            query = quote(f'WorkflowId STARTS_WITH "{request.workflow_id}-"', safe="")
            self._url = f"{settings.ui_url}/namespaces/{quote(settings.namespace, safe='')}/workflows?query={query}"

    async def run(self) -> int:
        """Start the runs, await them, print the summary; return the exit code."""
        settings, tally, progress = self._settings, self._tally, self._progress
        try:
            with say_later(progress.say, f"Still connecting to {settings.address}"):
                services = await reach(settings, configure(settings.log_level, settings.log_format))
            watch = Watch(services, settings, tally, progress)
            await self._all(services, watch)
        except Fault as fault:
            progress.say(str(fault))
            code = Exit.UNREACHABLE if fault.may_pass else Exit.USAGE
            return self._end(code, error=str(fault)) if self._request.json else code
        if not tally.answered:
            await watch.explain()
        return self._end(tally.code)

    def interrupted(self, code: Exit) -> int:
        """Say what becomes of the runs after SIGINT or SIGTERM, print the summary so far; return the exit code."""
        tally = self._tally
        state = f"Interrupted. In flight, and going on at the server: {runs(tally.in_flight)}"
        if tally.starting:
            state += f", and perhaps {tally.starting} more, whose start was under way"
        if self._url and tally.launched:
            state += f"; look at them: {self._url}"
        self._progress.say(state)
        return self._end(code, in_flight=tally.in_flight, starting=tally.starting)

    def _end(self, code: Exit, **details: Any) -> int:
        known = {"workflow_id_prefix": self._request.workflow_id, "url": self._url}
        return summarize(self._tally, code, {**details, **known}, self._progress.say, as_json=self._request.json)

    async def _all(self, services: ServiceClient, watch: Watch) -> None:
        """Return when all runs are done; raise Fault when the first one cannot be started."""
        tally, request = self._tally, self._request
        tally.started = monotonic()
        numbers = iter(range(1, tally.total + 1))
        takers = [self._take(numbers, services, watch) for _ in range(min(request.concurrency, tally.total))]
        tasks = [asyncio.ensure_future(work) for work in (*takers, watch.keep(), self._progress.show())]
        try:
            await asyncio.gather(*tasks[: len(takers)])
        finally:
            for task in tasks:
                task.cancel()
            self._progress.clear()

    async def _take(self, numbers: Iterator[int], services: ServiceClient, watch: Watch) -> None:
        for number in numbers:
            await self._one(f"{self._request.workflow_id}-{number:06}", services, watch)

    async def _one(self, workflow_id: str, services: ServiceClient, watch: Watch) -> None:
        """Make one run and count what became of it; raise Fault when the server has accepted none so far and refuses it."""
        tally, request = self._tally, self._request
        begun = monotonic()
        tally.launched += 1
        try:
            run, _ = await start_run(services, self._settings, replace(request, workflow_id=workflow_id))
        except RPCError as error:
            fault = refusal(error, self._settings)
            if not tally.accepted:
                raise fault from error
            tally.refused += 1
            tally.error(Exit.UNREACHABLE if fault.may_pass else Exit.FAILED, f"The start failed: {fault}", workflow_id)
            return
        tally.accepted += 1
        watch.latest = workflow_id
        if tally.accepted == 1:
            self._progress.say(f"Load {request.workflow_id}{f': {self._url}' if self._url else ''}")
        try:
            async with asyncio.timeout(request.timeout):
                value = await outcome(run, self._settings)
            tally.result(value, monotonic() - begun)
        except (RunFailedError, Fault) as error:
            tally.error(Exit.FAILED, str(error), workflow_id)
        except TimeoutError:
            tally.error(Exit.NO_RESULT, f"No result after {request.timeout:g} s, and the run goes on", workflow_id)
