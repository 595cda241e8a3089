"""The drills, and how one is run."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from temporalio.client import Client

from checkout import Stack
from connection.logs import configure
from drill import faults, starters
from drill.load import Errand, drive, finish, plan
from drill.verdict import Verdict, judge
from support import ROOT

# Longer than everything a drill's runs may have to wait for: the server's timeouts, and the SDK's pauses between its tries.
FINISH_SECONDS = 90.0


@dataclass(frozen=True)
class Drill:
    """A fault and what is special about the load that goes on meanwhile."""

    name: str
    title: str
    fault: Callable[[Stack], faults.Ended]
    special: str = ""  # an activity that is the fault, done by two of the runs
    no_retries: bool = False  # not one attempt may be lost
    besides: Sequence[Errand] = ()  # runs that the fault itself starts


@dataclass(frozen=True)
class Outcome:
    """What a drill found. Seconds."""

    drill: Drill
    verdict: Verdict
    healthy_again: float
    note: str
    took: float

    @property
    def good(self) -> bool:
        lost_attempts = self.drill.no_retries and self.verdict.retried
        return not (self.verdict.lost or self.verdict.wrong or lost_attempts)


DRILLS = [
    Drill("turn", "one worker of three killed every few seconds", faults.kill_workers_in_turn),
    Drill("all", "all workers killed at once", faults.kill_all_workers),
    Drill("replace", "all workers replaced by a new image", faults.replace_workers, no_retries=True),
    Drill("stop", "server stopped and started", faults.stop_server, no_retries=True),
    Drill("kill", "server killed", faults.kill_server),
    Drill("starter", "starter killed at every stage, called again", starters.kill_starters, besides=starters.ERRANDS),
    Drill("cut", "one worker cut off from the network", faults.cut_off_worker),
    Drill("pause", "server paused", faults.pause_server),
    Drill("memory", "a worker out of memory", faults.run_out_of_memory, special="hoard"),
    Drill("block", "a worker whose event loop blocks", faults.block_event_loop, special="block"),
]
# On a stack of its own, with a disk that can be filled.
DISK = Drill("disk", "the server's disk full", faults.fill_disk)


@contextmanager
def stack_for_drills(directory: Path, disk: str = "") -> Iterator[Stack]:
    """The stack with three workers and the drills' application; with ``disk``, its history on one of that size, in memory."""
    stack = Stack(directory, "drill")
    stack.replace_application(ROOT / "tests" / "drill" / "greeting")
    stack.set(WORKER_REPLICAS=faults.WORKERS, WORKER_STALL_SECONDS=faults.STALL_SECONDS, LOG_LEVEL="WARNING")
    # A worker that runs out of memory does so soon; the server keeps some 10,000 runs.
    stack.set(WORKER_MEMORY="256m", SERVER_MEMORY="2g")
    if disk:
        server = stack.path / "compose" / "server-dev.yml"
        volume = f"  history: {{driver_opts: {{type: tmpfs, device: tmpfs, o: 'size={disk},uid=1000,gid=1000'}}}}"
        text = server.read_text(encoding="utf-8")
        assert text.endswith("\n  history:\n")
        server.write_text(text.removesuffix("  history:\n") + volume, encoding="utf-8")
    try:
        stack.up()
        yield stack
    finally:
        stack.remove()


async def run(stack: Stack, drill: Drill, runs: int, rate: float) -> Outcome:
    """Make the drill's fault while ``runs`` runs are started, ``rate`` a second; return what became of them."""
    client = await Client.connect(stack.address, runtime=configure("ERROR", "text"))
    errands = plan(drill.name, runs - len(drill.besides), drill.special)
    started = monotonic()
    under_way = asyncio.Event()
    load = asyncio.ensure_future(drive(client, errands, rate, under_way))
    await under_way.wait()
    ended, note = await asyncio.to_thread(drill.fault, stack)
    while not await asyncio.to_thread(faults.healthy, stack):
        await asyncio.sleep(0.1)
        assert monotonic() < ended + FINISH_SECONDS, f"{drill.title}: not healthy again"
    healthy_again = monotonic() - ended
    await load
    await finish(client, drill.name, FINISH_SECONDS)
    verdict = await judge(client, drill.name, [*errands, *drill.besides])
    return Outcome(drill, verdict, healthy_again, note, monotonic() - started)
