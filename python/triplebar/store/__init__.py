"""What outlives a process: one SQLite file with an index of runs, batches, studies and trials, and tables beside it."""
