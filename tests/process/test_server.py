"""The dev server's start, and its history in a file."""

import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import ListTaskQueuePartitionsRequest
from temporalio.client import Client

from support import BARE, SERVICES, DevServer, starter, worker


def refused(database: Path) -> str:
    """Return the words of a server that does not start with ``database``."""
    done = subprocess.run(
        [SERVICES / "server" / "start", database, "--headless"],
        env=BARE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_history_survives(here: Path, own_server: DevServer, how: signal.Signals) -> None:
    own_server.start()
    command = ("--name", "Ada", "--workflow-id", "kept", "--json")
    with worker(here, own_server.environment):
        before = starter(here, own_server.environment, *command).stdout
        own_server.signal(how)
        own_server.kill()
        own_server.start()
        assert starter(here, own_server.environment, *command).stdout == before


def test_a_file_of_another_version_is_refused_with_the_mend(here: Path) -> None:
    database = here / "history.db"
    database.write_text("not empty", encoding="utf-8")
    (here / "history.db.version").write_text("temporal version 1.0.0 (Server 1.23.0, UI 2.26.0)\n", encoding="utf-8")
    words = refused(database)
    assert f"server: {database} was written by temporal version 1.0.0" in words
    assert "start with an empty history: make clean" in words
    assert words.count("\n") == 1
    assert database.read_text(encoding="utf-8") == "not empty"


def test_a_file_of_unknown_origin_is_refused(here: Path) -> None:
    (here / "history.db").write_text("not empty", encoding="utf-8")
    assert "was written by an unknown version" in refused(here / "history.db")


def test_an_empty_file_is_no_history_and_no_hindrance(here: Path, own_server: DevServer) -> None:
    (here / "history.db").touch()
    own_server.start()
    assert own_server.answers()


def test_the_history_is_written_ahead(here: Path, own_server: DevServer) -> None:
    own_server.start()
    with closing(sqlite3.connect(here / "history.db")) as database:
        assert database.execute("pragma journal_mode").fetchone() == ("wal",)


async def test_a_task_queue_has_one_partition(server: DevServer) -> None:
    client = await Client.connect(server.address)
    request = ListTaskQueuePartitionsRequest(namespace="default", task_queue=TaskQueue(name="q"))
    found = await client.workflow_service.list_task_queue_partitions(request)
    assert len(found.workflow_task_queue_partitions) == 1


def test_a_folder_that_cannot_be_written_is_said(here: Path) -> None:
    words = refused(here / "none" / "history.db")
    assert "is not writable for user" in words
