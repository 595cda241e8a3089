"""`python -m drill [NAME...]`: all drills or those named; their table, and docs/drills.md if all. Exit code 1: a loss."""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic

from checkout import Stack
from drill.drills import DISK, DRILLS, Drill, Outcome, run, stack_for_drills
from support import ROOT

RUNS = 1000
RATE = 45.0  # runs a second: about half of what two cores do, so that a backlog is worked off while the load goes on

HEADINGS = ("Fault", "Runs", "Lost", "Wrong", "Retried activities", "Longest pause", "Healthy again after", "What was done")


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as a Markdown table whose columns line up."""
    rows = [list(HEADINGS)]
    for outcome in outcomes:
        verdict = outcome.verdict
        counts = [verdict.runs, len(verdict.lost), len(verdict.wrong), verdict.retried]
        times = [f"{verdict.pause:.1f} s", f"{outcome.healthy_again:.1f} s"]
        rows.append([outcome.drill.title, *map(str, counts), *times, outcome.note])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    numbers = range(1, 7)
    cells = [[c.rjust(w) if i in numbers else c.ljust(w) for i, (c, w) in enumerate(zip(r, widths, strict=True))] for r in rows]
    rule = [f"{'-' * (w - 1)}:" if i in numbers else "-" * w for i, w in enumerate(widths)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [cells[0], rule, *cells[1:]])


def versions(stack: Stack) -> str:
    """Return what the drills ran on."""
    engine = stack.run("docker", "version", "--format", "{{.Server.Version}}").stdout.strip()
    compose = stack.run("docker", "compose", "version", "--short").stdout.strip()
    server = stack.compose("exec", "--no-TTY", "server", "temporal", "--version").stdout.strip()
    python = stack.compose("exec", "--no-TTY", "worker", "python", "--version").stdout.strip()
    return f"{server}; temporalio {version('temporalio')}; {python}; Docker Engine {engine}, Compose {compose}"


PAGE = """\
# Drills

What `make drill` printed on {date} after {minutes:.0f} minutes, with {versions}.

{table}

Each fault is made while {runs} runs are started, {rate:.0f} a second, on a server and three workers; one run in ten has an
activity that takes two seconds. The ids and the results are known before. Afterwards the server's own records are read:

- *Lost* is a run without a result, *wrong* one with another result or one that was run twice.
- *Retried activities* are attempts after the first: what a lost worker had in hand is tried again after the activity's timeout.
- *Longest pause* is the longest time in which no run was completed.
- *Healthy again after* is counted from the end of the fault until server and workers were all healthy, by themselves.

At the end a backup of the history is made, which checks the whole database.
"""


async def reported(stack: Stack, drill: Drill) -> Outcome:
    """Run ``drill`` and say how it went."""
    print(f"{drill.name}: {drill.title}", flush=True)
    outcome = await run(stack, drill, RUNS, RATE)
    print(f"  {'' if outcome.good else 'FAILED, '}{outcome.took:.0f} s, {outcome.note}", flush=True)
    for id_ in [*outcome.verdict.lost, *outcome.verdict.wrong][:10]:
        print(f"  lost or wrong: {id_}")
    return outcome


async def main(names: Sequence[str]) -> int:
    """Return the exit code."""
    known = [drill.name for drill in (*DRILLS, DISK)]
    if unknown := set(names) - set(known):
        print(f"make drill: there is no drill {min(unknown)}; there are {', '.join(known)}")
        return 2
    outcomes, on, started = [], "", monotonic()
    for drills, disk in ((DRILLS, ""), ([DISK], "256m")):
        chosen = [drill for drill in drills if not names or drill.name in names]
        if not chosen:
            continue
        print("Building and starting a stack of its own", flush=True)
        with tempfile.TemporaryDirectory(prefix="drill-") as directory, stack_for_drills(Path(directory), disk) as stack:
            on = versions(stack)
            outcomes += [await reported(stack, drill) for drill in chosen]
            print(stack.run("make", "backup").stdout, end="")  # which fails unless the database is whole
    print(f"\n{table(outcomes)}")
    if not all(outcome.good for outcome in outcomes):
        return 1
    if not names:
        date, minutes = f"{datetime.now(UTC):%Y-%m-%d}", (monotonic() - started) / 60
        page = PAGE.format(date=date, minutes=minutes, versions=on, table=table(outcomes), runs=f"{RUNS:,}", rate=RATE)
        (ROOT / "docs" / "drills.md").write_text(page, encoding="utf-8")
    return 0


sys.exit(asyncio.run(main(sys.argv[1:])))
