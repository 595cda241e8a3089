"""Pictures as SVG: no script, no link, and colours that are read on light and on dark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import log10
from operator import attrgetter

from bench.measure import cpu, load
from bench.results import Results

WIDTH, HEIGHT = 760, 380
COLOURS = {load.MEMORY: "#3b82f6", load.FILE: "#a855f7", load.STACK: "#e07b00"}
INK = "#7a828c"  # between both backgrounds: who shows a picture does not always tell it which of them it has


@dataclass(frozen=True)
class Line:
    """A named line through points."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


def pictures(results: Results) -> dict[str, str]:
    """Return the pictures by their names."""
    return {"performance-latency": _latency(results), "performance-cpu": _cpu(results)}


def _latency(results: Results) -> str:
    lines = [
        Line(
            f"{system}: {name}",
            COLOURS[system],
            [(level, results.load.spread(system, level, attrgetter(name)).median) for level in levels],
            dashed,
        )
        for system, levels in results.load.points.items()
        for name, dashed in (("p50", False), ("p95", True))
    ]
    return chart(lines, "runs in flight", "latency, ms")


def _cpu(results: Results) -> str:
    variants = [cpu.TUTORIAL, cpu.UNDONE_TOGETHER, *cpu.CAUSES, cpu.STACK]
    return bars([(variant.title, results.cpu.spread(variant).median) for variant in variants], "worker CPU, ms a run")


def chart(lines: Sequence[Line], across: str, up: str) -> str:
    """Return ``lines`` on two logarithmic axes."""
    left, top, right, bottom = 70, 44 + 18 * ((len(lines) + 1) // 2), WIDTH - 20, HEIGHT - 50
    xs = sorted({x for line in lines for x, _ in line.points})
    ticks = _ticks(min(y for line in lines for _, y in line.points), max(y for line in lines for _, y in line.points))

    def at(value: float, low: float, high: float, start: float, end: float) -> float:
        return start + (end - start) * (log10(value / low) / log10(high / low) if high > low else 0)

    def x_of(x: float) -> float:
        return at(x, xs[0], xs[-1], left, right)

    def y_of(y: float) -> float:
        return at(y, ticks[0], ticks[-1], bottom, top)

    parts = []
    for tick in ticks:
        parts.append(f'<path d="M{left} {y_of(tick):.1f}H{right}" stroke="{INK}" stroke-opacity=".35"/>')
        parts.append(_text(left - 8, y_of(tick) + 4, f"{tick:g}", "end"))
    parts += [_text(x_of(x), bottom + 18, f"{x:g}", "middle") for x in xs]
    parts += [_text((left + right) / 2, HEIGHT - 12, across, "middle"), _text(8, top - 14, up)]
    for number, line in enumerate(lines):
        dash = ' stroke-dasharray="6 4"' if line.dashed else ""
        points = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in line.points)
        stroke = f'fill="none" stroke="{line.colour}" stroke-width="2"{dash}'
        parts.append(f'<polyline points="{points}" {stroke}/>')
        x, y = left + 30 + (number % 2) * 330, 16 + 18 * (number // 2)
        parts.append(f'<path d="M{x} {y - 4}h24" {stroke}/>')
        parts.append(_text(x + 30, y, line.name))
    return _svg(HEIGHT, parts)


def bars(values: Sequence[tuple[str, float]], what: str) -> str:
    """Return a horizontal bar for each of ``values``, all on one scale from zero; the last one is the one to look at."""
    left, step = 250, 34
    scale = (WIDTH - left - 70) / max(value for _, value in values)
    parts = []
    for number, (name, value) in enumerate(values):
        y = 10 + number * step
        colour = COLOURS[load.STACK] if number == len(values) - 1 else COLOURS[load.MEMORY]
        parts.append(_text(left - 10, y + 17, name, "end"))
        parts.append(f'<rect x="{left}" y="{y}" width="{value * scale:.1f}" height="{step - 10}" fill="{colour}"/>')
        parts.append(_text(left + value * scale + 8, y + 17, f"{value:.2f}"))
    height = 10 + len(values) * step + 30
    return _svg(height, [*parts, _text(left, height - 14, what)])


def _ticks(low: float, high: float) -> list[float]:
    """Return 1, 2, 5, 10, ... from the last one below ``low`` to the first one above ``high``."""

    def steps() -> Iterator[float]:
        for power in range(-6, 9):
            yield from (digit * 10.0**power for digit in (1, 2, 5))

    all_ = list(steps())
    first = max(index for index, tick in enumerate(all_) if tick <= low)
    last = min(index for index, tick in enumerate(all_) if tick >= high)
    return all_[first : max(last, first + 1) + 1]


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}">{escape(text)}</text>'


def _svg(height: int, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">'
    return "\n".join([head, *parts, "</svg>\n"])
