"""The first drills in a short form; `make drill` has all of them, with more runs."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from checkout import Stack
from drill import faults
from drill.drills import DRILLS, Drill, run, stack_for_drills

BY_NAME = {drill.name: drill for drill in DRILLS}
SHORT = [
    replace(BY_NAME["turn"], fault=partial(faults.kill_workers_in_turn, times=2)),
    BY_NAME["all"],
    BY_NAME["replace"],
    BY_NAME["stop"],
    BY_NAME["kill"],
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack_for_drills(tmp_path_factory.mktemp("checkout")) as checkout:
        yield checkout


# On one of pytest-xdist's processes: they share a stack that takes a while to start.
@pytest.mark.parametrize("drill", SHORT, ids=lambda drill: drill.name)
async def test_nothing_is_lost(stack: Stack, drill: Drill) -> None:
    outcome = await run(stack, drill, runs=60, rate=10)
    assert outcome.verdict.runs == 60
    assert (outcome.verdict.lost, outcome.verdict.wrong) == ([], [])
    assert not (drill.no_retries and outcome.verdict.retried)
