"""NautilusTrader as a guest engine; `nautilus_trader` itself is imported when a run begins."""

from triplebar.engines.nautilus.engine import NautilusEngine

__all__ = ["NautilusEngine"]
