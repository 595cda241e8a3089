"""What machine and versions these are."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from bench.results import Machine
from support import BARE, installed


def look() -> Machine:
    """Return them."""
    told = subprocess.run(
        [installed("temporal"), "--version"], env=BARE, capture_output=True, text=True, check=True, timeout=20
    )
    return Machine(
        processor=_field("/proc/cpuinfo", "model name") or platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory=int(_field("/proc/meminfo", "MemTotal").split()[0]) / 2**20,
        system=platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        python=platform.python_version(),
        sdk=version("temporalio"),
        server=told.stdout.strip(),
    )


def _field(file: str, name: str) -> str:
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""
