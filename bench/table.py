"""Tables, for a terminal and for Markdown alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import Spread


@dataclass(frozen=True)
class Table:
    """Cells as they are shown; the first ``words`` columns hold words, the others figures."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1

    def __str__(self) -> str:
        """Return it as Markdown whose columns line up."""
        cells = [list(self.headings), *map(list, self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            [
                cell.ljust(width) if i < self.words else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            for row in cells
        ]
        rule = ["-" * width if i < self.words else f"{'-' * (width - 1)}:" for i, width in enumerate(widths)]
        return "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], rule, *lines[1:]])


def figure(value: float) -> str:
    """Return ``value`` with three digits that count, as far as there are three."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def middle(spread: Spread, unit: str = "") -> str:
    """Return the median."""
    return f"{figure(spread.median)}{unit}"


def extent(spread: Spread) -> str:
    """Return the smallest and the largest; nothing where there is but one."""
    return f"{figure(spread.low)} to {figure(spread.high)}" if len(spread.values) > 1 else ""


def both(spread: Spread, unit: str = "") -> str:
    """Return the median, and the extent after it."""
    return f"{middle(spread, unit)} ({extent(spread)})" if extent(spread) else middle(spread, unit)
