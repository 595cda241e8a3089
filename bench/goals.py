"""What the stack is to reach, and what is in the way where it does not: said out of the figures measured beside it."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import Spread
from bench.measure import cold, cpu, load, starter
from bench.results import Results


@dataclass(frozen=True)
class Goal:
    """A bound for a figure, and the reason to give when it is not kept."""

    title: str
    at_least: bool
    bound: float
    unit: str
    figure: Callable[[Results], Spread | None]  # None: not measured here
    reason: Callable[[Results], str]


@dataclass(frozen=True)
class Outcome:
    """What became of a goal."""

    goal: Goal
    figure: Spread | None
    reason: str  # why it is not met

    @property
    def met(self) -> bool | None:
        """Whether the median keeps the bound; None: not measured."""
        if self.figure is None:
            return None
        middle = self.figure.median
        return middle >= self.goal.bound if self.goal.at_least else middle <= self.goal.bound


def outcomes(results: Results) -> list[Outcome]:
    """Return what became of all goals."""
    found = []
    for goal in GOALS:
        outcome = Outcome(goal, goal.figure(results), "")
        found.append(Outcome(goal, outcome.figure, goal.reason(results)) if outcome.met is False else outcome)
    return found


def sooner(results: Results, level: int, figure: Callable[[load.Point], float], than: str) -> Spread:
    """Return how many times sooner the stack is at a level."""
    return results.load.spread(than, level, figure).per(results.load.spread(load.STACK, level, figure))


def faster(results: Results, level: int, than: str) -> Spread:
    """Return how many times as many runs a second the stack does at a level."""
    return results.load.spread(load.STACK, level, _rate).per(results.load.spread(than, level, _rate))


def _rate(point: load.Point) -> float:
    return point.rate


def _p50(point: load.Point) -> float:
    return point.p50


def _p95(point: load.Point) -> float:
    return point.p95


def _ahead(level: int) -> Goal:
    def closest(results: Results) -> Spread:
        return min((faster(results, level, than) for than in (load.MEMORY, load.FILE)), key=lambda spread: spread.median)

    title = f"{level} in flight: runs a second, against the better of the tutorial's two"
    return Goal(title, True, 1.0, "x", closest, lambda results: _server_limit(results, level))


def _server_limit(results: Results, level: int) -> str:
    def middle(system: str, figure: Callable[[load.Point], float]) -> float:
        return results.load.spread(system, level, figure).median

    total, server = (middle(load.STACK, figure) for figure in (lambda p: p.shares.total, lambda p: p.shares.server))
    in_memory = middle(load.MEMORY, lambda point: point.shares.server)
    cores = results.machine.cores
    return (
        f"at {level} in flight a run of this stack takes {total:.1f} ms of CPU, and {server:.1f} of them "
        f"({server / total:.0%}) are the server's ({in_memory:.1f} without a file). {cores} cores do "
        f"{cores * 1000 / total:.0f} such runs a second at most; {middle(load.STACK, _rate):.0f} were done, for all that the "
        "server reads and writes goes through one SQLite connection, in turn"
    )


def _cpu_reason(results: Results) -> str:
    stack, undone, bare = (results.cpu.spread(which).median for which in (cpu.STACK, cpu.UNDONE_TOGETHER, cpu.NO_SANDBOX))
    return (
        f"a run takes this worker {stack:.2f} ms and {undone:.2f} with its three settings undone; the rest is the SDK's own"
        f" work: even without the sandbox {bare:.2f} ms remain"
    )


def _cold_reason(results: Results) -> str:
    stack, bare, imports = (results.cold.spread(what).median for what in (cold.STACK, cold.BARE, cold.IMPORTS))
    return (
        f"of {stack:.0f} ms the interpreter takes {bare:.0f} and the import of the SDK's worker and client {imports - bare:.0f}"
        f" ({(imports - bare) / stack:.0%}); all that is the stack's, with the connection and the run, is {stack - imports:.0f}"
    )


def _memory_reason(results: Results) -> str:
    first, last = results.memory.marks[0], results.memory.marks[-1]
    return (
        f"of {first.stack:.0f} MiB at rest an interpreter that has imported the SDK's worker and client holds "
        f"{results.memory.imports:.0f}; after {last.runs:,} runs it is {last.stack:.0f}, and the tutorial's "
        f"{last.tutorial:.0f}"
    )


def _starter_reason(results: Results) -> str:
    bare, service, client, stack, tutorial = (
        results.starter.spread(what).median
        for what in (starter.BARE, starter.SERVICE, starter.CLIENT, starter.STACK, starter.TUTORIAL)
    )
    return (
        f"of this starter's {stack:.0f} ms the interpreter takes {bare:.0f}, the import of temporalio.service "
        f"{service - bare:.0f} and that of temporalio.client {client - bare:.0f}, which the tutorial's {tutorial:.0f} ms "
        "have in them as well"
    )


def _cli_reason(results: Results) -> str:
    bare, service, cli = (results.starter.spread(what).median for what in (starter.BARE, starter.SERVICE, starter.CLI))
    return (
        f"the CLI is a compiled program and takes {cli:.0f} ms in all; an interpreter takes {bare:.0f} ms to do nothing and"
        f" {service:.0f} to import temporalio.service, which is {service / cli:.1f}x before the first word to the server"
    )


def _containers_reason(results: Results) -> str:
    assert results.containers
    return (
        f"on this machine a container that does nothing takes {results.containers.nothing:.1f} s from docker run to its end,"
        f" and one call of Compose that only looks {results.containers.compose:.1f} s; make up is made of such calls"
    )


def _memory_ratio(mark: int) -> Callable[[Results], Spread]:
    return lambda results: Spread.of([results.memory.marks[mark].stack / results.memory.marks[mark].tutorial])


def _flat(results: Results) -> Spread:
    *_, last = results.memory.marks
    # Where it was warm: at a quarter of the runs, or the nearest mark after.
    warm = next(mark for mark in results.memory.marks if mark.runs * 4 >= last.runs)
    return Spread.of([last.stack / warm.stack])


def _starter(than: str, *, slower: bool) -> Callable[[Results], Spread]:
    def figure(results: Results) -> Spread:
        mine, theirs = results.starter.spread(starter.STACK), results.starter.spread(than)
        return mine.per(theirs) if slower else theirs.per(mine)

    return figure


GOALS = [
    Goal(
        "hello after hello: p50 sooner than the tutorial on the stock server in memory",
        True,
        5.0,
        "x",
        lambda r: sooner(r, 1, _p50, load.MEMORY),
        lambda r: _server_limit(r, 1),
    ),
    Goal(
        "50 in flight: p95 sooner than the same",
        True,
        3.0,
        "x",
        lambda r: sooner(r, 50, _p95, load.MEMORY),
        lambda r: _server_limit(r, 50),
    ),
    Goal(
        "100 in flight: p95 sooner than the same",
        True,
        3.0,
        "x",
        lambda r: sooner(r, 100, _p95, load.MEMORY),
        lambda r: _server_limit(r, 100),
    ),
    *map(_ahead, (1, 10, 50, 200)),
    Goal(
        "50 in flight: runs a second, against the stock server with a file",
        True,
        1.8,
        "x",
        lambda r: faster(r, 50, load.FILE),
        lambda r: _server_limit(r, 50),
    ),
    Goal(
        "worker CPU for a run: less than the tutorial's",
        True,
        1.3,
        "x",
        lambda r: r.cpu.spread(cpu.TUTORIAL).per(r.cpu.spread(cpu.STACK)),
        _cpu_reason,
    ),
    Goal("worker, from its start to its first result", False, 200.0, " ms", lambda r: r.cold.spread(cold.STACK), _cold_reason),
    Goal("worker's memory at rest, of the tutorial's", False, 1.0, "x", _memory_ratio(0), _memory_reason),
    Goal("worker's memory after the last run, of the tutorial's", False, 1.0, "x", _memory_ratio(-1), _memory_reason),
    Goal("worker's memory after the last run, of that after a quarter", False, 1.1, "x", _flat, _memory_reason),
    Goal("starter: sooner than the tutorial's", True, 2.0, "x", _starter(starter.TUTORIAL, slower=False), _starter_reason),
    Goal("starter: as long as the CLI", False, 2.5, "x", _starter(starter.CLI, slower=True), _cli_reason),
    Goal(
        "make up with nothing to do",
        False,
        2.0,
        " s",
        lambda r: r.containers.again if r.containers else None,
        _containers_reason,
    ),
    Goal(
        "make up after make down",
        False,
        6.0,
        " s",
        lambda r: r.containers.after_down if r.containers else None,
        _containers_reason,
    ),
    Goal(
        "image rebuilt after one changed line of an activity",
        False,
        3.0,
        " s",
        lambda r: Spread.of([r.containers.rebuilt]) if r.containers else None,
        _containers_reason,
    ),
]
