"""The server's health check: what it says of a full disk, and that it asks the server otherwise."""

import os
import subprocess
from pathlib import Path

import pytest

from support import SERVICES


def check(folder: Path, left: int) -> subprocess.CompletedProcess[str]:
    """Run the check with a `df` that tells of ``left`` kB, and a `temporal` that tells how it was called."""
    for name, body in (("df", f'echo "Filesystem ..."; echo "/dev/x 100 50 {left} 50% $2"'), ("temporal", 'echo "$@"')):
        program = folder / name
        program.write_text(f"#!/bin/sh\n{body}\n", encoding="ascii")
        program.chmod(0o755)
    return subprocess.run(
        [SERVICES / "server" / "healthy", "/somewhere/history.db", folder / "log"],
        env={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("left", [0, 16383])
def test_a_full_disk_is_unhealthy_and_said_in_the_log(tmp_path: Path, left: int) -> None:
    done = check(tmp_path, left)
    assert done.returncode == 1
    assert done.stdout.startswith(f"server: the disk of /somewhere/history.db is full, {left} kB left: runs wait")
    assert (tmp_path / "log").read_text() == done.stdout
    assert "Free some" in done.stdout


def test_with_room_the_server_is_asked(tmp_path: Path) -> None:
    done = check(tmp_path, 16384)
    assert (done.returncode, done.stdout.split()[:3]) == (0, ["operator", "namespace", "describe"])
    assert "--address=127.0.0.1:7233" in done.stdout  # and not whatever TEMPORAL_ADDRESS says
