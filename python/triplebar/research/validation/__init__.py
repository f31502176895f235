"""Whether a choice of parameters is worth anything: windows, splits, verdicts, comparisons."""
