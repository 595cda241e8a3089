"""What several rounds make of one figure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median


@dataclass(frozen=True)
class Spread:
    """One figure in every round."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """Return the spread of ``values``, in the order of the rounds."""
        return cls(tuple(values))

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    @property
    def low(self) -> float:
        """The smallest one."""
        return min(self.values)

    @property
    def high(self) -> float:
        """The largest one."""
        return max(self.values)

    def per(self, other: "Spread") -> "Spread":
        """Return this over ``other``, round by round: what disturbs a round disturbs both."""
        return Spread.of(mine / theirs for mine, theirs in zip(self.values, other.values, strict=True))


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of ``values`` that at least ``percent`` of them do not exceed."""
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)]
