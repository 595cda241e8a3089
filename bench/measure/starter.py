"""The whole process of a starter, from its start to its end."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from bench.drive import connect, warm_up
from bench.figures import Spread
from bench.measure import Bench
from bench.plan import Plan
from bench.systems import TUTORIAL as SCRIPTS
from bench.systems import BenchError, Launch, Site, python, queue, stack_worker
from support import DevServer, installed

TUTORIAL, STACK, CLI = "tutorial's run_workflow.py", "this stack's starter", "temporal workflow execute"
BARE, SERVICE, CLIENT = (
    "an interpreter that does nothing",
    "one that imports temporalio.service",
    "one that imports temporalio.client",
)
FLOORS = {BARE: "pass", SERVICE: "import temporalio.service", CLIENT: "import temporalio.client"}


@dataclass(frozen=True)
class StarterResult:
    """Milliseconds, call by call, by what was called, and how often the exit code was wrong after a right result."""

    rounds: dict[str, list[float]]
    wrong_codes: dict[str, int]

    def spread(self, what: str) -> Spread:
        """Return the figure of ``what``."""
        return Spread.of(self.rounds[what])


def steps(plan: Plan) -> int:
    """Return how many steps there are."""
    return plan.calls + 1


def measure(bench: Bench) -> StarterResult:
    """Call all in turn; the first time is in no figure."""
    with bench.site.server() as server:
        task_queue = queue()
        with bench.site.running(stack_worker(bench.site, server.address, task_queue)) as worker:

            async def ready() -> None:
                await warm_up(await connect(server.address), task_queue, bench.plan.warm_up, worker)

            bench.progress.step("starter: once beforehand")
            asyncio.run(ready())
            rounds: dict[str, list[float]] = {what: [] for what in (*_starters(server, task_queue), *FLOORS)}
            wrong: Counter[str] = Counter()
            for number in range(bench.plan.calls + 1):
                if number:
                    bench.progress.step(f"starter: {number} of {bench.plan.calls}")
                for what, launch in _starters(server, task_queue).items():
                    name = uuid4().hex
                    seconds, right_code = called(bench.site, what, launch(name), name)
                    if number:
                        rounds[what].append(seconds * 1000)
                    wrong[what] += not right_code
                for what, code in FLOORS.items():
                    seconds, exit_code, _, words = bench.site.call(python(code))
                    if exit_code:
                        raise BenchError(f"{what}: exit code {exit_code}: {words}")
                    if number:
                        rounds[what].append(seconds * 1000)
    return StarterResult(rounds, {what: wrong[what] for what in (TUTORIAL, STACK, CLI)})


def _starters(server: DevServer, task_queue: str) -> dict[str, Callable[[str], Launch]]:
    where = {"TEMPORAL_ADDRESS": server.address, "TEMPORAL_TASK_QUEUE": task_queue}
    script = str(SCRIPTS / "run_workflow.py")
    execute = (installed("temporal"), "workflow", "execute", "--address", server.address, "--type", "SayHello")
    return {
        TUTORIAL: lambda name: Launch((sys.executable, script, server.address, task_queue, name, f"bench-{name}")),
        STACK: lambda name: Launch((sys.executable, "-m", "starter", "--name", name), where),
        CLI: lambda name: Launch(
            (*execute, "--task-queue", task_queue, "--workflow-id", f"bench-{name}", "--input", json.dumps(name))
        ),
    }


def called(site: Site, what: str, launch: Launch, name: str) -> tuple[float, bool]:
    """Return the seconds of one call, and whether its exit code was right; raise unless its result is."""
    seconds, code, out, words = site.call(launch)
    right = f'"Hello, {name}!"' in out if what == CLI else out == f"Result: Hello, {name}!\n"
    if not right:
        raise BenchError(f"wrong result of {what} for {name!r}: exit code {code}, {out!r} {words}")
    # The SDK can crash while the interpreter of the tutorial's script shuts down, after the result: that is counted.
    if code and (what != TUTORIAL or code > 0):
        raise BenchError(f"wrong exit code of {what}: {code}. {words}")
    return seconds, code == 0
