"""What is sent: a strategy with its market and settings to a guest, the facts of the run back."""

from __future__ import annotations

import importlib
import importlib.util
import io
import pickle
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from triplebar.contracts.errors import TranslationError
from triplebar.contracts.settings import Settings
from triplebar.contracts.tables import SCHEMAS
from triplebar.engines.base import Facts, TableFacts
from triplebar.engines.remote.frames import Frame, block_table, table_block

if TYPE_CHECKING:
    from triplebar.data.market import Market

MAIN: Final = "__main__"
PROTOCOL: Final = 4
"""The pickle protocol that every Python we run on knows."""


def pack_job(strategy: object, market: Market, settings: Settings) -> tuple[dict[str, Any], list[bytes]]:
    """A job as the values and blocks of a frame."""
    values = {"settings": settings.to_json(), "digest": market.digest, **origin_of(type(strategy))}
    try:
        packed = pickle.dumps((strategy, market.instruments, market.calendar), protocol=PROTOCOL)
    except Exception as problem:
        raise TranslationError(
            f"it cannot be sent to another process: {problem}",
            where=type(strategy).__name__,
            fix="define the class at the top of a file, and give it plain parameters",
        ) from problem
    return values, [table_block(market.table()), packed]


def origin_of(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever belongs to a module
    """Where the other side finds the class: the file of its module, and the folder that imports begin at."""
    module = sys.modules.get(kind.__module__)
    file = getattr(module, "__file__", None)
    if file is None or kind.__module__.partition(".")[0] == "triplebar":
        return {"module": kind.__module__, "file": None, "root": None}
    path = Path(file).resolve()
    depth = 0 if kind.__module__ == MAIN else kind.__module__.count(".")
    root = path.parents[depth]
    ours = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib", "stdlib")}
    return {"module": kind.__module__, "file": str(path), "root": None if root in ours else str(root)}


def unpack_job(frame: Frame) -> tuple[Any, Market, Settings]:
    """The job of a frame, on the other side."""
    from triplebar.data.market import Market

    if frame.values["root"] and frame.values["root"] not in sys.path:
        sys.path.insert(0, frame.values["root"])
    strategy, instruments, calendar = _Unpacker(frame.blocks[1], frame.values).load()
    market = Market.from_table(block_table(frame.blocks[0]), instruments, calendar=calendar)
    if market.digest != frame.values["digest"]:
        raise TranslationError("the market is another one on the other side", where="market", fix="please report it")
    return strategy, market, Settings.from_json(frame.values["settings"])


class _Unpacker(pickle.Unpickler):
    """Finds the strategy's class in its file, also where the file is a script."""

    def __init__(self, block: bytes, origin: Mapping[str, Any]) -> None:
        super().__init__(io.BytesIO(block))
        self.origin = origin

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
        if self.origin["file"] and module == self.origin["module"]:
            found: Any = load_file(module, self.origin["file"])
            for part in name.split("."):
                found = getattr(found, part)
            return found
        return super().find_class(module, name)


def load_file(module: str, file: str) -> Any:  # noqa: ANN401 - a module
    """Import a module by name, or from its file if it has no name here (a script, a test)."""
    if module != MAIN:
        try:
            return importlib.import_module(module)
        except ImportError:
            pass
    name = "triplebar_script" if module == MAIN else module
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, file)
        if spec is None or spec.loader is None:
            raise TranslationError("is no Python file", where=file, fix="put the strategy into a .py file")
        sys.modules[name] = made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
    return sys.modules[name]


def pack_facts(facts: Facts) -> tuple[dict[str, Any], list[bytes]]:
    """The facts of a run as the values and blocks of a frame."""
    values = {
        "labels": facts.labels,
        "warnings": list(facts.warnings),
        "interrupted": facts.interrupted,
        "ended_clock": facts.ended_clock,
    }
    return values, [*(table_block(facts.table(name)) for name in SCHEMAS), pickle.dumps(facts.logs, protocol=PROTOCOL)]


def unpack_facts(frame: Frame) -> TableFacts:
    """The facts of a frame."""
    tables = {name: block_table(block) for name, block in zip(SCHEMAS, frame.blocks, strict=False)}
    return TableFacts(tables, logs=pickle.loads(frame.blocks[-1]), **frame.values)  # noqa: S301 - from our own child
