"""A copy of the checkout with a Compose project of its own, so that no test touches the stack of whoever runs it."""

import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

from support import BARE, LONG, ROOT, free_port

PARTS = ("docker-compose.yml", "compose", "services", "Makefile", ".env.example")


class Checkout:
    """Runs the stack from ``directory``; a context manager that leaves nothing behind. No .env of the real one counts."""

    def __init__(self, directory: Path, name: str, application: Path | None = None, **settings: str) -> None:
        """Copy the checkout; ``application`` takes the place of services/greeting, as a user's own would."""
        self.directory = directory
        self.project = f"{name}-{secrets.token_hex(3)}"
        self.address = f"127.0.0.1:{(port := free_port())}"
        self.ui = f"http://localhost:{(ui_port := free_port())}"
        self.environment = {
            **{key: value for key, value in os.environ.items() if key.startswith(("DOCKER_", "BUILDX_"))},
            **BARE,
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_BAKE": "false",
            "SERVER_PORT": str(port),
            "UI_PORT": str(ui_port),
            **settings,
        }
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, directory / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, directory / part)
        if application:
            shutil.rmtree(directory / "services" / "greeting")
            shutil.copytree(application, directory / "services" / "greeting", ignore=shutil.ignore_patterns("__pycache__"))

    def run(self, *command: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``command`` in the copy; with ``check``, raise AssertionError with its words when it fails."""
        done = subprocess.run(
            command,
            cwd=self.directory,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONG * 5,
            check=False,
        )
        assert not check or done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def compose(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `docker compose` with ``arguments``, silent but for the containers' own words."""
        return self.run("docker", "--log-level=error", "compose", "--progress=quiet", *arguments, check=check, **environment)

    def up(self, *services: str) -> None:
        """Build and start ``services``, the worker and what it needs if none is named; return when they are healthy."""
        self.compose("build")
        self.compose("up", "--detach", "--wait", *(services or ("worker",)))

    def containers(self, service: str) -> list[dict[str, Any]]:
        """Return what the engine says of the containers of ``service``."""
        return self.inspect(*self.compose("ps", "--all", "--quiet", service).stdout.split())

    def inspect(self, *ids: str) -> list[dict[str, Any]]:
        """Return what the engine says of the containers with ``ids``; much cheaper than asking Compose for them."""
        return list(json.loads(self.run("docker", "inspect", *ids).stdout)) if ids else []

    def healthy(self, service: str, count: int = 1) -> bool:
        """Tell whether ``count`` containers of ``service`` run and are healthy."""
        states = [container["State"] for container in self.containers(service)]
        return len([s for s in states if s["Running"] and s.get("Health", {}).get("Status") == "healthy"]) == count

    def __enter__(self) -> "Checkout":
        return self

    def __exit__(self, *_: object) -> None:
        self.compose("--profile=*", "down", "--volumes", "--remove-orphans", "--rmi=local", "--timeout=1", check=False)
