"""What this machine can test, and a last line that names what it cannot."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support import DevServer, installed

TESTS = Path(__file__).parent


def has_engine() -> bool:
    return (
        shutil.which("docker") is not None
        and not subprocess.run(["docker", "version"], capture_output=True, check=False).returncode
    )


def has_proxy() -> bool:
    return Path(installed("caddy")).exists()


# Directories of tests that need something a machine may lack: what it is, and how to tell.
NEEDS: dict[str, tuple[str, Callable[[], bool]]] = {
    "stack": ("a Docker engine", has_engine),
    "drill": ("a Docker engine", has_engine),
    "browser": ("a Docker engine and chromium", lambda: has_engine() and shutil.which("chromium") is not None),
    "remote": ("the TLS proxy caddy", has_proxy),
    "stack/remote": ("the TLS proxy caddy", has_proxy),
}
LACKING = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Find out what cannot be tested here, of what was asked for. With CI=true that is an error."""
    asked = [Path(argument.split("::")[0]).resolve() for argument in config.args]
    lacking = {
        directory: what
        for directory, (what, there) in NEEDS.items()
        if any(TESTS / directory in (path, *path.parents) or path in (TESTS / directory).parents for path in asked)
        and not there()
    }
    if lacking and os.environ.get("CI") == "true":
        raise pytest.UsageError(f"CI=true, and this machine lacks {', '.join(lacking.values())}: nothing may be left out")
    config.stash[LACKING] = lacking


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    lacking = [TESTS / directory for directory in config.stash[LACKING]]
    items[:] = [item for item in items if not any(directory in item.path.parents for directory in lacking)]


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Name what was left out, in the last line; once, and not in each of the processes that share the tests."""
    if not hasattr(config, "workerinput"):
        for directory, what in config.stash.get(LACKING, {}).items():
            files = ", ".join(sorted(file.name for file in (TESTS / directory).rglob("test_*.py")))
            print(f"Left out, for want of {what}: tests/{directory} ({files})")


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
