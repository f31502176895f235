"""Scores of traders from what they traded: records, components, gates and a rank, as of a moment."""
