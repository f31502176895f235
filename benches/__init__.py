"""Named workloads beside their practical limits: `python -m benches`."""
