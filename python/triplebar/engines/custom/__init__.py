"""The Rust core as an engine."""

from triplebar.engines.custom.engine import CustomEngine

__all__ = ["CustomEngine"]
