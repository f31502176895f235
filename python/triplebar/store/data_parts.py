"""Which data share bars: a window of a market is a part of it, and what was tried on one has seen the other.

A part is known by its digest, that of the whole, and its first and last time; a part of a part is a part.
"""

from __future__ import annotations

from typing import Final

from triplebar.store.database import Database

TREE: Final = """
    with recursive
    above (digest) as (
        select ?1 union select whole from data_parts join above on part = digest
    ),
    tree (digest, first_ns, last_ns) as (
        select digest, null, null from above
        union select part, data_parts.first_ns, data_parts.last_ns from data_parts join tree on whole = digest
    )
    select distinct digest from tree, (
        select min(first_ns) as mine_first_ns, max(last_ns) as mine_last_ns from data_parts where part = ?1
    )
    where digest <> ?1 and (
        first_ns is null or mine_first_ns is null or (first_ns <= mine_last_ns and mine_first_ns <= last_ns)
    )
    order by digest
"""
"""Everything that this is a part of, and of all that is in those what shares a moment with this."""
PUT: Final = "insert or ignore into data_parts (part, whole, first_ns, last_ns) values (?, ?, ?, ?)"


def put_part(database: Database, part: str, whole: str, first_ns: int, last_ns: int) -> None:
    """Remember that some data are a part of others, from the first to the last of their bars."""
    if part == whole or database.row("select 1 from data_parts where part = ? and whole = ?", (part, whole)):
        return
    with database.writing() as connection:
        connection.execute(PUT, (part, whole, first_ns, last_ns))


def sharing(database: Database, digest: str) -> list[str]:
    """Other data that share bars with these, as far as the store knows.

    >>> import tempfile
    >>> from triplebar.store.place import store_file
    >>> from triplebar.store.schema import STORE
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     database = Database(store_file(folder), STORE)
    ...     for number in range(3):
    ...         put_part(database, f"window {number}", "year", number * 10, number * 10 + 14)
    ...     found = sharing(database, "window 0"), sharing(database, "year")
    ...     database.close()
    >>> found
    (['window 1', 'year'], ['window 0', 'window 1', 'window 2'])
    """
    return [row["digest"] for row in database.rows(TREE, (digest,))]


def copy_parts(source: Database, target: Database) -> None:
    """Take in what another store knows."""
    rows = source.rows("select part, whole, first_ns, last_ns from data_parts")
    with target.writing() as connection:
        connection.executemany(PUT, [tuple(row) for row in rows])
