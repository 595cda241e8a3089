"""Drill: the starter is killed at every stage of its life and called again with the same id."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from checkout import Stack
from drill.faults import Ended
from drill.load import Errand
from support import BARE, LONG

ERRANDS = [Errand(f"starter-killed-{number:02}", "quick", number) for number in range(20)]


def kill_starters(stack: Stack) -> Ended:
    """Kill a starter for each of `ERRANDS`, each a step later in its life; called again it must print the run's result."""
    environment = {**BARE, "TEMPORAL_ADDRESS": stack.address, "TEMPORAL_UI_URL": "off"}
    environment["PYTHONPATH"] = str(stack.path / "services")

    def call(errand: Errand, seconds: float) -> tuple[str, str]:
        command = [sys.executable, "-m", "starter", "--what", errand.what, "--workflow-id", errand.workflow_id]
        with subprocess.Popen(command, cwd=stack.path, env=environment, stdout=-1, stderr=-1, text=True) as process:
            try:
                return process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                return process.communicate()

    def lives() -> float:
        """Return how long a starter's whole life is, in seconds, under this load."""
        started = monotonic()
        call(ERRANDS[0], LONG)
        return monotonic() - started

    def killed_and_called_again(errand: Errand) -> str:
        printed, _ = call(errand, errand.number * step)
        result, words = call(errand, LONG)
        assert result == f"Result: {errand.result}\n", f"{errand}: {result}{words}"
        return "with its result" if printed else "with its run" if "is there already" in words else "before its run"

    with ThreadPoolExecutor(2) as pool:
        lives()  # the first one compiles
        step = 1.2 * max(pool.map(lambda _: lives(), range(2))) / len(ERRANDS)
        stages = Counter(pool.map(killed_and_called_again, ERRANDS[1:]))
    return monotonic(), "killed: " + ", ".join(f"{count} {stage}" for stage, count in stages.items())
