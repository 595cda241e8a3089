"""`python -m bench`: measure all, print the tables, write docs/performance.md. BENCH=quick: little of all, and no document.

With TEMPORAL_ADDRESS, TEMPORAL_PROFILE or TEMPORAL_CONFIG_FILE: the stack's worker on that server alone, and no document.
"""

import os
import sys

from bench.interrupts import Interrupted, install

install()  # before anything slow is imported


def main() -> int:
    """Return the exit code."""
    from datetime import UTC, datetime

    from bench import document, machine, sections
    from bench.measure import Bench, cold, containers, cpu, elsewhere, load, memory, opened, scale, server, starter
    from bench.plan import FULL, QUICK
    from bench.progress import Progress
    from bench.results import Results
    from bench.systems import site
    from support import ROOT

    asked = os.environ.get("BENCH", "")
    if asked not in ("", "quick"):
        print(f"bench: BENCH is {asked!r}: it must be quick, or unset", file=sys.stderr)
        return 2
    plan = QUICK if asked == "quick" else FULL
    here = not elsewhere.asked()
    engine = "" if plan.quick or not here else containers.engine()
    parts = [load, cpu, server, cold, starter, memory, opened, scale] if here else [elsewhere]
    progress = Progress(sum(part.steps(plan) for part in [*parts, *([containers] if engine else [])]))
    try:
        with site() as place:
            bench = Bench(place, plan, progress)
            if not here:
                found = elsewhere.measure(bench)
                progress.clear()
                print(document.on_terminal(sections.elsewhere(found)))
                return 0
            results = Results(
                load=load.measure(bench),
                cpu=cpu.measure(bench),
                server=server.measure(bench),
                cold=cold.measure(bench),
                starter=starter.measure(bench),
                memory=memory.measure(bench),
                opened=opened.measure(bench),
                scale=scale.measure(bench),
                containers=containers.measure(bench) if engine else None,
                machine=machine.look(),
                day=datetime.now(UTC).date(),
                minutes=progress.seconds / 60,
            )
    except Exception as error:  # noqa: BLE001 - whatever it was, there are no figures
        progress.clear()
        print(f"bench: {progress.now}: {str(error) or type(error).__name__}", file=sys.stderr)
        return 1
    progress.clear()
    print(document.printed(results))
    if not engine:
        print(f"\nLeft out: containers ({'quick' if plan.quick else 'no Docker engine answers'})")
    if plan.quick:
        print("Quick: too few runs for figures; docs/performance.md is as it was")
    elif not engine:
        print("docs/performance.md is as it was: it is written when nothing is left out")
    else:
        document.write(results, ROOT / "docs")
        print("Written: docs/performance.md and its pictures")
    return 0


try:
    code = main()
except Interrupted as interrupted:
    code = 128 + interrupted.number
from connection.leave import leave  # noqa: E402 - the SDK's native core can crash while the interpreter shuts down

leave(code)
