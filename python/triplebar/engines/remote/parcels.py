"""What is sent: a strategy with its market and settings to a guest, the facts of the run back."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import io
import linecache
import pickle
import sys
import sysconfig
import threading
from collections.abc import Mapping
from importlib.machinery import SourceFileLoader
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
_loading = threading.RLock()
"""A worker may have several threads, which all want the same file at first."""
_loaded: dict[str, str] = {}
"""The versions of the modules that were imported for somebody else."""


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
    """Where the other side finds the class: the file of its module, as it is now, and the folder imports begin at."""
    module = sys.modules.get(kind.__module__)
    file = getattr(module, "__file__", None)
    if file is None or kind.__module__.partition(".")[0] == "triplebar":
        return {"module": kind.__module__, "file": None, "root": None, "version": None}
    path = Path(file).resolve()
    depth = 0 if kind.__module__ == MAIN else kind.__module__.count(".")
    root = path.parents[depth]
    ours = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib", "stdlib")}
    if root in ours:
        return {"module": kind.__module__, "file": str(path), "root": None, "version": None}
    return {"module": kind.__module__, "file": str(path), "root": str(root), "version": _version(path)}


def _version(path: Path) -> str | None:
    """A hash of what a file says."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError:
        return None


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
            return found_in(load_file(self.origin), name)
        return super().find_class(module, name)


def found_in(module: Any, name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """What stands under a name with dots."""
    for part in name.split("."):
        module = getattr(module, part)
    return module


def load_file(origin: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a module
    """Import a module by name, or from its file if it has no name here (a script, a test); anew, if it was edited.

    A worker that lives on must not run the code of yesterday: it remembers which version of a file it has.
    """
    module, version = str(origin["module"]), origin.get("version")
    with _loading:
        if module == MAIN:
            return _from_file(f"triplebar_script_{version}", origin)
        try:
            found = importlib.import_module(module)
        except ImportError:
            found = _from_file(module, origin)
        if version is not None and _loaded.setdefault(module, version) != version:
            importlib.invalidate_caches()
            linecache.checkcache()
            found = _reloaded(found, origin)
            _loaded[module] = version
        return found


class _AsItIs(SourceFileLoader):
    """Reads a file, and not what was compiled of it: that may be of the same second, and of another text."""

    def path_stats(self, path: str) -> Mapping[str, Any]:
        """Say that nothing is known of the file, so that it is read."""
        raise OSError(path)


def _from_file(name: str, origin: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a module
    if name not in sys.modules:
        file = str(origin["file"])
        loader = _AsItIs(name, file) if file.endswith(".py") else None
        spec = importlib.util.spec_from_file_location(name, file, loader=loader)
        if spec is None or spec.loader is None:
            raise TranslationError("is no Python file", where=file, fix="put the strategy into a .py file")
        sys.modules[name] = made = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(made)
        except BaseException:
            del sys.modules[name]  # half of a module is none
            raise
    return sys.modules[name]


def _reloaded(module: Any, origin: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a module
    """The module by what its file says now; what was made of it before stays as it was."""
    name = module.__name__
    before = sys.modules.pop(name)
    try:
        return _from_file(name, origin)
    except BaseException:
        sys.modules[name] = before
        raise


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
