"""`python -m triplebar.cli` is `triplebar`."""

import sys

from triplebar.cli import main

sys.exit(main())
