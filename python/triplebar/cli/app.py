"""The commands, their options and what they print."""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from triplebar.cli import batch as batch_command
from triplebar.cli import checks as check_command
from triplebar.cli import demo as demo_command
from triplebar.cli import engines as engine_commands
from triplebar.cli import inspect as inspect_commands
from triplebar.cli import report as report_command
from triplebar.cli import run as run_command
from triplebar.cli import runs as runs_commands
from triplebar.cli import snapshots as snapshot_commands
from triplebar.cli import study_options
from triplebar.cli import sweep as sweep_command
from triplebar.cli import trials as trials_command
from triplebar.cli import twin as twin_command
from triplebar.cli import verify as verify_command
from triplebar.cli import walkforward as walk_command
from triplebar.cli.codes import Exit, exit_code
from triplebar.cli.reading import reading
from triplebar.cli.study_file import asked_for
from triplebar.cli.sweep_schema import SWEEP_ALONE, sweep_schema, walk_schema

HELP: Final = """Write a trading strategy once, run it on several engines, get one answer.

Exit codes: 0 fine; 1 a difference or faults were found; 2 wrong usage or configuration; 3 bad data; 4 the strategy
raised; 5 a defect of triplebar; 130 interrupted.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
data = typer.Typer(help="Look at market data.", no_args_is_help=True)
app.add_typer(data, name="data")
data.command("snapshot")(snapshot_commands.snapshot)
data.command("list")(snapshot_commands.list_snapshots)
data.command("verify")(snapshot_commands.verify)
data.command("gc")(snapshot_commands.gc)
app.add_typer(runs_commands.app, name="runs")
app.command()(batch_command.batch)
engines = typer.Typer(help="Engines: which there are, and guests in Pythons of their own.")
app.add_typer(engines, name="engines")
checks = typer.Typer(help="Look for knowledge of the future, and for what should not matter.", no_args_is_help=True)
app.add_typer(checks, name="check")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
TimeZoneOption = Annotated[
    str | None, typer.Option(help="The zone of times that are stored without one: UTC, America/New_York.")
]
ColumnOption = Annotated[
    list[str] | None, typer.Option(help="Where a column has another name: close='Adj Close'. Repeat it.")
]
SortOption = Annotated[bool, typer.Option("--sort", help="Bring the rows in order instead of refusing them.")]
EngineOption = Annotated[
    str, typer.Option(help="custom (Rust), reference (plain Python), or a guest: backtrader, nautilus.")
]
FidelityOption = Annotated[str, typer.Option(help="strict: our rules of filling; native: those of the guest.")]


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the code an error comes from.")] = False,  # noqa: FBT002
) -> None:
    """Take what all commands share."""
    del debug  # run_app has looked for it


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="The picture to write.")] = Path("triplebar-demo.html"),
    bars: Annotated[int, typer.Option(min=10, help="How many hourly bars to make up.")] = 17_520,
    engine: EngineOption = "custom",
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Run a moving-average cross on a made-up market, and draw a picture of it."""
    return demo_command.demo(out, bars, engine, as_json=as_json)


