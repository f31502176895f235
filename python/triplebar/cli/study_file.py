"""Study files of `sweep` and `walkforward`: what they hold, changed by options, and what they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from triplebar.cli.leaving import kept_in
from triplebar.cli.located import Located, Place, read_located
from triplebar.cli.progress import waiting
from triplebar.cli.schema_check import check_file, with_parts_missing
from triplebar.cli.spaces import space_from
from triplebar.cli.study_options import FILES, merged, said
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.instruments import Instrument
from triplebar.data.market import Market
from triplebar.research.references import swept
from triplebar.research.requests import load_markets
from triplebar.research.sweeping.space import Space


@dataclass(frozen=True)
class Asked:
    """A study as a file describes it, changed by what stands on the command line."""

    values: Mapping[str, Any]
    folder: Path
    """Paths of the file are from here."""
    file: Located
    """What stands in the file, with its lines."""
    resume: bool = True
    html: Path | None = None

    def path(self, name: str) -> Path:
        """A path from the folder of the file."""
        return self.folder / name

    def those(self, names: tuple[str, ...]) -> dict[str, Any]:
        """The values that are there, of some."""
        return {name: self.values[name] for name in names if name in self.values}

    @property
    def reference(self) -> str:
        """The strategy, as a reference that can be followed from here."""
        reference = str(self.values["strategy"])
        return str(self.path(reference)) if reference.partition(":")[0].endswith(".py") else reference

    @property
    def storing(self) -> dict[str, Any]:
        """Where what is finished is kept, and whether it is gone on with."""
        return {"store": self.path(self.values["store"]), "resume": self.resume} if "store" in self.values else {}

    def config(self) -> BacktestConfig:
        """The configuration."""
        with self.file.told("config"):
            return BacktestConfig.from_mapping(dict(self.values.get("config", {})))

    def space(self) -> Space:
        """The sets of parameters."""
        drawn = self.values.get("random", {})
        if drawn and "optuna" in self.values:
            where = self.file.where(("optuna",))
            raise ConfigError("random and optuna are both given", where=where, fix="leave one of them out")
        with self.file.told():
            return space_from(
                self.values["parameters"],
                where=self.values.get("where"),
                count=drawn.get("count"),
                seed=drawn.get("seed", 0),
                chosen="optuna" in self.values,
            )

    def strategy(self) -> Any:  # noqa: ANN401 - a class, a rule or a function
        """What is swept."""
        with kept_in(self.reference), self.file.told("strategy"):
            return swept(self.reference)

    def markets(self, calendar: str, console: Console) -> Any:  # noqa: ANN401 - a market, or several by name
        """One market, or several by name, which are an axis of the sweep."""
        data = self.values["data"]
        if isinstance(data, Mapping):
            return {name: self._market(each, ("data", name), calendar, console) for name, each in data.items()}
        return self._market(data, ("data",), calendar, console)

    def _market(self, data: str | list[str], place: Place, calendar: str, console: Console) -> Market:
        files = [data] if isinstance(data, str) else data
        rows = self.values.get("instruments")
        with waiting(f"loading {', '.join(files)}", console), self.file.told(*place):
            return load_markets(
                [self.path(each) for each in files],
                instruments=None if rows is None else [Instrument.from_mapping(each) for each in rows],
                calendar=calendar,
                **self.those(("time_zone", "columns", "sort")),
            )


def asked_for(
    command: str,
    study: str | None,
    given: Mapping[str, Any],
    schema: Mapping[str, Any],
    *,
    resume: bool,
    html: Path | None,
    others: Mapping[str, str] | None = None,
) -> Asked:
    """Put a study file and options together, and check them as one.

    Paths of a file are from its folder, those of options from where the command is given. `others` are the values that
    only another command can use, and what to do about them.
    """
    file = Path(study) if study is not None and study.endswith(FILES) else None
    found = Located(Path(command), {}) if file is None else read_located(file)
    for name, fix in (others or {}).items():
        if name in found.values:
            raise ConfigError(f"{name} cannot be used here", where=found.where((name,)), fix=fix)
    if file is not None:
        check_file(found, with_parts_missing(schema))
    there = said(given)
    values = merged(found.values, there)
    found = Located(found.path, values, found.lines).without(there)
    check_file(found, schema)
    return Asked(values, Path() if file is None else found.path.parent, found, resume, html)
