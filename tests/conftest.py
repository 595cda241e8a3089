"""What this machine can test, and a last line that names what it cannot."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import DevServer

# Directories of tests that need something a machine may lack, and the check for it.
NEEDS = {"stack": "a Docker engine"}


def has_engine() -> bool:
    return (
        shutil.which("docker") is not None
        and not subprocess.run(["docker", "version"], capture_output=True, check=False).returncode
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    needy = [item for item in items if item.path.parent.name in NEEDS]
    if not needy or has_engine():
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError("CI=true, and no Docker engine answers: nothing may be left out here")
    config.hook.pytest_deselected(items=needy)
    items[:] = [item for item in items if item not in needy]
    config.stash[LEFT_OUT] = sorted({item.path.name for item in needy})


LEFT_OUT = pytest.StashKey[list[str]]()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if left_out := config.stash.get(LEFT_OUT, None):
        print(f"Left out, for want of {NEEDS['stack']}: {', '.join(left_out)}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    """A dev server for tests that leave it alone."""
    running = DevServer(tmp_path_factory.mktemp("server"))
    running.start()
    yield running
    running.kill()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[DevServer]:
    """A dev server with its history in a file, not started yet, for a test to stop and kill."""
    running = DevServer(tmp_path, str(tmp_path / "history.db"))
    yield running
    running.kill()


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """An empty working directory: no .env in it or above it."""
    return tmp_path
