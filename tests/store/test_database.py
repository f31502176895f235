"""The file that outlives a process: transactions, schema versions, other processes, and faults in our own words."""

import multiprocessing
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from triplebar.contracts.errors import RegistryError
from triplebar.store.database import Database
from triplebar.store.schema import Migration

STEPS = (Migration("numbers", "create table numbers (n integer primary key)"),)
MORE = (*STEPS, Migration("names", "create table names (name text); insert into names values ('first')"))


def test_an_error_undoes_the_whole_transaction(tmp_path: Path) -> None:
    with Database(tmp_path / "a.db", STEPS) as store:
        with pytest.raises(RegistryError, match="UNIQUE"), store.writing() as connection:
            connection.executemany("insert into numbers values (?)", [(1,), (2,), (1,)])
        assert store.rows("select count(*) from numbers")[0][0] == 0


def test_a_file_of_an_older_schema_is_brought_forward_once(tmp_path: Path) -> None:
    with Database(tmp_path / "a.db", STEPS) as store, store.writing() as connection:
        connection.execute("insert into numbers values (7)")
    for _ in range(2):
        with Database(tmp_path / "a.db", MORE) as store:
            assert store.rows("select n from numbers")[0][0] == 7
            assert [row["name"] for row in store.rows("select name from names")] == ["first"]


def test_a_file_of_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    Database(tmp_path / "a.db", MORE).close()
    with pytest.raises(RegistryError, match=r"a\.db: its schema has version 2, this triplebar knows up to 1; install"):
        Database(tmp_path / "a.db", STEPS)
    with Database(tmp_path / "a.db", MORE) as store:
        assert store.rows("select name from names")[0]["name"] == "first"


def test_another_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("time,close\n" * 100)
    with pytest.raises(RegistryError, match="is no store of triplebar"):
        Database(path, STEPS)
    assert path.read_text() == "time,close\n" * 100


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RegistryError, match="choose a file in a folder that you may write to"):
        Database(tmp_path / "file" / "a.db", STEPS)


def test_a_writer_that_does_not_end_is_told_of(tmp_path: Path) -> None:
    with Database(tmp_path / "a.db", STEPS) as store, Database(tmp_path / "a.db", STEPS, wait_seconds=0.1) as other:
        with (
            store.writing(),
            pytest.raises(RegistryError, match=r"another process has been writing for 0\.1 s"),
            other.writing(),
        ):
            pytest.fail("two writers at once")
        with other.writing() as connection:
            connection.execute("insert into numbers values (1)")
        assert len(store.rows("select n from numbers")) == 1


def test_threads_write_one_after_the_other(tmp_path: Path) -> None:
    with Database(tmp_path / "a.db", STEPS) as store:

        def write(first: int) -> None:
            for n in range(first, first + 20):
                with store.writing() as connection:
                    connection.execute("insert into numbers values (?)", (n,))

        threads = [threading.Thread(target=write, args=(start * 20,)) for start in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [row["n"] for row in store.rows("select n from numbers order by n")] == list(range(80))


def _insert(path: Path, first: int) -> None:
    with Database(path, STEPS) as store:
        for n in range(first, first + 20):
            with store.writing() as connection:
                connection.execute("insert into numbers values (?)", (n,))


def test_processes_use_one_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    started = multiprocessing.get_context("spawn")
    workers = [started.Process(target=_insert, args=(path, start * 20)) for start in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    with sqlite3.connect(path) as connection:
        assert connection.execute("select count(*), sum(n) from numbers").fetchone() == (40, sum(range(40)))


def test_a_full_disk_is_told_of_and_what_was_finished_is_kept(tmp_path: Path) -> None:
    with Database(tmp_path / "a.db", STEPS) as store:
        with store.writing() as connection:
            connection.execute("insert into numbers values (1)")
        # SQLite's own limit of pages gives the very error that a full disk gives.
        store._connection().execute("pragma max_page_count = 3")
        with pytest.raises(RegistryError, match="the disk is full; free some space"), store.writing() as connection:
            connection.executemany("insert into numbers values (?)", [(n,) for n in range(2, 5000)])
        store._connection().execute("pragma max_page_count = 100000")
        assert [row["n"] for row in store.rows("select n from numbers")] == [1]


def test_a_transaction_inside_another_is_a_part_of_it(tmp_path: Path) -> None:
    steps = (Migration("a", "create table a (n integer)"),)
    with Database(tmp_path / "runs.db", steps) as database:

        def fail() -> None:
            with database.writing():
                with database.writing() as inner:
                    inner.execute("insert into a values (1)")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert database.rows("select n from a") == []
        with database.writing() as outer:
            outer.execute("insert into a values (2)")
            with database.writing() as inner:
                inner.execute("insert into a values (3)")
        assert [row["n"] for row in database.rows("select n from a")] == [2, 3]


def test_a_transaction_that_cannot_be_ended_is_undone(tmp_path: Path) -> None:
    late = Migration("late", "create table late (n integer references numbers (n) deferrable initially deferred)")
    with Database(tmp_path / "a.db", (*STEPS, late)) as store:
        with pytest.raises(RegistryError, match="FOREIGN KEY"), store.writing() as connection:
            connection.execute("insert into late values (1)")  # the file hears of it at the very end, as of a full disk
        with store.writing() as connection:
            connection.execute("insert into numbers values (2)")
        with Database(tmp_path / "a.db", (*STEPS, late)) as other:
            assert [row["n"] for row in other.rows("select n from numbers")] == [2]
            assert other.rows("select count(*) from late")[0][0] == 0


def test_a_statement_alone_waits_for_a_writer_and_is_kept_or_not(tmp_path: Path) -> None:
    steps = (Migration("a", "create table a (n integer primary key)"),)
    path = tmp_path / "runs.db"
    with Database(path, steps) as one, Database(path, steps) as other, ThreadPoolExecutor(1) as pool:
        with one.writing() as connection:
            connection.execute("insert into a values (1)")
            waiting = pool.submit(other.write, "insert into a values (?)", (2,))
            one.write("insert into a values (?)", (3,))
            assert not waiting.done()
        waiting.result()
        with pytest.raises(RegistryError, match="UNIQUE"):
            other.write("insert into a values (?)", (1,))

        def fail() -> None:
            with one.writing():
                one.write("insert into a values (?)", (4,))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert [row["n"] for row in one.rows("select n from a order by n")] == [1, 2, 3]
