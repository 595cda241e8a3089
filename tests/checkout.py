"""A fresh clone of this working tree, and the stack that it brings up."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support import BARE, LONG, ROOT, Program, free_port


class Checkout:
    """What a user has after `git clone`, in a directory of its own; no .env, no virtual environment."""

    def __init__(self, directory: Path) -> None:
        self.path = directory
        listing = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
        )
        for name in listing.stdout.decode().split("\0"):
            if name and (ROOT / name).exists():
                (directory / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, directory / name)

    def set(self, **variables: str | int) -> None:
        """Add ``variables`` to the checkout's .env."""
        with (self.path / ".env").open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in variables.items())

    def replace_application(self, package: Path) -> None:
        """Put ``package`` in the place of services/greeting."""
        shutil.rmtree(self.path / "services" / "greeting")
        shutil.copytree(package, self.path / "services" / "greeting")

    def run(self, *command: str, input: str = "", check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``command`` to its end, as a user without a terminal would."""
        done = subprocess.run(
            command,
            cwd=self.path,
            env=self.environment(environment),
            input=input,
            capture_output=True,
            text=True,
            timeout=LONG * 5,
            check=False,
        )
        assert not check or not done.returncode, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def begin(self, *command: str, **environment: str) -> Program:
        """Start ``command`` and return it running; the caller ends it."""
        return Program(*command, environment=self.environment(environment), cwd=self.path)

    def environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        """Return a user's environment with ``extra`` in it."""
        # Docker's own, and what the machine's package installer needs.
        passed = {name: value for name, value in os.environ.items() if name.startswith(("DOCKER_", "PIP_", "SSL_"))}
        return {**BARE, **passed, **extra}


class Stack(Checkout):
    """A checkout with a project name and ports of its own, so that it disturbs no other stack on the machine."""

    def __init__(self, directory: Path, name: str) -> None:
        super().__init__(directory)
        self.name = f"test-{name}-{os.getpid()}"
        self.port, self.ui_port = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.set(COMPOSE_PROJECT_NAME=self.name, SERVER_PORT=self.port, UI_PORT=self.ui_port)

    def compose(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `docker compose`."""
        return self.run("docker", "compose", *arguments, check=check, **environment)

    def up(self, *services: str) -> None:
        """Build and start ``services``, the worker and what it needs if none is named; return when they are healthy."""
        self.compose("build", "--quiet")
        self.compose("up", "--detach", "--wait", *(services or ("worker",)))

    def starter(self, *arguments: str) -> dict[str, Any]:
        """Return what `docker compose run --rm starter --json` prints."""
        done = self.compose("run", "--rm", "starter", "--json", *arguments, check=False)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def containers(self, service: str) -> list[dict[str, Any]]:
        """Return what `docker inspect` says of the containers of ``service``."""
        return self.inspect(*self.compose("ps", "--all", "--quiet", service).stdout.split())

    def inspect(self, *ids: str) -> list[dict[str, Any]]:
        """Return what `docker inspect` says of the containers with ``ids``; much cheaper than asking Compose for them first."""
        found: list[dict[str, Any]] = json.loads(self.run("docker", "inspect", *ids).stdout) if ids else []
        return found

    def health(self, service: str) -> str:
        """Return the health of the one container of ``service``."""
        (container,) = self.containers(service)
        return str(container["State"]["Health"]["Status"])

    def environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        # Beside .env, so that no fault of the product can lead a test to somebody's own stack.
        return {**super().environment({}), "COMPOSE_PROJECT_NAME": self.name, **extra}

    def remove(self) -> None:
        down = ("--profile=*", "down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "1")
        # As dev, whatever the test made of .env: or the history would stay.
        self.run("docker", "compose", "--project-name", self.name, *down, TEMPORAL_SERVER="dev")
