"""Engines that follow other rules than the ones they are asked for: our own core, told something else."""

from __future__ import annotations

from typing import Any

from triplebar.contracts.errors import UnsupportedSettingError
from triplebar.engines.base import Hooks
from triplebar.engines.custom import CustomEngine
from triplebar.engines.custom.facts import NativeFacts
from triplebar.research.verify.switches import changed


class Stranger(CustomEngine):
    """Our core under settings that nobody asked for; nothing it says tells which."""

    name = "stranger"

    def __init__(self, **values: Any) -> None:
        """What it does otherwise, by the names of settings."""
        self.values = values

    def run(self, strategy: Any, market: Any, settings: Any, hooks: Hooks | None = None, **_: Any) -> NativeFacts:
        return super().run(strategy, market, changed(settings, self.values), hooks)


class Refusing(CustomEngine):
    """An engine that refuses whatever it is asked for."""

    name = "refusing"

    def run(self, *_: Any, **__: Any) -> NativeFacts:
        raise UnsupportedSettingError("it does not do that", where="fill", fix="use engine='custom'")


class Interrupted(CustomEngine):
    """An engine during which somebody presses Ctrl-C."""

    name = "interrupted"

    def run(self, *_: Any, **__: Any) -> NativeFacts:
        raise KeyboardInterrupt
