"""The steps of a backup and of a restore."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import connect
from typing import BinaryIO

from history.archive import HistoryError, inspect, opened, pack, unpack

LEFTOVER_SECONDS = 3600


def backup(database: Path, output: BinaryIO) -> int:
    """Write a checked backup of ``database`` to ``output``; return how many runs it holds. Needs room for a second database."""
    if not _there(database):
        raise HistoryError("there is no history to back up yet")
    with _alone(database), _temporary(_beside(database, "backup")) as copy:
        # SQLite's own backup is one read transaction: a consistent state, and in a write-ahead log it holds up no writer.
        with opened(database) as source, closing(connect(copy)) as target:
            source.backup(target)
        runs = inspect(copy)
        pack(copy, _beside(database, "version"), output)
    return runs


def count(database: Path) -> int:
    """Return how many runs ``database`` holds."""
    return inspect(database, deep=False) if _there(database) else 0


def check(database: Path, source: BinaryIO, version: str, name: str = "0") -> int:
    """Unpack the backup in ``source`` beside ``database`` and return how many runs it holds; raise HistoryError.

    ``name`` is the restore's own: two at once keep apart.
    """
    restored = _unpacked(database, name)
    with _alone(database):
        for leftover in database.parent.glob(f"{database.name}.restore.*"):  # of a restore that was killed
            if time.time() - leftover.stat().st_mtime > LEFTOVER_SECONDS:
                leftover.unlink(missing_ok=True)
        try:
            unpack(source, restored, version)
            return inspect(restored)
        except (HistoryError, OSError):
            restored.unlink(missing_ok=True)
            raise


def put(database: Path, version: str, name: str = "0") -> None:
    """Let what `check` unpacked take the place of ``database``."""
    restored = _unpacked(database, name)
    with _alone(database):
        if not restored.exists():
            raise HistoryError("there is nothing unpacked to restore; run make restore again")
        # The old database's log must not be applied to the new one.
        for suffix in ("-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        _beside(database, "version").write_text(f"{version}\n", encoding="ascii")
        restored.replace(database)
        folder = os.open(database.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def drop(database: Path, name: str = "0") -> None:
    """Forget what `check` unpacked."""
    _unpacked(database, name).unlink(missing_ok=True)


def _there(database: Path) -> bool:
    return database.exists() and database.stat().st_size > 0


def _unpacked(database: Path, name: str) -> Path:
    return _beside(database, f"restore.{name}")


def _beside(database: Path, what: str) -> Path:
    return database.with_name(f"{database.name}.{what}")


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Let no second backup or restore of ``database`` in: both use the same names beside it."""
    with _beside(database, "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HistoryError("another backup or restore is at work; try again when it is done") from None
        yield


@contextmanager
def _temporary(file: Path) -> Iterator[Path]:
    """Yield ``file``, which is not there before nor after: a leftover of a killed backup goes too."""
    leftovers = [file, *(file.with_name(file.name + suffix) for suffix in ("-wal", "-shm", "-journal"))]
    try:
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
        yield file
    finally:
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
