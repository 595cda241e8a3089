"""All that one bench found."""

from dataclasses import dataclass
from datetime import date

from bench.measure.cold import ColdResult
from bench.measure.containers import ContainersResult
from bench.measure.cpu import CpuResult
from bench.measure.load import LoadResult
from bench.measure.memory import MemoryResult
from bench.measure.opened import OpenedResult
from bench.measure.scale import ScaleResult
from bench.measure.server import ServerResult
from bench.measure.starter import StarterResult


@dataclass(frozen=True)
class Machine:
    """What it was measured on and with."""

    processor: str
    cores: int
    memory: float  # GiB
    system: str
    python: str
    sdk: str
    server: str


@dataclass(frozen=True)
class Results:
    """The measurements; without an engine there are no containers to measure."""

    load: LoadResult
    cpu: CpuResult
    cold: ColdResult
    memory: MemoryResult
    starter: StarterResult
    scale: ScaleResult
    opened: OpenedResult
    server: ServerResult
    containers: ContainersResult | None
    machine: Machine
    day: date
    minutes: float
