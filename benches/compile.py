"""Compile the native limits with the machine's own C compiler when a bench begins."""

import ctypes
import importlib.util
import os
import subprocess
import sysconfig
from functools import cache
from pathlib import Path
from types import ModuleType

SOURCE = Path(__file__).parent / "native"
BUILD = Path(__file__).parent / "build"
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-fPIC", "-shared", "-Wall", "-Werror")


@cache
def loop() -> ctypes.CDLL:
    """Give the hand-written loops."""
    return ctypes.CDLL(str(_compiled("loop", "")))


@cache
def recording() -> ctypes.CDLL:
    """Give the same loops, which keep a record as well."""
    return ctypes.CDLL(str(_compiled("loop", "-DRECORD", "record")))


@cache
def sweep() -> ctypes.CDLL:
    """Give the hand-written sweep."""
    return ctypes.CDLL(str(_compiled("sweep", "")))


@cache
def floor() -> ModuleType:
    """Give the extension module that calls a Python strategy from a native loop."""
    path = _compiled("callback", f"-I{sysconfig.get_paths()['include']}")
    found = importlib.util.spec_from_file_location("floor", path)
    if found is None or found.loader is None:
        message = f"{path} is not an extension module of this interpreter"
        raise ImportError(message)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _compiled(name: str, option: str, target_name: str = "") -> Path:
    BUILD.mkdir(exist_ok=True)
    target = BUILD / f"{target_name or name}{sysconfig.get_config_var('EXT_SUFFIX')}"
    compiler = os.environ.get("CC", "cc")
    command = [compiler, *FLAGS, *filter(None, [option]), str(SOURCE / f"{name}.c"), "-o", str(target)]
    subprocess.run(command, check=True)
    return target
