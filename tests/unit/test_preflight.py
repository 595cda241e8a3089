"""What `make up` says of a machine that will not do. A script stands in for docker: the real one has one version."""

import os
import subprocess
from pathlib import Path

import pytest

from support import ROOT

DOCKER = """#!/bin/sh
case "$*" in
  "compose version --short") echo "${COMPOSE:-2.40.3}" ;;
  info*) echo "8 ${ENGINE-26.1.5}" ;;
  version*) echo "$REFUSED" >&2; exit 1 ;;
esac
"""
REFUSED = "permission denied while trying to connect to the Docker daemon socket"


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"COMPOSE": "2.23.3"}, "Docker Compose is 2.23.3; the stack needs 2.24 or newer. Update it"),
        ({"COMPOSE": "v1.29.2"}, "Docker Compose is v1.29.2; the stack needs 2.24 or newer. Update it"),
        ({"ENGINE": "24.0.7"}, "Docker Engine is 24.0.7; the stack needs 25 or newer"),
        ({"ENGINE": "", "REFUSED": REFUSED}, "this user may not use the Docker engine. Add it to the group docker"),
        ({"ENGINE": "", "REFUSED": "Cannot connect"}, "no Docker engine answers. Start it"),
    ],
)
def test_what_will_not_do_is_one_line_with_the_mend(tmp_path: Path, answers: dict[str, str], says: str) -> None:
    docker = tmp_path / "docker"
    docker.write_text(DOCKER, encoding="utf-8")
    docker.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", **answers}
    done = subprocess.run(["compose/preflight"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"make up: {says}")
    assert done.stderr.count("\n") == 1


def test_newer_versions_will_do(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text(DOCKER, encoding="utf-8")
    docker.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "COMPOSE": "5.0.1", "ENGINE": "29.1.0", "SERVER_CPUS": "0"}
    done = subprocess.run(["compose/preflight"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert "needs" not in done.stderr
