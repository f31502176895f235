"""Run strategies, explain their orders, compare their results."""
