"""Guest engines in another Python: a crash, a hang or another version of a package stays over there."""

from triplebar.engines.remote.environment import EngineEnvironment

__all__ = ["EngineEnvironment"]
