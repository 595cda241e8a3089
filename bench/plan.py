"""How much is measured: everything, or enough to see that it works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Counts of rounds, runs and calls."""

    quick: bool
    rounds: int
    levels: dict[int, int]  # runs by in-flight level
    warm_up: int
    cpu_runs: int
    starts: int
    memory_marks: tuple[int, ...]  # runs done; the first is what counts as at rest
    calls: int
    workers: tuple[int, ...]
    scale_levels: dict[int, int]
    scale_rounds: int
    opened: int
    settings_rounds: int
    settings_runs: int
    elsewhere: dict[int, int]


FULL = Plan(
    quick=False,
    rounds=2,
    levels={1: 25, 10: 80, 50: 200, 100: 250, 200: 300},
    warm_up=50,
    cpu_runs=200,
    starts=10,
    memory_marks=(20, 1000, 2500, 5000, 10000),
    calls=20,
    workers=(1, 2, 4),
    scale_levels={50: 200, 200: 300},
    scale_rounds=1,
    opened=500,
    settings_rounds=2,
    settings_runs=100,
    elsewhere={1: 49, 10: 150, 50: 300},
)
QUICK = Plan(
    quick=True,
    rounds=1,
    levels={1: 3, 10: 10, 50: 50, 100: 50, 200: 50},
    warm_up=5,
    cpu_runs=20,
    starts=1,
    memory_marks=(5, 30, 60),
    calls=1,
    workers=(1, 2),
    scale_levels={50: 50, 200: 50},
    scale_rounds=1,
    opened=20,
    settings_rounds=1,
    settings_runs=30,
    elsewhere={1: 4, 10: 15, 50: 40},
)
