"""Engines: a strategy, a market and settings become facts."""
