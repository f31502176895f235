"""Honest statistics: how sure a figure is, and how much of it is the luck of having tried often."""
