"""docs/performance.md, and what is printed."""

from pathlib import Path
from textwrap import fill

from bench.pictures import pictures
from bench.results import Results
from bench.sections import Section, goals_table, reasons, sections

PAGE = """\
# Performance

What `make bench` measured on {day} in {minutes:.0f} minutes: the Hello World tutorial's worker and starter on the stock dev
server, and this stack with its worker and starter, on the same machine and in turn, all of it on 127.0.0.1. Every run has a
name of its own and its greeting is checked. A figure is the median of the rounds, the smallest and the largest in brackets.
The server's part comes from tuning of a dev server; the worker's and the starter's hold wherever they run.

{machine}

{goals}
{not_met}
{sections}"""


def printed(results: Results) -> str:
    """Return the tables for a terminal."""
    parts = [str(goals_table(results)), *(f"- {reason}" for reason in reasons(results))]
    return "\n".join(parts) + "\n\n" + "\n\n".join(map(on_terminal, sections(results)))


def on_terminal(section: Section) -> str:
    """Return a section without its explanations."""
    return "\n\n".join([section.title, *map(str, section.tables)])


def page(results: Results) -> str:
    """Return the text of docs/performance.md."""
    machine = results.machine
    on = (
        f"On {machine.processor}, {machine.cores} cores, {machine.memory:.0f} GiB; {machine.system}; Python {machine.python};"
        f" temporalio {machine.sdk}; {machine.server}."
    )
    missed = reasons(results)
    not_met = (
        "\nWhat is in the way of those that are not met:\n\n"
        + "".join(wrapped(f"- {reason}", "  ") + "\n" for reason in missed)
        if missed
        else ""
    )
    return PAGE.format(
        day=results.day.isoformat(),
        minutes=results.minutes,
        machine=wrapped(on),
        goals=goals_table(results),
        not_met=not_met,
        sections="\n".join(map(_in_document, sections(results))),
    )


def _in_document(section: Section) -> str:
    picture = [f"![{section.picture[1]}](pictures/{section.picture[0]}.svg)"] if section.picture else []
    return "\n\n".join([f"## {section.title}", wrapped(section.text), *picture, *map(str, section.tables)]) + "\n"


def wrapped(text: str, indent: str = "") -> str:
    """Return ``text`` in lines as this repository's documents have them."""
    return fill(text, 130, break_long_words=False, break_on_hyphens=False, subsequent_indent=indent)


def write(results: Results, docs: Path) -> None:
    """Write the document and its pictures; what could fail is done before the first of them is written."""
    files = {docs / "pictures" / f"{name}.svg": picture for name, picture in pictures(results).items()}
    files[docs / "performance.md"] = page(results)
    for file, text in files.items():
        file.write_text(text, encoding="utf-8")
