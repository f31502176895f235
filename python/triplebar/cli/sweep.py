"""`triplebar sweep`: every set of a space of parameters, from options or from a study file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from triplebar.cli.codes import Exit
from triplebar.cli.columns import plain_columns
from triplebar.cli.leaving import going_on, kept_in
from triplebar.cli.located import Located, Place, read_located
from triplebar.cli.progress import LateBar, waiting
from triplebar.cli.ranges import listed
from triplebar.cli.schema_check import check_file
from triplebar.cli.settings_file import assignments, read_settings
from triplebar.cli.spaces import space_from
from triplebar.cli.sweep_schema import sweep_schema
from triplebar.cli.verdict import print_verdict
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.instruments import Instrument
from triplebar.data.market import Market
from triplebar.report.study_page import write_study_html
from triplebar.research.optimise import optimise
from triplebar.research.references import swept
from triplebar.research.requests import load_markets
from triplebar.research.sweep import Study, sweep
from triplebar.research.sweeping.space import Space
from triplebar.research.sweeping.standing import Standing
from triplebar.research.validation.verdict import Verdict

FILES: Final = (".toml", ".yaml", ".yml", ".json")
DIRECT: Final = ("engine", "mode", "metrics", "by", "smallest", "executor", "threads", "name")
"""What a file and `sweep` call by the same name."""
TOLD: Final = (
    *("sets", "finished", "failed", "evaluated", "resumed", "status"),
    *("executor", "workers", "evaluator", "seconds"),
)
TOP: Final = 10
FAILURES_SHOWN: Final = 5


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

    @property
    def top(self) -> int:
        """So many of the best are shown."""
        return int(self.values.get("top", TOP))


def options(
    strategy: str | None,
    data: list[Path] | None,
    param: list[str] | None,
    where: str | None,
    random: int | None,
    trials: int | None,
    seed: int | None,
) -> dict[str, Any]:
    """Options that say what is run, in the words of a study file."""
    found: dict[str, Any] = {"where": where}
    if strategy is not None and not strategy.endswith(FILES):
        found["strategy"] = _whole(strategy)
    if data:
        found["data"] = [str(each.resolve()) for each in data]
    if param:
        found["parameters"] = {name: values for name, _, values in (each.partition("=") for each in param)}
        if any("=" not in each for each in param):
            raise ConfigError(f"{param} is not name=values", where="--param", fix="write --param fast=5:45")
    drawn = {} if seed is None else {"seed": seed}
    if random is not None:
        found["random"] = {"count": random, **drawn}
    elif trials is not None:
        found["optuna"] = {"trials": trials, **drawn}
    elif drawn:
        raise ConfigError("needs --random or --trials", where="--seed", fix="write --set seed=1 for that of the runs")
    return found


def scenes(markets: list[str] | None, seeds: str | None) -> dict[str, Any]:
    """Options that say on what every set is run, in the words of a study file."""
    found: dict[str, Any] = {}
    if markets:
        named = [each.partition("=") for each in markets]
        if not all(name and file for name, _, file in named):
            raise ConfigError(f"{markets} is not name=file", where="--market", fix="write --market calm=calm.parquet")
        found["data"] = {
            name: [str(Path(file).resolve()) for other, _, file in named if other == name] for name, *_ in named
        }
    if seeds is not None:
        found["seeds"] = listed("--seeds", seeds)
    return found


def settings(config: Path | None, given: list[str] | None) -> dict[str, Any]:
    """Options that change the configuration, in the words of a study file."""
    found = read_settings(config)
    values: dict[str, Any] = {
        "config": dict(found.config),
        "parameters": {name: [value] for name, value in found.parameters.items()},
    }
    for name, value in assignments("--set", given or ()).items():
        *outer, last = name.split(".")
        values = merged(values, {"config": reduce(lambda inner, each: {each: inner}, reversed(outer), {last: value})})
    if found.instruments is not None:
        values["instruments"] = [each.to_mapping() for each in found.instruments]
    return {name: value for name, value in values.items() if value}


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both, the second before the first, tables inside tables too.

    >>> merged({"config": {"seed": 1, "fill": "next_open"}}, {"config": {"seed": 2}, "by": "sharpe"})
    {'config': {'seed': 2, 'fill': 'next_open'}, 'by': 'sharpe'}
    """
    found = dict(one)
    for name, value in other.items():
        inside = found.get(name)
        both = isinstance(inside, Mapping) and isinstance(value, Mapping)
        found[name] = merged(inside, value) if both else value  # type: ignore[arg-type] # both are mappings
    return found


def asked_for(study: str | None, given: Mapping[str, Any], *, resume: bool, html: Path | None) -> Asked:
    """Put a study file and options together, and check them as one.

    Paths of a file are from its folder, those of options from where the command is given.
    """
    file = Path(study) if study is not None and study.endswith(FILES) else None
    found = Located(Path("sweep"), {}) if file is None else read_located(file)
    values = dict(found.values)
    if file is not None:
        check_file(found, {**sweep_schema(), "required": []})
    there = {name: value for name, value in given.items() if value is not None and value is not False}
    values = merged(
        values, {name: _whole(str(each)) if isinstance(each, Path) else each for name, each in there.items()}
    )
    found = Located(found.path, values, found.lines).without(there)
    check_file(found, sweep_schema())
    return Asked(values, Path() if file is None else found.path.parent, found, resume, html)


def _whole(reference: str) -> str:
    """A path that means the same beside a file in another folder."""
    place, sign, name = reference.partition(":")
    return f"{Path(place).resolve()}{sign}{name}" if place.endswith((".py", ".db")) or "/" in place else reference


