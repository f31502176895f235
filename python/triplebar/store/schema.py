"""What the tables of a store look like, as steps from one version of the schema to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Migration:
    """One step: statements separated by semicolons. A step that was published is never changed; a new one follows it.

    >>> Migration("two", "create table a (n integer); create table b (n integer)").statements
    ('create table a (n integer)', 'create table b (n integer)')
    """

    name: str
    script: str

    @property
    def statements(self) -> tuple[str, ...]:
        """The statements, one by one."""
        return tuple(each.strip() for each in self.script.split(";") if each.strip())


STORE: Final[tuple[Migration, ...]] = ()
"""The steps of a store of runs, the oldest first."""
