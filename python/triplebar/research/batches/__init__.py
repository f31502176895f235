"""Many runs at once: every combination of what was given as a list, each recorded as it ends."""
