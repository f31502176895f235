"""The Rust core equals the executable specification, bit for bit (F-070)."""

import pytest

from tests.parity.comparing import difference

CASES = 2_000
BATCH = 100


@pytest.mark.feature("F-070")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, CASES, BATCH))
def test_core_equals_reference(first: int) -> None:
    differences = [found for seed in range(first, first + BATCH) if (found := difference(seed))]
    assert not differences, "\n".join(differences)