def sweep_strategy(asked: Asked, *, as_json: bool) -> int:
    """Run, print, and write the page if there is to be one."""
    errors = Console(stderr=True, emoji=False)
    study = _study(asked, errors)
    whole = study.metadata["status"] == "completed"
    if not as_json:
        _print(study, asked.top, Console(emoji=False), whole=whole)
    verdict = _verdict(study) if whole else None
    if as_json:
        print(json.dumps(_mapping(study, asked.top, verdict, whole=whole), allow_nan=False, default=str))
    elif verdict is not None:
        print_verdict(verdict, Console(emoji=False))
    if verdict is None:
        done = "all sets are done, the verdict is not" if whole else "this is what was done until then"
        text = f"interrupted: {done}; {going_on(asked.values.get('store'))}"
        errors.print(text, style="yellow", markup=False, highlight=False, soft_wrap=True)
        return Exit.INTERRUPTED
    if asked.html is not None:
        page = write_study_html(study, asked.html)
        errors.print(f"page: {page.resolve()}", markup=False, highlight=False, soft_wrap=True)
    return Exit.DIFFERENT if study.metadata["failed"] else Exit.OK


def _study(asked: Asked, console: Console) -> Study:
    values = asked.values
    told = asked.file.told
    with told("config"):
        config = BacktestConfig.from_mapping(dict(values.get("config", {})))
    space = _space(asked)
    options = {name: values[name] for name in DIRECT if name in values}
    if "store" in values:
        options |= {"store": asked.path(values["store"]), "resume": asked.resume}
    reference = str(values["strategy"])
    if reference.partition(":")[0].endswith(".py"):
        reference = str(asked.path(reference))
    with kept_in(reference), told("strategy"):
        strategy = swept(reference)
    market: Any = _markets(asked, config, console)
    with LateBar("sweeping", console) as bar, kept_in(reference), told():
        watch = partial(_note, bar)
        if "optuna" in values:
            how = {name: value for name, value in values["optuna"].items() if value is not None}
            return optimise(strategy, market, space, config, progress=bar, watch=watch, **how, **options)
        more = {name: values[name] for name in ("seeds", "block") if name in values}
        return sweep(strategy, market, space, config, progress=bar, watch=watch, **more, **options)


def _note(bar: LateBar, standing: Standing) -> None:
    """What a bar says beside how far it is: how fast, the best so far, the memory."""
    best = "" if standing.best is None else f", best {standing.best:.4g}"
    memory = "" if standing.resident_bytes is None else f", {standing.resident_bytes / 2**20:,.0f} MiB"
    bar.note = f"{standing.per_second:,.3g} sets/s{best}{memory}"


def _space(asked: Asked) -> Space:
    values = asked.values
    drawn = values.get("random", {})
    if drawn and "optuna" in values:
        raise ConfigError("random and optuna are both given", where="sweep", fix="leave one of them out")
    with asked.file.told():
        return space_from(
            values["parameters"],
            where=values.get("where"),
            count=drawn.get("count"),
            seed=drawn.get("seed", 0),
            chosen="optuna" in values,
        )


def _markets(asked: Asked, config: BacktestConfig, console: Console) -> Market | dict[str, Market]:
    """One market, or several by name, which are an axis of the sweep."""
    data = asked.values["data"]
    if isinstance(data, Mapping):
        return {name: _market(asked, each, ("data", name), config, console) for name, each in data.items()}
    return _market(asked, data, ("data",), config, console)


def _market(asked: Asked, data: str | list[str], place: Place, config: BacktestConfig, console: Console) -> Market:
    values = asked.values
    files = [data] if isinstance(data, str) else data
    rows = values.get("instruments")
    options = {name: values[name] for name in ("time_zone", "columns", "sort") if name in values}
    with waiting(f"loading {', '.join(files)}", console), asked.file.told(*place):
        return load_markets(
            [asked.path(each) for each in files],
            instruments=None if rows is None else [Instrument.from_mapping(each) for each in rows],
            calendar=config.calendar,
            **options,
        )


def _mapping(study: Study, top: int, verdict: Verdict | None, *, whole: bool) -> dict[str, Any]:
    return {
        "study": study.id,
        "digest": study.digest if whole else None,
        **{name: study.metadata[name] for name in TOLD},
        "by": study.by,
        "best": study.best(top).to_pylist(),
        "failures": study.failures.slice(0, FAILURES_SHOWN).to_pylist(),
        "verdict": None if verdict is None else verdict.to_mapping(),
    }


def _verdict(study: Study) -> Verdict | None:
    """Judge the study, which takes as long as running some sets again; None after Ctrl-C."""
    try:
        with waiting("judging", Console(stderr=True, emoji=False)):
            return study.verdict
    except KeyboardInterrupt:
        return None


def _print(study: Study, top: int, console: Console, *, whole: bool) -> None:
    best = study.best(top)
    rows = [[row[name] for name in best.column_names] for row in best.to_pylist()]
    if rows:
        print(plain_columns([name.replace("_", " ") for name in best.column_names], rows))
    known = study.metadata
    ended = f"{known['finished']:,} of {known['sets']:,} sets, {known['failed']:,} failed, {known['seconds']:,.1f} s"
    print(f"{ended}; {known['evaluator']} on {known['executor']}, best by {study.by.replace('_', ' ')}")
    if known["resumed"]:
        print(f"{known['resumed']:,} were there already")
    for row in study.failures.slice(0, FAILURES_SHOWN).to_pylist():
        text = f"set {row['set']}: {row['error']}: {row['message']}"
        console.print(text, style="yellow", markup=False, highlight=False, soft_wrap=True)
    print(f"study: {study.id}")
    if whole:
        print(f"digest: {study.digest}")
