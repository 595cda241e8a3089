"""What this machine can test, and a last line that names what it cannot."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import DevServer


def has_engine() -> bool:
    return (
        shutil.which("docker") is not None
        and not subprocess.run(["docker", "version"], capture_output=True, check=False).returncode
    )


def has_browser() -> bool:
    return shutil.which("chromium") is not None


ENGINE, BROWSER = "a Docker engine", "chromium"
CHECKS = {ENGINE: has_engine, BROWSER: has_browser}
# Directories of tests that need something a machine may lack.
NEEDS = {"stack": [ENGINE], "drill": [ENGINE], "browser": [ENGINE, BROWSER]}
LEFT_OUT = pytest.StashKey[dict[str, set[str]]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    needed = {need for item in items for need in NEEDS.get(item.path.parent.name, [])}
    lacking = [need for need in CHECKS if need in needed and not CHECKS[need]()]
    if not lacking:
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"CI=true, and this machine lacks {' and '.join(lacking)}: nothing may be left out here")
    left_out: dict[str, set[str]] = {}
    for item in items[:]:
        for need in NEEDS.get(item.path.parent.name, []):
            if need in lacking:
                left_out.setdefault(need, set()).add(item.path.name)
                config.hook.pytest_deselected(items=[item])
                items.remove(item)
                break
    config.stash[LEFT_OUT] = left_out


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if left_out := config.stash.get(LEFT_OUT, None):
        print("Left out, for want of", "; of ".join(f"{need}: {', '.join(sorted(left_out[need]))}" for need in left_out))


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
