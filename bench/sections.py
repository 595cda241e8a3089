"""The measurements as people read them: a title, how to read it, its tables."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import Spread
from bench.goals import faster, outcomes, sooner
from bench.measure import cold, containers, cpu, load, memory, opened, scale, server, starter
from bench.measure.elsewhere import ElsewhereResult
from bench.results import Results
from bench.table import Table, both, extent, figure, middle


@dataclass(frozen=True)
class Section:
    """A part of the document; ``picture``: the name of one and what it shows."""

    title: str
    text: str
    tables: list[Table]
    picture: tuple[str, str] | None = None


def goals_table(results: Results) -> Table:
    """Return what became of the goals."""
    rows = []
    for outcome in outcomes(results):
        goal, spread = outcome.goal, outcome.figure
        bound = f"{'at least' if goal.at_least else 'at most'} {goal.bound:g}{goal.unit}"
        verdict = {True: "met", False: "not met", None: "not measured"}[outcome.met]
        shown = (middle(spread, goal.unit), extent(spread)) if spread else ("", "")
        rows.append([goal.title, verdict, bound, *shown])
    return Table(["Goal", "", "Bound", "Median", "Rounds"], rows, words=2)


def reasons(results: Results) -> list[str]:
    """Return what is in the way of the goals that are not met; those with one reason stand together."""
    titles: dict[str, list[str]] = {}
    for outcome in outcomes(results):
        if outcome.met is False:
            titles.setdefault(outcome.reason, []).append(outcome.goal.title)
    return [f"*{'; '.join(of)}*: {reason}." for reason, of in titles.items()]


def sections(results: Results) -> list[Section]:
    """Return all of them."""
    found = [
        _load(results),
        _cpu(results.cpu),
        _server(results.server),
        _cold(results.cold),
        _starter(results.starter),
        _memory(results.memory),
        _opened(results.opened),
        _scale(results.scale),
    ]
    return [*found, _containers(results.containers)] if results.containers else found


def _load(results: Results) -> Section:
    found = results.load
    levels = list(found.points[load.STACK])
    columns: list[Callable[[load.Point], float]] = [lambda p: p.rate, lambda p: p.p50, lambda p: p.p95]
    rows = [
        [system, str(level), *(both(found.spread(system, level, column)) for column in columns)]
        for level in levels
        for system in load.SYSTEMS
    ]
    ratios = [
        [
            str(level),
            *(both(sooner(results, level, column, load.MEMORY), "x") for column in columns[1:]),
            *(both(faster(results, level, than), "x") for than in (load.MEMORY, load.FILE)),
        ]
        for level in levels
    ]
    shares: list[Callable[[load.Point], float]] = [
        lambda p: p.shares.server,
        lambda p: p.shares.workers,
        lambda p: p.shares.client,
        lambda p: p.shares.total,
        lambda p: p.shares.server / p.shares.total * 100,
    ]
    users = [[system, *(both(found.spread(system, 50, share)) for share in shares)] for system in load.SYSTEMS]
    return Section(
        "Load",
        "Each system is loaded by one client, which starts the next run as soon as it has a result. Latency is from the "
        "call to the result. The second table is this stack against the tutorial's, round by round; the third is who used "
        "the CPU for a run at 50 in flight, and so what a worker can change at all.",
        [
            Table(["System", "In flight", "Runs a second", "p50, ms", "p95, ms"], rows),
            Table(
                ["In flight", "p50 sooner, memory", "p95 sooner, memory", "Runs a second, memory", "The same, file"],
                ratios,
                words=0,
            ),
            Table(["CPU ms a run at 50", "Server", "Worker", "Client", "Sum", "Server's %"], users),
        ],
        ("performance-latency", "Latency by runs in flight, of the tutorial on both stock servers and of this stack"),
    )


def _cpu(found: cpu.CpuResult) -> Section:
    stack = found.spread(cpu.STACK)

    def row(variant: cpu.Variant) -> list[str]:
        spread = found.spread(variant)
        return [variant.title, both(spread), both(spread.per(stack), "x")]

    main = [cpu.TUTORIAL, cpu.STACK, *cpu.CAUSES, cpu.UNDONE_TOGETHER]
    left = middle(found.spread(cpu.TUTORIAL).per(found.spread(cpu.UNDONE_TOGETHER)), "x")
    return Section(
        "Worker CPU",
        f"{cpu.IN_FLIGHT} runs in flight on one server of the stack, a fresh worker for each figure. The first table undoes "
        f"the stack's settings one by one. With all three undone the tutorial's worker takes {left} of what this one does: "
        "all that the two then still do differently are the questions about payloads, which this one answers outside the "
        "sandbox, and its health report. The second table is of what is left as the SDK has it, and of what to avoid.",
        [
            Table(["Worker", "CPU ms a run", "Of this stack's"], [row(variant) for variant in main]),
            Table(["This stack's worker with", "CPU ms a run", "Of this stack's"], [row(variant) for variant in cpu.OTHERS]),
        ],
        ("performance-cpu", "CPU of a worker for each run, with the stack's settings undone one by one"),
    )


def _server(found: server.ServerResult) -> Section:
    rows = [[variant, *map(both, found.spread(variant))] for variant in server.VARIANTS]
    return Section(
        "Settings of the dev server",
        "The same worker and a history in a file. `history.transferProcessorMaxPollRPS=2000`: the stock history queue "
        "looks for work in quanta of 50 ms. One partition a task queue: the four stock ones are polled in turn. "
        "Write-ahead log with `synchronous=normal`: a commit is one sequential write; with `wal_autocheckpoint=4000` pages are "
        "put in their place less often. All three are tuning of a dev server; a production server has its own.",
        [Table(["Server", "Hello after hello, p50 ms", f"Runs a second at {server.IN_FLIGHT}"], rows)],
    )


def _cold(found: cold.ColdResult) -> Section:
    rows = [
        [what, both(spread), both(spread.per(found.spread(cold.STACK)), "x")]
        for what in found.rounds
        for spread in [found.spread(what)]
    ]
    return Section(
        "Cold start",
        "From the start of the worker's process to the result of a run that waits in its queue already. The two "
        "interpreters are the floor: no worker that uses the SDK is there sooner.",
        [Table(["Process", "ms", "Of this stack's"], rows)],
    )


def _starter(found: starter.StarterResult) -> Section:
    def row(what: str) -> list[str]:
        spread = found.spread(what)
        wrong = f"{found.wrong_codes[what]} of {len(spread.values)}" if what in found.wrong_codes else ""
        return [what, both(spread), both(spread.per(found.spread(starter.STACK)), "x"), wrong]

    return Section(
        "Starter",
        "The whole process, from its start to its end with the result written; every result and exit code is checked. A "
        "wrong exit code after a right result is the crash at exit of the SDK's native core that the tutorial's script "
        "does not guard itself against.",
        [Table(["Process", "ms", "Of this stack's", "Wrong exit codes"], [row(what) for what in found.rounds])],
    )


def _memory(found: memory.MemoryResult) -> Section:
    rows = [
        [
            f"{mark.runs:,}",
            figure(mark.tutorial),
            figure(mark.stack),
            figure(mark.stack / mark.tutorial) + "x",
            figure(mark.server),
            figure(mark.history),
        ]
        for mark in found.marks
    ]
    return Section(
        "Memory",
        f"Resident memory in MiB. Both workers at the same time on one server of the stack, {memory.IN_FLIGHT} runs in "
        "flight each; the first line is at rest. The server has done the runs of both. Its history's file grew by "
        f"{figure(found.growth)} MiB for 1,000 runs.",
        [
            Table(
                ["Runs of each worker", "Tutorial's worker", "This stack's", "Of the tutorial's", "Server", "History file"],
                rows,
                words=0,
            )
        ],
    )


def _opened(found: opened.OpenedResult) -> Section:
    rows = [[title, figure(kilobytes)] for title, kilobytes in found.kilobytes.items()]
    return Section(
        "Open workflows",
        f"What a workflow that waits takes in its worker while it is cached: {found.opened:,} of them against one. The "
        "sandbox imports what is not passed through again for each.",
        [Table(["The workflow's imports", "KB each"], rows)],
    )


def _scale(found: scale.ScaleResult) -> Section:
    rows = []
    for (workers, level), crowds in sorted(found.crowds.items(), key=lambda item: (item[0][1], item[0][0])):
        shares = [Spread.of(crowd.shares.server for crowd in crowds), Spread.of(crowd.shares.workers for crowd in crowds)]
        cores = Spread.of(crowd.rate * crowd.shares.total / 1000 for crowd in crowds)
        rows.append([str(level), str(workers), both(found.rate(workers, level)), *map(both, shares), middle(cores)])
    return Section(
        "More workers",
        "Workers on one task queue, all on this one machine; the cores in use are those of server, workers and client "
        "together. Where the runs a second stay as they are, the server is the limit: all it reads and writes goes through "
        "one SQLite connection (temporalio/temporal issue 9686), in memory as in a file, in turn. Further workers help with a "
        "server that has more, and with activities that take longer than a greeting.",
        [
            Table(
                ["In flight", "Workers", "Runs a second", "Server, CPU ms a run", "Workers, CPU ms a run", "Cores in use"],
                rows,
                words=0,
            )
        ],
    )


def _containers(found: containers.ContainersResult) -> Section:
    rows = [
        ["`make up` with nothing to do", both(found.again)],
        ["`make up` after `make down`", both(found.after_down)],
        ["`docker compose build worker` after one changed line of an activity", figure(found.rebuilt)],
        ["`make up` with that image: the worker drains and is replaced", figure(found.changed)],
        ["`docker run` of a container that does nothing", figure(found.nothing)],
        ["`docker compose ps`, as one call of Compose", figure(found.compose)],
    ]
    return Section(
        "Containers",
        f"With Docker Engine {found.engine} and built images, each with a run of the starter at its end. The worker's image is"
        f" {found.image:.0f} MB above its base.",
        [Table(["Command", "Seconds"], rows)],
    )


def elsewhere(found: ElsewhereResult) -> Section:
    """Return what was found on a server elsewhere."""
    rows = [[str(p.level), str(p.runs), *map(figure, (p.rate, p.p50, p.p95))] for p in found.points]
    table = Table(["In flight", "Runs", "Runs a second", "p50, ms", "p95, ms"], rows, words=0)
    return Section(f"This stack's worker on {found.where}", "", [table])
