"""The measurements, one a file: each has `steps`, how many it tells of, and `measure`, which returns what was found."""

from dataclasses import dataclass

from bench.plan import Plan
from bench.progress import Progress
from bench.systems import Site


@dataclass(frozen=True)
class Bench:
    """What every measurement works with."""

    site: Site
    plan: Plan
    progress: Progress
