"""`make backup`, `make clean`, `make restore`: the same runs with the same results; and what restore refuses."""

import os
import signal
from collections.abc import Iterator

import pytest
from temporalio.client import Client

from checkout import Stack
from support import session, wait_until


@pytest.fixture
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    fresh = Stack(tmp_path_factory.mktemp("checkout"), "backup")
    try:
        yield fresh
    finally:
        fresh.remove()


async def recorded(stack: Stack) -> dict[str, str]:
    """Return every run's whole history, by workflow and run id."""
    client = await Client.connect(stack.address)
    runs = {}
    async for run in client.list_workflows():
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        runs[f"{run.id} {run.run_id} {run.status}"] = history.to_json()
    return runs


async def test_backup_clean_restore_keeps_every_run(stack: Stack) -> None:
    assert "there is no history to back up yet" in stack.run("make", "backup", check=False).stderr
    stack.up()
    for name in ("Ada", "Bob", "李小龍"):
        stack.compose("run", "--rm", "starter", "--name", name)
    stack.compose("stop", "worker")
    stack.compose("run", "--rm", "--no-deps", "starter", "--name=Eve", "--workflow-id=goes-on", "--no-wait")
    before = await recorded(stack)
    assert len(before) == 4

    backup = stack.run("make", "backup").stdout
    assert backup.startswith("Backed up 4 runs to backups/")
    file = backup.split()[5]
    assert (stack.path / file).stat().st_mode & 0o077 == 0

    stack.run("make", "clean", YES="1")
    assert stack.run("make", "restore", f"FILE={file}").stdout == f"Restored 4 runs from {file}\nNext    make up\n"
    stack.up("server")
    assert await recorded(stack) == before

    # The run that went on goes on.
    stack.up()
    done = stack.compose("run", "--rm", "starter", "--name=Eve", "--workflow-id=goes-on")
    assert done.stdout == "Result: Hello, Eve!\n"

    # There is a history now: it is not replaced unasked, and when it is, the stack that ran runs again.
    refused = stack.run("make", "restore", f"FILE={file}", check=False)
    assert refused.returncode != 0
    assert f"This replaces ALL HISTORY there is (4 runs) by that of {file} (4 runs)." in refused.stdout
    assert "make restore: nothing was restored" in refused.stderr
    stack.run("make", "restore", f"FILE={file}", YES="1")
    assert (stack.health("server"), stack.health("worker")) == ("healthy", "healthy")
    done = stack.compose("run", "--rm", "starter", "--name=Eve", "--workflow-id=goes-on")
    assert done.stdout == "Result: Hello, Eve!\n"

    # What is wrong with a file is tests/unit/test_history.py's: here, that it is said and that nothing happens.
    refused = stack.run("make", "restore", "FILE=Makefile", YES="1", check=False)
    assert refused.returncode != 0
    assert refused.stderr.startswith("make restore: Makefile: it is no backup of `make backup`, or a damaged one")
    assert stack.health("server") == "healthy"
    assert "goes-on" in "".join(await recorded(stack))
    assert stack.compose("exec", "server", "ls", "/home/temporal").stdout.split() == [
        "history.db",
        "history.db-shm",
        "history.db-wal",
        "history.db.lock",
        "history.db.version",
    ]


async def test_an_interrupted_restore_leaves_what_runs_alone(stack: Stack) -> None:
    stack.up()
    stack.starter("--name", "Ada", "--workflow-id", "before")
    first = stack.run("make", "backup").stdout.split()[5]
    second = stack.run("make", "backup").stdout.split()[5]
    assert first != second
    stack.starter("--name", "Bob", "--workflow-id", "after")
    before = await recorded(stack)

    (worker,) = (one["Id"] for one in stack.containers("worker"))
    stack.run("docker", "kill", "--signal", "STOP", worker)  # as one that drains for long
    restore = stack.begin("make", "restore", f"FILE={first}", YES="1")
    wait_until("it stops the stack", lambda: any(line.endswith("stop ") for line in session(restore.process.pid)))
    os.killpg(restore.process.pid, signal.SIGINT)
    assert restore.ends()
    assert "make restore: interrupted; nothing was restored" in restore.output
    stack.run("docker", "kill", "--signal", "CONT", worker)
    stack.up()
    assert await recorded(stack) == before
    files = stack.compose("exec", "server", "ls", "/home/temporal").stdout.split()
    assert not [file for file in files if "restore" in file]


def test_the_retention_is_the_variables_at_every_start(stack: Stack) -> None:
    def kept() -> str:
        command = ("temporal", "operator", "namespace", "describe", "--address=127.0.0.1:7233", "--namespace=other")
        return stack.compose("exec", "--no-TTY", "server", *command).stdout

    for retention, shown in (("", "24h0m0s"), ("72h", "72h0m0s"), ("5d", "120h0m0s")):
        stack.set(SERVER_RETENTION=retention, TEMPORAL_NAMESPACE="other")
        stack.up("server")
        # The server tells itself, a moment after it answers.
        wait_until(f"the retention is {shown}", lambda shown=shown: f"RetentionTtl  {shown}" in kept(), 10)  # type: ignore[misc]
