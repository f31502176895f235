"""Strategies: the base class, what they see, indicators, the bridge for simpler strategies, samples."""
