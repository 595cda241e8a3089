"""What a load counts, and the figures of it."""

import json
from array import array
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import Any

from connection.leave import Exit

# A failure's message may hold whatever an application puts there, and another one for every run.
MOST_REASONS = 20
REASON_CHARACTERS = 500
OTHER_REASONS = "Other reasons"
MOST_RESULTS = 1000

PERCENTILES = (50, 90, 95, 99)


@dataclass
class Reason:
    """Why some runs gave no result: how many, and the workflow id of the first one."""

    runs: int
    workflow_id: str


class Tally:
    """Counts of one load. It grows by 8 bytes a run, and by nothing else without bound."""

    def __init__(self, total: int) -> None:
        """Count ``total`` runs; the clock starts now."""
        self.total = total
        self.started = monotonic()
        self.launched = 0  # calls that start a run
        self.accepted = 0  # of these, what the server said yes to
        self.refused = 0  # and no
        self.answered = 0  # runs that gave a result or failed: somebody works on them
        self.errors = 0
        self.reasons: dict[str, Reason] = {}
        self._latencies = array("d")  # in seconds
        self._codes: set[Exit] = set()
        self._results: set[int] = set()

    def result(self, value: Any, seconds: float) -> None:
        """Count a run that gave ``value``, ``seconds`` after the call that started it."""
        self.answered += 1
        self._latencies.append(seconds)
        if len(self._results) < MOST_RESULTS:
            self._results.add(hash(json.dumps(value, sort_keys=True, default=repr)))

    def error(self, code: Exit, reason: str, workflow_id: str) -> None:
        """Count a run without a result. ``code`` is FAILED, UNREACHABLE or NO_RESULT, ``reason`` for a person."""
        self.errors += 1
        self.answered += code == Exit.FAILED
        self._codes.add(code)
        reason = " ".join(reason.split())
        if len(reason) > REASON_CHARACTERS:
            reason = reason[:REASON_CHARACTERS] + "..."
        if reason not in self.reasons and len(self.reasons) >= MOST_REASONS:
            reason = OTHER_REASONS
        self.reasons.setdefault(reason, Reason(0, workflow_id)).runs += 1

    @property
    def done(self) -> int:
        """Runs that are no longer waited for."""
        return len(self._latencies) + self.errors

    @property
    def starting(self) -> int:
        """Runs of which the server has not said yet whether it accepts them."""
        return self.launched - self.accepted - self.refused

    @property
    def in_flight(self) -> int:
        """Runs that the server has accepted and that are waited for."""
        return self.accepted - (self.done - self.refused)

    @property
    def results(self) -> int:
        """How many different results there are; no more than `MOST_RESULTS` are counted."""
        return len(self._results)

    @property
    def code(self) -> Exit:
        """The exit code of a load that is over: of several kinds of errors the worst one's."""
        return next((code for code in (Exit.FAILED, Exit.UNREACHABLE, Exit.NO_RESULT) if code in self._codes), Exit.OK)

    def seconds(self) -> float:
        """Return the seconds since the clock started, more than 0."""
        return max(monotonic() - self.started, 1e-6)

    def figures(self) -> dict[str, float | None]:
        """Return the figures by their names: counts, seconds, and latencies in ms, which are None without a result."""
        seconds, latencies = self.seconds(), sorted(self._latencies)
        figures: dict[str, float | None] = {
            "runs": self.done,
            "errors": self.errors,
            "seconds": round(seconds, 3),
            "runs_per_second": round(self.done / seconds, 1),
        }
        for percent in PERCENTILES:
            figures[f"p{percent}_ms"] = _milliseconds(latencies[ceil(len(latencies) * percent / 100) - 1 :])
        figures["max_ms"] = _milliseconds(latencies[-1:])
        return figures


def _milliseconds(latencies: list[float]) -> float | None:
    return round(latencies[0] * 1000, 1) if latencies else None
