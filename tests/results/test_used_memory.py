"""Runs hand the memory of forgotten results on; results that are kept stay as they are."""

import triplebar as tb
from benches.strategies import Quotes


def test_a_result_that_is_kept_is_not_written_over() -> None:
    market = tb.Market.synthetic(bars=400, seed=3)
    kept = tb.run(Quotes(), market)
    before = kept.orders
    for distance in (0.05, 0.2, 0.5):
        forgotten = tb.run(Quotes(distance=distance), market)
        assert forgotten.orders.num_rows == before.num_rows
        assert forgotten.result_hash != kept.result_hash
        del forgotten
    assert kept.orders.equals(before)
    assert tb.run(Quotes(), market).result_hash == kept.result_hash