@app.command()
def run(  # noqa: PLR0913, PLR0917 - one parameter for each option
    strategy: Annotated[str, typer.Argument(help="file.py, file.py:Class or package.module:Class")],
    data_file: Annotated[
        list[Path],
        typer.Option("--data", help="Parquet or CSV: time, symbol, open, high, low, close, volume. Repeat it."),
    ],
    param: Annotated[list[str] | None, typer.Option(help="A parameter of the strategy: fast=5. Repeat it.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML, JSON or YAML.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="A field of the configuration: commission_bps=1. Repeat it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write a dated run folder, with a picture, under this one.")] = None,
    store: Annotated[Path | None, typer.Option(help="Keep the run in this store, such as runs.db.")] = None,
    snapshot: Annotated[bool, typer.Option("--snapshot", help="Keep its data in the store, too.")] = False,  # noqa: FBT002
    engine: EngineOption = "custom",
    fidelity: FidelityOption = "strict",
    mode: Annotated[str, typer.Option(help="interpreted, compiled (no Python in the loop), or auto.")] = "interpreted",
    time_zone: TimeZoneOption = None,
    column: ColumnOption = None,
    sort: SortOption = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Run a strategy on a file of bars."""
    given = (tuple(param or ()), config, tuple(setting or ()), out, engine, fidelity, mode)
    kept = run_command.Kept(store, snapshot)
    asked = run_command.Asked(strategy, tuple(data_file), *given, reading(time_zone, column, sort=sort), kept)
    return run_command.run_strategy(asked, as_json=as_json)


@data.command("check")
def check(
    file: Annotated[list[Path], typer.Argument(help="Parquet or CSV files; several are one table.")],
    calendar: Annotated[str, typer.Option(help="24/7, or an exchange such as XNYS, for gaps.")] = "24/7",
    time_zone: TimeZoneOption = None,
    column: ColumnOption = None,
    sort: SortOption = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Say everything that is wrong with files of bars, at once; the options are those of `run`."""
    return inspect_commands.check_data(file, calendar, reading(time_zone, column, sort=sort), as_json=as_json)


@app.command()
def explain(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    order: Annotated[int, typer.Argument(help="The number of an order.")],
    data_file: Annotated[
        Path | None, typer.Option("--data", help="The bars of the run, to say how near the price came.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Tell why an order ended as it did: the facts, and the rules behind them."""
    return inspect_commands.explain_order(run_folder, order, data_file, as_json=as_json)


@app.command()
def report(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    data_file: Annotated[
        list[Path] | None, typer.Option("--data", help="The bars of the run, to show the trades on them. Repeat it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="report.html, .md, .txt, .json, or a folder for CSV.")] = None,
) -> int:
    """Write the report of a run: a page with charts, or what the name of the file asks for."""
    return report_command.write_report(run_folder, data_file or [], out)


@app.command()
def compare(
    left: Annotated[Path, typer.Argument(metavar="A", help="The folder of a run.")],
    right: Annotated[Path, typer.Argument(metavar="B", help="The folder of another run.")],
    rung: Annotated[int, typer.Option(min=0, max=3, help="How near is near enough: 0 equal bit for bit.")] = 0,
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Find the first difference between two runs."""
    return inspect_commands.compare_runs(left, right, rung, as_json=as_json)


@app.command()
def twin(
    strategy: Annotated[str, typer.Argument(help="file.py, file.py:Class or package.module:Class")],
    data_file: Annotated[
        list[Path],
        typer.Option("--data", help="Parquet or CSV: time, symbol, open, high, low, close, volume. Repeat it."),
    ],
    param: Annotated[list[str] | None, typer.Option(help="A parameter of the strategy: fast=5. Repeat it.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML, JSON or YAML.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="A field of the configuration: commission_bps=1. Repeat it.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Run a strategy interpreted and compiled, and show the first difference. 0 if there is none, 1 if there is."""
    asked = twin_command.Asked(strategy, tuple(data_file), tuple(param or ()), config, tuple(setting or ()))
    return twin_command.twin_strategy(asked, as_json=as_json)


@app.command()
def verify(  # noqa: PLR0913, PLR0917 - one argument for each option
    strategy: Annotated[str, typer.Argument(help="file.py, file.py:Class or package.module:Class")],
    data_file: Annotated[
        list[Path],
        typer.Option("--data", help="Parquet or CSV: time, symbol, open, high, low, close, volume. Repeat it."),
    ],
    engines: Annotated[str, typer.Option(help="Names of engines, the one to compare with first.")] = "custom,reference",
    mode: Annotated[str, typer.Option(help="strict: one fill model for all. native: each its own.")] = "strict",
    param: Annotated[list[str] | None, typer.Option(help="A parameter of the strategy: fast=5. Repeat it.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML, JSON or YAML.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="A field of the configuration: commission_bps=1. Repeat it.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write what was found as a page.")] = None,
    explain: Annotated[bool, typer.Option(help="Split the difference by cause.")] = True,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Run a strategy on several engines: do they agree, where do they part, and why. 0 if they agree, 1 if not."""
    asked = verify_command.Asked(
        strategy, tuple(data_file), engines, mode, tuple(param or ()), config, tuple(setting or ()), html, explain
    )
    return verify_command.verify_strategy(asked, as_json=as_json)


@app.command()
def sweep(  # noqa: PLR0913, PLR0917 - one argument for each option
    strategy: Annotated[
        str | None, typer.Argument(help="file.py, file.py:Name, package.module:Name; or a study file: study.toml")
    ] = None,
    data_file: Annotated[list[Path] | None, typer.Option("--data", help="Parquet or CSV files. Repeat it.")] = None,
    market: Annotated[
        list[str] | None, typer.Option(help="One of several markets: calm=calm.parquet. Repeat it.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(help="fast=5:45, slow=50:200:10, kind=a,b, rate=log:1e-4:1:5; width=uniform:1:3. Repeat it."),
    ] = None,
    where: Annotated[str | None, typer.Option(help="A condition on the parameters: 'fast < slow'.")] = None,
    random: Annotated[int | None, typer.Option(help="Draw so many sets instead of running all.")] = None,
    trials_count: Annotated[int | None, typer.Option("--trials", help="Let Optuna choose so many sets.")] = None,
    seed: Annotated[int | None, typer.Option(help="The seed of what is drawn or chosen.")] = None,
    seeds: Annotated[str | None, typer.Option(help="Run every set with each of these seeds: 0:4 or 1,2,3.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML, JSON or YAML.")] = None,
    setting: Setting = None,
    metric: Annotated[list[str] | None, typer.Option(help="A further metric of each set. Repeat it.")] = None,
    by: Annotated[str | None, typer.Option(help="The metric that decides what is best; sharpe if left out.")] = None,
    smallest: Annotated[bool, typer.Option("--smallest", help="The best is the smallest.")] = False,  # noqa: FBT002
    top: Annotated[int | None, typer.Option(min=1, help="So many of the best are shown.")] = None,
    executor: Annotated[str | None, typer.Option(help="threads, processes, ray, or ray://host:10001.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="At most so many workers.")] = None,
    engine: Annotated[str | None, typer.Option(help="custom, reference, or a guest.")] = None,
    mode: Annotated[str | None, typer.Option(help="auto, interpreted or compiled.")] = None,
    store: Annotated[Path | None, typer.Option(help="Keep what is finished in this file, and go on from it.")] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="Keep so many of the best in the store, as runs.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on with a study that is there, or begin it anew.")] = True,  # noqa: FBT002
    name: Annotated[str | None, typer.Option(help="What you call the study.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write what was found as a page.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of study files.")] = False,  # noqa: FBT002
    time_zone: TimeZoneOption = None,
    column: ColumnOption = None,
    sort: SortOption = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Run every set of a space of parameters; 0 if all succeeded, 1 if some failed."""
    if schema:
        print(json.dumps(sweep_schema(), indent=2))
        return Exit.OK
    options = {
        **study_options.merged(
            study_options.settings(config, setting),
            study_options.options(
                strategy, data=data_file, param=param, where=where, random=random, trials=trials_count, seed=seed
            ),
        ),
        **study_options.scenes(market, seeds),
        "metrics": metric,
        "by": by,
        "smallest": smallest,
        "top": top,
        "executor": executor,
        "threads": threads,
        "engine": engine,
        "mode": mode,
        "store": store,
        "keep": keep,
        "name": name,
        **reading(time_zone, column, sort=sort),
    }
    asked = asked_for("sweep", strategy, options, sweep_schema(), resume=resume, html=html)
    return sweep_command.sweep_strategy(asked, as_json=as_json)


@app.command()
def walkforward(  # noqa: PLR0913, PLR0917 - one argument for each option
    strategy: Annotated[
        str | None, typer.Argument(help="file.py, file.py:Name, package.module:Name; or a study file: study.toml")
    ] = None,
    data_file: Annotated[list[Path] | None, typer.Option("--data", help="Parquet or CSV files. Repeat it.")] = None,
    train: Annotated[
        str | None, typer.Option(help="How long the window is in which the best set is chosen: 180d.")
    ] = None,
    test: Annotated[str | None, typer.Option(help="How long the window is in which it is looked at: 30d.")] = None,
    param: Annotated[
        list[str] | None, typer.Option(help="Values of a parameter: fast=5:45, slow=50:200:10, kind=a,b. Repeat it.")
    ] = None,
    where: Annotated[str | None, typer.Option(help="A condition on the parameters: 'fast < slow'.")] = None,
    random: Annotated[int | None, typer.Option(help="Draw so many sets instead of running all.")] = None,
    seed: Annotated[int | None, typer.Option(help="The seed of what is drawn.")] = None,
    embargo: Annotated[str | None, typer.Option(help="What is left out between the two; nothing if left out.")] = None,
    step: Annotated[
        str | None, typer.Option(help="From one window to the next; as long as a test if left out.")
    ] = None,
    anchored: Annotated[
        bool | None, typer.Option("--anchored/--rolling", help="Training always begins with the data, or rolls on.")
    ] = None,
    select: Annotated[
        str | None, typer.Option(help="The metric by which the best is chosen; sharpe if left out.")
    ] = None,
    smallest: Annotated[bool, typer.Option("--smallest", help="The best is the smallest.")] = False,  # noqa: FBT002
    metric: Annotated[list[str] | None, typer.Option(help="A further metric of each set. Repeat it.")] = None,
    executor: Annotated[str | None, typer.Option(help="threads, processes, ray, or ray://host:10001.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="At most so many workers.")] = None,
    engine: Annotated[str | None, typer.Option(help="custom, reference, or a guest.")] = None,
    mode: Annotated[str | None, typer.Option(help="auto, interpreted or compiled.")] = None,
    warmup: Annotated[int | None, typer.Option(min=0, help="Ticks before each window that do not trade.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML, JSON or YAML.")] = None,
    setting: Setting = None,
    store: Annotated[Path | None, typer.Option(help="Keep the sweeps, and count their trials, in this store.")] = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Keep so many of the best of each window in the store, as runs.")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on with sweeps that are there, or begin anew.")] = True,  # noqa: FBT002
    name: Annotated[str | None, typer.Option(help="What you call the walk.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write what was found as a page.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of study files.")] = False,  # noqa: FBT002
    time_zone: TimeZoneOption = None,
    column: ColumnOption = None,
    sort: SortOption = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Choose the best parameters on each window, and run them on the window that follows."""
    if schema:
        print(json.dumps(walk_schema(), indent=2))
        return Exit.OK
    windows = {
        "train": train,
        "test": test,
        "step": step,
        "embargo": embargo,
        "anchored": anchored,
        "select": select,
        "smallest": smallest or None,
        "warmup": warmup,
    }
    options = {
        **study_options.merged(
            study_options.settings(config, setting),
            study_options.options(strategy, data=data_file, param=param, where=where, random=random, seed=seed),
        ),
        "walk_forward": windows,
        "metrics": metric,
        "executor": executor,
        "threads": threads,
        "engine": engine,
        "mode": mode,
        "store": store,
        "keep": keep,
        "name": name,
        **reading(time_zone, column, sort=sort),
    }
    given = ("walkforward", strategy, options, walk_schema())
    asked = asked_for(*given, resume=resume, html=html, others=SWEEP_ALONE)
    return walk_command.walk_strategy(asked, as_json=as_json)


@app.command()
def trials(
    data_file: Annotated[
        str | None, typer.Argument(metavar="DATA", help="A file of bars, or how the digest of data begins; else all.")
    ] = None,
    store: Annotated[Path, typer.Option(help="The store that counted.")] = Path("runs.db"),
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Say how much was ever tried on some data, and how many independent trials that is worth."""
    return trials_command.show_trials(data_file, store, as_json=as_json)


@engines.callback(invoke_without_command=True)
def list_engines(context: typer.Context, as_json: JsonOption = False) -> int | None:  # noqa: FBT002
    """Say which engines there are, in which version, and where; add and remove those in other Pythons."""
    if context.invoked_subcommand is None:
        return engine_commands.show(as_json=as_json)
    return None


@engines.command("add")
def add_engine(
    engine: Annotated[str, typer.Argument(help="backtrader or nautilus")],
    version: Annotated[str | None, typer.Option(help="The version of its package; the latest if left out.")] = None,
    python: Annotated[str | None, typer.Option(help="The Python to make the environment of.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Make an environment for a guest with pip; runs in it are processes of their own."""
    return engine_commands.add(engine, version, python, as_json=as_json)


@engines.command("remove")
def remove_engine(name: Annotated[str, typer.Argument(help="As in the list: nautilus@1.231.0")]) -> int:
    """Delete the environment of a guest."""
    return engine_commands.remove(name)


CheckedStrategy = Annotated[str, typer.Argument(help="file.py, file.py:Class or package.module:Class")]
CheckedData = Annotated[list[Path], typer.Option("--data", help="Parquet or CSV files of bars. Repeat it.")]
Parameters = Annotated[list[str] | None, typer.Option(help="A parameter of the strategy: fast=5. Repeat it.")]
ConfigFile = Annotated[Path | None, typer.Option(help="TOML, JSON or YAML.")]
Setting = Annotated[
    list[str] | None, typer.Option("--set", help="A field of the configuration: commission_bps=1. Repeat it.")
]


@checks.command()
def causality(
    strategy: CheckedStrategy,
    data_file: CheckedData,
    engine: EngineOption = "custom",
    cuts: Annotated[int, typer.Option(min=1, help="At how many bars the future is changed.")] = 12,
    param: Parameters = None,
    config: ConfigFile = None,
    setting: Setting = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Change the future: nothing before may move. 0 if nothing does, 1 if something knows the future."""
    asked = check_command.Asked(
        strategy, tuple(data_file), tuple(param or ()), config, tuple(setting or ()), engine, cuts
    )
    return check_command.check_causality_of(asked, as_json=as_json)


@checks.command()
def irrelevance(
    strategy: CheckedStrategy,
    data_file: CheckedData,
    engine: EngineOption = "custom",
    param: Parameters = None,
    config: ConfigFile = None,
    setting: Setting = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Change what should not matter: no order may move. 0 if none does, 1 if one does."""
    asked = check_command.Asked(strategy, tuple(data_file), tuple(param or ()), config, tuple(setting or ()), engine)
    return check_command.check_irrelevance_of(asked, as_json=as_json)


@app.command()
def version(as_json: JsonOption = False) -> int:  # noqa: FBT002
    """Say what is installed."""
    return inspect_commands.show_version(as_json=as_json)


def run_app(arguments: list[str]) -> int:
    """Run one command; every error is one message, and an exit code."""
    debug = "--debug" in arguments
    try:
        code: Any = app(args=arguments, standalone_mode=False, prog_name="triplebar")
    except KeyboardInterrupt:
        code = int(Exit.INTERRUPTED)
    except Exception as problem:  # noqa: BLE001 - the last line of defence
        return _failed(problem, debug=debug, as_json="--json" in arguments)
    if code == Exit.INTERRUPTED and not isinstance(code, Exit):  # no command said so: typer did
        print("interrupted", file=sys.stderr)
    return int(code or Exit.OK)


def _failed(problem: Exception, *, debug: bool, as_json: bool) -> int:
    if hasattr(problem, "show") and hasattr(problem, "exit_code"):  # wrong arguments, found by typer
        problem.show()
        return Exit.USAGE
    if type(problem).__name__ == "Abort":  # what some versions of typer make of Ctrl-C
        print("interrupted", file=sys.stderr)
        return Exit.INTERRUPTED
    if debug:
        traceback.print_exception(problem)
    code = exit_code(problem)
    text = str(problem)
    if code == Exit.INTERNAL:
        text = f"{type(problem).__name__}: {text}; this is a defect of triplebar, --debug shows where"
    if as_json:
        print(json.dumps({"error": type(problem).__name__, "message": text, "exit_code": int(code)}))
    Console(stderr=True, emoji=False).print(
        f"error: {text}", style="red", markup=False, highlight=False, soft_wrap=True
    )
    return code
