"""`.env.example`, the code and the Compose files speak of the same variables and the same defaults."""

import re
from pathlib import Path

from dotenv import dotenv_values

from connection.variables import DEFAULTS, INTERNAL
from support import ROOT

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
LISTED = dict(re.findall(r"^#([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.MULTILINE))


def compose_files() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "docker-compose.yml", *ROOT.glob("compose/*.yml")])


def interpolated() -> dict[str, str]:
    # A file that is not set is an empty one.
    return {name: value.replace("/dev/null", "") for name, value in re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", compose_files())}


def test_the_example_lists_what_the_code_and_the_compose_files_read() -> None:
    assert set(LISTED) == set(DEFAULTS) | set(interpolated())


def test_the_defaults_agree() -> None:
    assert {**LISTED, **interpolated()} == LISTED
    assert LISTED == {**LISTED, **DEFAULTS}


def test_every_variable_has_its_why() -> None:
    for name in LISTED:
        before = EXAMPLE[: EXAMPLE.index(f"\n#{name}=")].splitlines()[-1]
        assert before.startswith("#"), f"{name} stands without a comment above it"


def test_compose_passes_on_nothing_the_code_does_not_read() -> None:
    passed = set(re.findall(r"^ +([A-Z][A-Z_]+):( |$)", compose_files(), re.MULTILINE))
    assert {name for name, _ in passed} <= set(DEFAULTS) | INTERNAL


def test_uncommented_the_example_is_read_as_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(re.sub(r"^#(?=[A-Z][A-Z0-9_]*=)", "", EXAMPLE, flags=re.MULTILINE), encoding="utf-8")
    assert dotenv_values(file, interpolate=False) == LISTED
