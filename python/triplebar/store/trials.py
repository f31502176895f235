"""The ledger of trials: how much was ever tried on some data, counted by itself, across sessions and processes.

An evaluation is known by a key, a hash of the parameters and of everything else that can change its numbers, so that
one that is run twice counts once. Keys of the same data and strategy are counted together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from triplebar.contracts.errors import ConfigError, NotFound
from triplebar.contracts.result import RunResult
from triplebar.contracts.suggest import hint
from triplebar.store.clock import now_ns
from triplebar.store.data_parts import copy_parts, put_part, sharing
from triplebar.store.distinct import Distinct, Keys
from triplebar.store.registry import Registry
from triplebar.store.trial_keys import family_key, key_of, of_run

KEYS: Final = "select keys from trials where data_digest = ? and family = ?"
WHOLES: Final = """
    with recursive tops (digest, top, last_ns) as (
        select data_digest, data_digest, last_ns from trials
        union select digest, whole, tops.last_ns from tops join data_parts on part = top
    )
    select top as digest from tops where top not in (select part from data_parts)
    group by top order by max(last_ns) desc, top
"""
"""Data that are a part of no others, with something that was tried on them or on a part of them."""
NOTHING: Final = Distinct.of(np.zeros(0, dtype=np.uint64))
COLUMNS: Final = "data_digest, family, strategy, keys, evaluations, correlation, first_ns, last_ns"


@dataclass(frozen=True)
class Trials:
    """What was tried of one strategy on some data."""

    data_digest: str
    family: str
    """What the strategy is: a hash of its code."""
    strategy: str
    """Its name."""
    trials: int
    """Different evaluations; exact up to some thousands, within a percent beyond."""
    exact: bool
    evaluations: int
    """All evaluations that were reported, the same ones again included."""
    correlation: float | None
    """The mean correlation of the returns of two of them, if it was ever measured."""
    first_ns: int
    last_ns: int
    shared: int = 0
    """Those of `trials` that were made on other data, which share bars with these."""

    @property
    def effective(self) -> float:
        """How many independent trials these are worth; all of them if nobody has measured."""
        share = self.correlation or 0.0
        return share + (1.0 - share) * self.trials


class TrialLedger(Registry):
    """The trials of a store.

    >>> import tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder, TrialLedger(folder) as ledger:
    ...     for _ in range(2):
    ...         _ = ledger.add("data", "f1", "Cross", np.array([1, 2, 3], dtype=np.uint64))
    ...     found = ledger.of("data")[0]
    >>> found.trials, found.evaluations
    (3, 6)
    """

    def add(self, data_digest: str, family: str, strategy: str, keys: Keys) -> int:
        """Count evaluations; how many different ones there are now of this strategy on these data."""
        return self.put(data_digest, family, strategy, keys).count

    def put(self, data_digest: str, family: str, strategy: str, keys: Keys) -> Distinct:
        """Count evaluations, and do not ask how many there are now, which takes as long."""
        now = now_ns()
        with self.database.writing() as connection:
            whole = _counted(connection, data_digest, family).including(keys)
            connection.execute(
                "insert into trials (data_digest, family, strategy, keys, evaluations, first_ns, last_ns)"
                " values (?, ?, ?, ?, ?, ?, ?) on conflict (data_digest, family) do update set keys = excluded.keys,"
                " evaluations = evaluations + excluded.evaluations, last_ns = excluded.last_ns",
                (data_digest, family, strategy, whole.to_bytes(), int(keys.size), now, now),
            )
        return whole

    def add_run(self, result: RunResult) -> int:
        """Count a single run, once: the same evaluation as the set of a sweep with its parameters."""
        known, name = result.identify(), result.record.strategy  # and not its metadata, which hash all tables
        if result.market is not None:
            self.relate(result.market)
        what, parameters = result.tried_as or of_run(name, known.strategy_digest, known.parameters)
        key = key_of(parameters, {"config": known.config_hash})
        here = str(self.database.path.absolute())
        count = self.add(known.data_digest, family_key(what), what["name"], key[: here not in result.counted_in])
        result.counted_in.add(here)
        return count

    def measured(self, data_digest: str, family: str, correlation: float) -> None:
        """Keep how much the trials of a strategy are alike, measured anew."""
        if not 0.0 <= correlation <= 1.0:
            raise ConfigError.of("correlation", correlation, "must be from 0 to 1", fix="take a negative one as 0")
        self.database.write(
            "update trials set correlation = ? where data_digest = ? and family = ?",
            (correlation, data_digest, family),
        )

    def relate(self, market: Any) -> None:  # noqa: ANN401 - a market, of which a store knows nothing
        """Remember what a market is a window of."""
        if market.whole is not market:
            first, last = (int(market.clock[place]) for place in (0, -1))
            put_part(self.database, market.digest, market.whole.digest, first, last)

    def of(self, data_digest: str) -> list[Trials]:
        """What was tried on some data and on others that share bars with them, what was tried most first.

        The same parameters on another window are another trial.
        """
        families: dict[str, list[Trials]] = {}
        for digest in (data_digest, *sharing(self.database, data_digest)):
            for each in self._on(digest):
                families.setdefault(each.family, []).append(each)
        found = [_together(data_digest, each) for each in families.values()]
        return sorted(found, key=lambda each: (-each.trials, each.strategy, each.family))

    def _on(self, data_digest: str) -> list[Trials]:
        """What was tried on exactly these data."""
        rows = self.database.rows(f"select {COLUMNS} from trials where data_digest = ?", (data_digest,))  # noqa: S608
        return [_trials(dict(row)) for row in rows]

    def elsewhere(self, data_digest: str, family: str) -> float:
        """How many independent trials other strategies are worth on the same data."""
        return sum(each.effective for each in self.of(data_digest) if each.family != family)

    def data(self) -> list[str]:
        """The digests of all data that something was tried on, the latest first; windows are not told by themselves."""
        return [row["digest"] for row in self.database.rows(WHOLES)]

    def _digests(self) -> list[str]:
        """Of windows, too."""
        query = "select data_digest from trials union select whole from data_parts order by data_digest"
        return [row["data_digest"] for row in self.database.rows(query)]

    def find(self, digest: str) -> str:
        """The whole digest that begins so."""
        known = self._digests()
        found = [each for each in known if each.startswith(digest)]
        if len(found) != 1:
            problem = "no trial is known" if not found else f"{len(found)} data sets begin so"
            fix = hint(digest, known) if known else "sweep with store=... first"
            raise NotFound(f"{problem} on data {digest!r}", where=str(self.database.path), fix=fix)
        return found[0]

    def merge(self, other: TrialLedger) -> None:
        """Take in what another store has counted; doing so again changes nothing.

        Of `evaluations` the larger number is kept, since nobody can tell which are the same.
        """
        copy_parts(other.database, self.database)
        for digest in other._digests():
            for each in other._on(digest):
                self._take_in(other, each)

    def _take_in(self, other: TrialLedger, each: Trials) -> None:
        row = other.database.rows(KEYS, (each.data_digest, each.family))[0]
        theirs = Distinct.read(row["keys"])
        with self.database.writing() as connection:
            whole = _counted(connection, each.data_digest, each.family).union(theirs)
            connection.execute(
                "insert into trials (data_digest, family, strategy, keys, evaluations, correlation, first_ns, last_ns)"
                " values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (data_digest, family) do update set"
                " keys = excluded.keys, evaluations = max(evaluations, excluded.evaluations),"
                " correlation = min(coalesce(correlation, excluded.correlation), coalesce(excluded.correlation,"
                " correlation)),"
                " first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns)",
                (
                    each.data_digest,
                    each.family,
                    each.strategy,
                    whole.to_bytes(),
                    each.evaluations,
                    each.correlation,
                    each.first_ns,
                    each.last_ns,
                ),
            )


def _counted(connection: sqlite3.Connection, data_digest: str, family: str) -> Distinct:
    """What is counted already."""
    row = connection.execute(KEYS, (data_digest, family)).fetchone()
    return NOTHING if row is None else Distinct.read(row["keys"])


def _trials(row: dict[str, object]) -> Trials:
    keys = row.pop("keys")
    found = Distinct.read(keys if isinstance(keys, bytes) else b"")
    return Trials(**row, trials=found.count, exact=found.exact)  # type: ignore[arg-type]


def _together(data_digest: str, found: Iterable[Trials]) -> Trials:
    """The trials of one strategy on some data and on those that share bars with them.

    How much trials are alike is what was measured on the data themselves, else the least that was measured elsewhere;
    those of which nobody knows are all different.
    """
    every = list(found)
    own = [each for each in every if each.data_digest == data_digest]
    if len(every) == len(own):
        return own[0]
    measured = [each.correlation for each in own or every]
    known = [each for each in measured if each is not None]
    trials = sum(each.trials for each in every)
    return Trials(
        data_digest,
        every[0].family,
        every[0].strategy,
        trials=trials,
        exact=all(each.exact for each in every),
        evaluations=sum(each.evaluations for each in every),
        correlation=min(known) if len(known) == len(measured) else None,
        first_ns=min(each.first_ns for each in every),
        last_ns=max(each.last_ns for each in every),
        shared=trials - sum(each.trials for each in own),
    )
