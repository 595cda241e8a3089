"""A signal that comes before there is anything to drain or to interrupt, while the imports still run."""

import signal
import sys
from pathlib import Path

import pytest

from support import program

MODULES = [
    ("worker", signal.SIGTERM, 0),
    ("worker", signal.SIGINT, 0),
    ("starter", signal.SIGTERM, 143),
    ("starter", signal.SIGINT, 130),
]


@pytest.mark.parametrize(("module", "number", "code"), MODULES)
def test_it_ends_at_once_and_quietly(here: Path, module: str, number: signal.Signals, code: int) -> None:
    package = here / "slow" / "greeting"
    package.mkdir(parents=True)
    slow = "import time\nprint('importing', flush=True)\ntime.sleep(30)\n"
    (package / "__init__.py").write_text(slow, encoding="utf-8")
    command = (sys.executable, "-m", module)
    with program(*command, environment={"PYTHONPATH": str(here / "slow")}, cwd=here) as importing:
        importing.says("importing")
        importing.signal(number)
        assert (importing.ends(10), importing.output) == (code, "importing\n")
