"""A SQLite file that several processes may use at once, and whose faults are told in our own words."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Self

from triplebar.contracts.errors import RegistryError
from triplebar.store.schema import Migration

WAIT_SECONDS: Final = 30.0
"""How long a process waits for another one that is writing."""


class Database:
    """A SQLite file in write-ahead mode: many readers, one writer at a time, whole transactions or none.

    Each thread has a connection of its own; so has each process after a fork.

    >>> import tempfile
    >>> steps = (Migration("a", "create table a (n integer)"),)
    >>> with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "runs.db", steps) as db:
    ...     with db.writing() as connection:
    ...         _ = connection.execute("insert into a values (7)")
    ...     [tuple(row) for row in db.rows("select n from a")]
    [(7,)]
    """

    def __init__(
        self, path: Path | str, migrations: Sequence[Migration], *, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        """Open the file, make it if it is not there, and bring it to the newest schema."""
        self.path = Path(path)
        self.wait_seconds = wait_seconds
        self._migrations = tuple(migrations)
        self._open: dict[tuple[int, int], sqlite3.Connection] = {}
        with self.told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._migrate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of this process."""
        while self._open:
            self._open.popitem()[1].close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "path": self.path.absolute(), "_open": {}}  # another process opens the file itself

    @property
    def folder(self) -> Path:
        """Where the tables of this file lie: beside it, under its name.

        >>> Database(":memory:", ()).folder.name
        ':memory:.tables'
        """
        return self.path.with_name(f"{self.path.name}.tables")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside a transaction: all of it is kept, or, after an error, nothing.

        Inside another one of the same thread it is a part of that one.
        """
        with self.told():
            connection = self._connection()
            inside: bool = connection.in_transaction
            if inside:
                yield connection
                return
            try:
                connection.execute("begin immediate")
                yield connection
                connection.execute("commit")
            except BaseException:
                if connection.in_transaction:  # a full disk has ended it already
                    connection.execute("rollback")
                raise

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Read rows, all at once."""
        with self.told(), closing(self._connection().execute(query, parameters)) as cursor:
            return cursor.fetchall()

    def write(self, statement: str, parameters: Sequence[Any]) -> None:
        """One statement, which is a transaction by itself, or a part of the one that this thread is in.

        It waits for another writer like a longer one, and is kept or, after an error, is not.
        """
        with self.told():
            self._connection().execute(statement, parameters)

    def row(self, query: str, parameters: Sequence[Any] = ()) -> sqlite3.Row | None:
        """Read the first row, if there is one."""
        found = self.rows(query, parameters)
        return found[0] if found else None

    def _connection(self) -> sqlite3.Connection:
        mine = (os.getpid(), threading.get_ident())
        if mine not in self._open:
            self._open[mine] = self._connect()
        return self._open[mine]

    def _connect(self) -> sqlite3.Connection:
        # Transactions are begun by hand, since the module's own would begin them too late to wait for a writer.
        connection = sqlite3.connect(
            self.path, timeout=self.wait_seconds, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        self._write_ahead(connection)
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma foreign_keys = on")
        return connection

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        """Change the mode of the file, which SQLite refuses at once, without waiting, while another process does."""
        until = time.monotonic() + self.wait_seconds
        while True:
            try:
                connection.execute("pragma journal_mode = wal")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return

    def _migrate(self) -> None:
        newest = len(self._migrations)
        if self._version() == newest:
            return
        with self.writing() as connection:
            version = self._version()
            if version > newest:
                problem = f"its schema has version {version}, this triplebar knows up to {newest}"
                raise RegistryError(problem, where=str(self.path), fix="install a newer triplebar, or use another file")
            for migration in self._migrations[version:]:
                for statement in migration.statements:
                    connection.execute(statement)
            connection.execute(f"pragma user_version = {newest}")

    def _version(self) -> int:
        return int(self._connection().execute("pragma user_version").fetchone()[0])

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn the errors of SQLite and of the disk into ours; for work on the files beside this one too."""
        try:
            yield
        except sqlite3.Error as error:
            problem, fix = _in_words(error, self.wait_seconds)
            raise RegistryError(problem, where=str(self.path), fix=fix) from error
        except OSError as error:
            if isinstance(error, RegistryError):
                raise
            problem, fix = _of_disk(error)
            raise RegistryError(problem, where=str(self.path), fix=fix) from error


def _in_words(error: sqlite3.Error, wait_seconds: float) -> tuple[str, str]:
    text = str(error)
    if "locked" in text or "busy" in text:
        return f"another process has been writing for {wait_seconds:g} s", "wait for it, or end it"
    if "full" in text:
        return "the disk is full", "free some space and go on; what was finished is kept"
    if "not a database" in text or "malformed" in text:
        return "is no store of triplebar", "use another file"
    if "readonly" in text or "unable to open" in text:
        return "cannot be written", "choose a file in a folder that you may write to"
    return text, "check the file"


def _of_disk(error: OSError) -> tuple[str, str]:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "the disk is full", "free some space and go on; what was finished is kept"
    return f"cannot be used ({error.strerror or error})", "choose a file in a folder that you may write to"
