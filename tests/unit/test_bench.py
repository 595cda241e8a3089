"""What the bench makes of its figures."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench import document, goals, sections
from bench.drive import Shares, check
from bench.figures import Spread, percentile
from bench.measure import cold, cpu, load, memory, opened, scale, server, starter
from bench.measure.containers import ContainersResult
from bench.pictures import pictures
from bench.plan import FULL
from bench.progress import Progress
from bench.results import Machine, Results
from bench.systems import ONE_PARTITION, QUEUE_RATE, WRITE_AHEAD, BenchError, Site, python
from bench.table import both, figure
from support import SERVICES

SLOWER = {load.MEMORY: 6.0, load.FILE: 8.0, load.STACK: 1.0}


def point(factor: float, level: int) -> load.Point:
    return load.Point(rate=100 / factor, p50=level * factor, p95=2 * level * factor, shares=Shares(6 * factor, 2, 1))


def results() -> Results:
    """Figures that keep every bound."""
    load_points = {system: {level: [point(by, level)] * 3 for level in FULL.levels} for system, by in SLOWER.items()}
    cpu_rounds = {variant.title: [3.0, 3.0, 3.3] for variant in cpu.VARIANTS} | {cpu.STACK.title: [2.0, 2.0, 2.0]}
    return Results(
        load=load.LoadResult(load_points),
        cpu=cpu.CpuResult(cpu_rounds),
        cold=cold.ColdResult({cold.TUTORIAL: [500.0], cold.STACK: [190.0], cold.BARE: [10.0], cold.IMPORTS: [120.0]}),
        memory=memory.MemoryResult([memory.Held(runs, 60, 55, 100, runs / 50) for runs in FULL.memory_marks], 45),
        starter=starter.StarterResult(
            {
                starter.TUTORIAL: [300.0],
                starter.STACK: [100.0],
                starter.CLI: [50.0],
                starter.BARE: [10.0],
                starter.SERVICE: [60.0],
                starter.CLIENT: [110.0],
            },
            {starter.TUTORIAL: 1, starter.STACK: 0, starter.CLI: 0},
        ),
        scale=scale.ScaleResult({(1, 50): [scale.Crowd(100, Shares(6, 2, 1))]}),
        opened=opened.OpenedResult({"passed through": 20.0}, 1000),
        server=server.ServerResult({name: [20.0] for name in server.VARIANTS}, {name: [90.0] for name in server.VARIANTS}),
        containers=ContainersResult(Spread((1.9, 1.8)), Spread((5.0,)), 2.5, 4.5, 59.0, 0.4, 0.3, "26.1"),
        machine=Machine("A processor", 2, 8.0, "Debian", "3.13", "1.35.0", "temporal version 1.9.1"),
        day=date(2026, 11, 22),
        minutes=12.3,
    )


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert (percentile(values, 50), percentile(values, 95), percentile(values, 100)) == (50.0, 95.0, 100.0)
    assert percentile([7.0], 50) == percentile([7.0], 95) == 7.0


def test_a_ratio_is_taken_round_by_round() -> None:
    ratio = Spread((10.0, 30.0, 20.0)).per(Spread((5.0, 10.0, 4.0)))
    assert ratio.values == (2.0, 3.0, 5.0)
    assert both(ratio, "x") == "3.00x (2.00 to 5.00)"


def test_one_round_has_no_extent() -> None:
    assert both(Spread((3.0,)), " ms") == "3.00 ms"


@pytest.mark.parametrize(
    ("value", "shown"), [(1234.5, "1,234"), (99.96, "100.0"), (12.34, "12.3"), (1.234, "1.23"), (0.0, "0.00")]
)
def test_figures_have_three_digits(value: float, shown: str) -> None:
    assert figure(value) == shown


def test_goals_that_are_met_need_no_reason() -> None:
    found = results()
    assert [outcome.met for outcome in goals.outcomes(found)] == [True] * len(goals.GOALS)
    assert sections.reasons(found) == []
    assert "not met" not in document.page(found)


def test_a_goal_that_is_not_met_says_what_is_in_the_way() -> None:
    rounds = {what: values * 3 for what, values in results().cold.rounds.items()}
    slow = cold.ColdResult({**rounds, cold.STACK: [240.0, 250.0, 260.0]})
    page = document.page(replace(results(), cold=slow))
    (row,) = (line for line in page.splitlines() if line.startswith("| worker, from its start"))
    assert [cell.strip() for cell in row.split("|")][2:-1] == ["not met", "at most 200 ms", "250 ms", "240 to 260"]
    said = " ".join(page.split())
    assert "of 250 ms the interpreter takes 10 and the import of the SDK's worker and client 110 (44%)" in said


def test_goals_with_one_reason_stand_together() -> None:
    found = results()
    assert found.containers
    slow = replace(found.containers, again=Spread((2.5,)), rebuilt=3.5)
    (reason,) = sections.reasons(replace(found, containers=slow))
    assert reason.startswith(
        "*make up with nothing to do; image rebuilt after one changed line of an activity*: on this machine a"
    )


def test_every_goal_can_say_what_is_in_the_way() -> None:
    found = results()
    assert all(goal.reason(found) for goal in goals.GOALS)


def test_without_an_engine_its_goals_are_not_measured() -> None:
    verdicts = [outcome.met for outcome in goals.outcomes(replace(results(), containers=None))]
    assert verdicts.count(None) == 3
    assert "## Containers" not in document.page(replace(results(), containers=None))


def test_the_document_has_every_section_machine_and_picture() -> None:
    page = document.page(results())
    assert "On A processor, 2 cores, 8 GiB; Debian; Python 3.13; temporalio 1.35.0; temporal version 1.9.1." in page
    for section in sections.sections(results()):
        assert f"## {section.title}\n" in page
    for name in pictures(results()):
        assert f"(pictures/{name}.svg)" in page


def test_the_document_and_its_pictures_are_written(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    document.write(results(), tmp_path)
    written = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.*")}
    assert written == {"performance.md", "pictures/performance-latency.svg", "pictures/performance-cpu.svg"}
    assert (tmp_path / "performance.md").read_text(encoding="utf-8") == document.page(results())


def test_pictures_are_small_and_point_nowhere() -> None:
    for picture in pictures(results()).values():
        ET.fromstring(picture)  # noqa: S314 - it was made above
        assert len(picture) < 40_000
        assert "script" not in picture
        assert "http" not in picture.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_the_server_settings_that_are_undone_are_the_stacks() -> None:
    start = (SERVICES / "server" / "start").read_text(encoding="utf-8")
    for option in zip(*[iter((*QUEUE_RATE, *ONE_PARTITION, *WRITE_AHEAD))] * 2, strict=True):
        assert " ".join(option) in start


def test_a_wrong_result_is_named() -> None:
    check("Ada", "Hello, Ada!")
    with pytest.raises(BenchError, match=r"wrong result for 'Ada': 'Hello, Temporal!'"):
        check("Ada", "Hello, Temporal!")


@pytest.mark.parametrize(
    ("what", "code", "complaint"),
    [
        (starter.STACK, "print('Result: Hello, Ada!'); raise SystemExit(3)", "wrong exit code of this stack's starter: 3"),
        (starter.STACK, "import os; print('Result: Hello, Ada!', flush=True); os.abort()", "wrong exit code"),
        (starter.STACK, "print('Result: Hello, Bob!')", "wrong result of this stack's starter for 'Ada'"),
        (starter.TUTORIAL, "pass", "wrong result of tutorial's run_workflow.py"),
        (starter.TUTORIAL, "print('Result: Hello, Ada!'); raise SystemExit(3)", "wrong exit code"),
    ],
)
def test_a_starter_that_is_wrong_is_no_figure(tmp_path: Path, what: str, code: str, complaint: str) -> None:
    with pytest.raises(BenchError, match=complaint):
        starter.called(Site(tmp_path), what, python(code), "Ada")


def test_the_tutorials_crash_after_its_result_is_counted(tmp_path: Path) -> None:
    crash = python("import os; print('Result: Hello, Ada!', flush=True); os.abort()")
    seconds, right = starter.called(Site(tmp_path), starter.TUTORIAL, crash, "Ada")
    assert (seconds > 0, right) == (True, False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_in_place_on_a_terminal_and_lines_elsewhere() -> None:
    for to, shown in ((Terminal(), "\r\033[K[1 of 2] 0:00 one\r\033[K"), (io.StringIO(), "[1 of 2] 0:00 one\n")):
        progress = Progress(2, to)
        progress.step("one")
        progress.clear()
        assert to.getvalue() == shown
