"""Backups as files: what comes back, and what is refused with its mend."""

import io
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from history.archive import TABLES, HistoryError
from history.steps import backup, check, count, drop, put

VERSION = "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"


def history(folder: Path, runs: int, tables: set[str] = TABLES) -> Path:
    """Make what looks like a server's database with ``runs`` in it, and one of the server's own."""
    folder.mkdir()
    database = folder / "history.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=wal")
        for table in tables:
            connection.execute(f"CREATE TABLE {table} (namespace_id TEXT, content TEXT)")
        ids = ["32049b68-7872-4094-8e63-d0dd59896a83", *["mine"] * runs]
        connection.executemany("INSERT INTO executions_visibility VALUES (?, ?)", [(i, "x" * 1000) for i in ids])
        connection.commit()
    database.with_name("history.db.version").write_text(f"{VERSION}\n")
    return database


@pytest.fixture
def file(tmp_path: Path) -> io.BytesIO:
    """A backup of three runs."""
    output = io.BytesIO()
    assert backup(history(tmp_path / "source", 3), output) == 3
    return io.BytesIO(output.getvalue())


def test_it_comes_back_in_the_place_of_another(tmp_path: Path, file: io.BytesIO) -> None:
    database = history(tmp_path / "target", 1)
    log = database.with_name("history.db-wal")
    with closing(sqlite3.connect(database)) as killed:
        killed.execute("INSERT INTO executions_visibility VALUES ('mine', 'in the log alone, as after a kill of the server')")
        killed.commit()
        left = log.read_bytes()
    log.write_bytes(left)
    marker = database.with_name("history.db.version")
    marker.write_text("of the old database")
    assert check(database, file, VERSION) == 3
    put(database, VERSION)
    assert not log.exists()
    assert count(database) == 3
    assert marker.read_text() == f"{VERSION}\n"
    assert sorted(path.name for path in database.parent.iterdir()) == ["history.db", "history.db.lock", "history.db.version"]


def test_a_backup_of_a_database_in_use_is_what_was_committed(tmp_path: Path) -> None:
    database = history(tmp_path / "source", 3)
    output = io.BytesIO()
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("INSERT INTO executions_visibility VALUES ('mine', 'committed, in the log alone')")
        writer.commit()
        writer.execute("INSERT INTO executions_visibility VALUES ('mine', 'not committed')")
        assert backup(database, output) == 4
    assert check(database, io.BytesIO(output.getvalue()), VERSION) == 4
    drop(database)
    assert not database.with_name("history.db.restore").exists()


def test_without_a_history_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    assert count(tmp_path / "history.db") == 0
    with pytest.raises(HistoryError, match="there is no history to back up yet"):
        backup(tmp_path / "history.db", io.BytesIO())


def refused(tmp_path: Path, content: bytes, version: str, words: str) -> None:
    database = history(tmp_path / "target", 1)
    with pytest.raises(HistoryError, match=words):
        check(database, io.BytesIO(content), version)
    assert not database.with_name("history.db.restore").exists()
    assert count(database) == 1


@pytest.mark.parametrize("cut", [0, 10, 200, -1])
def test_a_file_cut_short_is_refused(tmp_path: Path, file: io.BytesIO, cut: int) -> None:
    refused(tmp_path, file.getvalue()[:cut], VERSION, "it is no backup of `make backup`, or a damaged one")


def test_a_file_that_does_not_fit_its_checksum_is_refused(tmp_path: Path, file: io.BytesIO) -> None:
    content = bytearray(file.getvalue())
    content[-8] ^= 1  # gzip's own, of what was packed; RFC 1952
    refused(tmp_path, bytes(content), VERSION, "it is no backup of `make backup`, or a damaged one")


def test_another_file_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, b"services:\n" * 10_000, VERSION, "it is no backup of `make backup`")


def test_another_tar_is_refused(tmp_path: Path) -> None:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz") as archive:
        archive.add(__file__, "../history.db.version")
    refused(tmp_path, output.getvalue(), VERSION, "it is no backup of `make backup`")


def test_another_version_is_refused_and_named(tmp_path: Path, file: io.BytesIO) -> None:
    refused(tmp_path, file.getvalue(), "temporal version 2.0.0", r"it was written by temporal version 1\.9\.1 .* Go back to")


def test_a_database_that_is_no_servers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="it has no table history_node"):
        backup(history(tmp_path / "source", 0, TABLES - {"history_node"}), io.BytesIO())


def test_a_damaged_database_is_not_backed_up(tmp_path: Path) -> None:
    database = history(tmp_path / "source", 1)
    with closing(sqlite3.connect(database)) as connection:
        connection.executemany("INSERT INTO history_node VALUES (?, ?)", [("mine", "x" * 1000)] * 100)
        connection.commit()
    with database.open("r+b") as pages:
        pages.seek(-4096 * 4, io.SEEK_END)
        pages.write(b"\xff" * 4096)
    with pytest.raises(HistoryError, match="the database is damaged"):
        backup(database, io.BytesIO())


def test_two_at_once_do_not_mix(tmp_path: Path) -> None:
    database = history(tmp_path / "source", 1)

    class Nosy(io.BytesIO):
        def flush(self) -> None:
            with pytest.raises(HistoryError, match="another backup or restore is at work"):
                backup(database, io.BytesIO())

    assert backup(database, Nosy()) == 1
