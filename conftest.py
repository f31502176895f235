"""What every test of the repository shares, doctests included."""

import os
import signal
from pathlib import Path

from hypothesis import settings

pytest_plugins = ["tests.house.status_plugin"]

# What a shell began in the background ignores Ctrl-C, and so do its children: tests of Ctrl-C would be about nothing.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Compiled strategies of the tests are kept beside what pytest keeps, not among the user's.
os.environ.setdefault("TRIPLEBAR_CACHE", str(Path(__file__).parent / ".pytest_cache" / "triplebar"))

# A run of the tests is repeatable: the same examples every time. `--hypothesis-profile=explore` looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=1_000)
settings.load_profile("repeatable")
