"""Backtrader as a guest."""

from triplebar.engines.backtrader.engine import BacktraderEngine

__all__ = ["BacktraderEngine"]
