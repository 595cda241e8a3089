"""The load: runs with a name of their own each, whose results are known before."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time
from uuid import uuid4

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.service import GrpcCompression, RPCError

from bench.figures import percentile
from bench.systems import BenchError, Running, cpu

# For a run on the slowest machine that is measured; a hang is an error then, and not a stuck bench.
LIMIT = 60.0
SECONDS_A_RUN = 0.25


@dataclass(frozen=True)
class Load:
    """What the client saw of one load, in seconds."""

    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Runs a second."""
        return len(self.latencies) / self.seconds

    def latency(self, percent: float) -> float:
        """Return a percentile of the latencies, in milliseconds."""
        return percentile(self.latencies, percent) * 1000


async def connect(address: str) -> Client:
    """Return a client as it is for all that is measured: on one machine compression is work for nothing."""
    async with asyncio.timeout(LIMIT):
        return await Client.connect(address, grpc_compression=GrpcCompression.NONE)


def check(name: str, result: object) -> None:
    """Raise unless ``result`` is the greeting of ``name``: a fast wrong answer is no figure."""
    if result != f"Hello, {name}!":
        raise BenchError(f"wrong result for {name!r}: {result!r}")


async def drive(client: Client, task_queue: str, runs: int, in_flight: int, lifetime: timedelta | None = None) -> Load:
    """Do ``runs`` runs, ``in_flight`` of them at a time; every result is checked."""
    mark = uuid4().hex[:12]
    names: Iterator[str] = (f"{mark}-{number}" for number in itertools.count())
    left = iter(range(runs))
    open_: set[str] = set()
    latencies: list[float] = []

    async def one_after_another() -> None:
        for _ in left:
            name = next(names)
            id_ = f"bench-{name}"
            open_.add(id_)
            began = perf_counter()
            result = await client.execute_workflow(
                "SayHello", name, id=id_, task_queue=task_queue, result_type=str, execution_timeout=lifetime
            )
            latencies.append(perf_counter() - began)
            open_.remove(id_)
            check(name, result)

    began = perf_counter()
    limit = LIMIT + SECONDS_A_RUN * runs
    try:
        async with asyncio.timeout(limit):
            await asyncio.gather(*(one_after_another() for _ in range(min(in_flight, runs))))
    except TimeoutError:
        stands = await _stands(client, min(open_))
        raise BenchError(f"{len(latencies)} of {runs} results within {limit:.0f} s; {stands}") from None
    return Load(perf_counter() - began, tuple(latencies))


async def _stands(client: Client, id_: str) -> str:
    """Return where a run without a result stands, for whoever looks for the reason."""
    try:
        async with asyncio.timeout(10):
            history = await client.get_workflow_handle(id_).fetch_history()
    except (TimeoutError, RPCError) as error:
        return f"of {id_} the server does not tell: {error!r}"
    last = history.events[-1]
    age = datetime.now(UTC) - last.event_time.ToDatetime(UTC)
    return f"the last event of {id_} was {EventType.Name(last.event_type)}, {age.total_seconds():.1f} s ago"


async def warm_up(client: Client, task_queue: str, runs: int, *workers: Running) -> None:
    """Return once workers serve ``task_queue`` and have done ``runs``, which are in no figure."""
    driving = asyncio.ensure_future(drive(client, task_queue, runs, min(10, runs)))
    while not (await asyncio.wait({driving}, timeout=0.5))[0]:
        for worker in workers:
            worker.require()
    driving.result()


@dataclass(frozen=True)
class Shares:
    """CPU milliseconds a run, by who used them."""

    server: float
    workers: float
    client: float

    @property
    def total(self) -> float:
        """Everybody's."""
        return self.server + self.workers + self.client


async def drive_and_account(
    client: Client, task_queue: str, runs: int, in_flight: int, server: int, *workers: int
) -> tuple[Load, Shares]:
    """Do as `drive`, and tell who used the CPU meanwhile; ``server`` and ``workers`` are process ids."""

    def used() -> tuple[float, float, float]:
        return cpu(server), sum(map(cpu, workers)), process_time()

    before = used()
    load = await drive(client, task_queue, runs, in_flight)
    return load, Shares(*((after - start) * 1000 / runs for after, start in zip(used(), before, strict=True)))
