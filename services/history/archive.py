"""The backup file: a compressed tar with the server's version and its database, in this order."""

import os
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

VERSION, DATABASE = "history.db.version", "history.db"
# The server's own namespace, whose id is fixed: its runs are nobody's.
SYSTEM = "32049b68-7872-4094-8e63-d0dd59896a83"
# Of the server's many tables: where it keeps the runs, their events, their timers, the Web UI's list and the namespaces.
TABLES = {"executions", "history_node", "timer_tasks", "executions_visibility", "namespaces"}


class HistoryError(Exception):
    """A history cannot be copied or put back; the text is one line for a person, with the mend."""


def pack(database: Path, marker: Path, output: BinaryIO) -> None:
    """Write ``database`` and the ``marker`` with the version of the server that made it to ``output``."""
    # The lowest level: with it a history shrinks to a tenth already; the default takes three times as long for little more.
    with GzipFile(fileobj=output, mode="wb", compresslevel=1) as zipped, tarfile.open(fileobj=zipped, mode="w|") as archive:
        archive.add(marker, VERSION)
        archive.add(database, DATABASE)
    output.flush()


def unpack(source: BinaryIO, database: Path, version: str) -> None:
    """Write the database in ``source`` to ``database``; raise HistoryError unless a server of ``version`` made it."""
    try:
        # Not tarfile's own gzip: in a stream it does not look at the checksum.
        with GzipFile(fileobj=source) as unzipped, tarfile.open(fileobj=unzipped, mode="r|") as archive:
            made_by = _member(archive, VERSION).read(200).decode("ascii").strip()
            if made_by != version:
                raise HistoryError(f"it was written by {made_by}; this is {version}. Go back to that version to restore it")
            with database.open("wb") as file:
                copyfileobj(_member(archive, DATABASE), file, 1 << 20)
                os.fsync(file.fileno())
            while unzipped.read(1 << 20):  # to the end, for the checksum is there
                pass
    except (tarfile.TarError, BadGzipFile, EOFError, zlib.error, UnicodeDecodeError, KeyError) as error:
        raise HistoryError("it is no backup of `make backup`, or a damaged one; take another file") from error


def _member(archive: tarfile.TarFile, name: str) -> BinaryIO:
    member = archive.next()
    if member is None or member.name != name or not member.isfile():
        raise KeyError(name)
    content = archive.extractfile(member)
    assert content is not None  # noqa: S101 - so for every regular file
    return content  # type: ignore[return-value]


@contextmanager
def opened(database: Path) -> Iterator[sqlite3.Connection]:
    """Open ``database``; what SQLite says against it is raised as HistoryError."""
    try:
        with closing(sqlite3.connect(database, timeout=30)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise HistoryError(f"SQLite says of {database.name}: {error}") from error


def inspect(database: Path, *, deep: bool = True) -> int:
    """Return how many runs ``database`` holds; raise HistoryError when it is no server's or, ``deep``, damaged anywhere."""
    with opened(database) as connection:
        if deep and (verdict := connection.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
            raise HistoryError(f"the database is damaged: {verdict}")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if missing := TABLES - tables:
            raise HistoryError(f"this is no database of a Temporal server: it has no table {min(missing)}")
        own = connection.execute("SELECT count(*) FROM executions_visibility WHERE namespace_id != ?", [SYSTEM])
        return int(own.fetchone()[0])
